from werkzeug.exceptions import NotFound

from odoo.http import request

from .portal_client import ClientPortal, client_page


class LivePortal(ClientPortal):
    """The figures that the gauges of a client's pages show."""

    @client_page("/live")
    def live_figures(self, client_id, **_values):
        """Answer with the figures of the pools of a client, and the channels on which
        changes are told."""
        # Not _get_client: a page in the background chooses no client.
        client = self._get_clients().filtered(lambda one: one.id == client_id)
        if not client:
            raise NotFound
        pools = request.env["subscription.seat.pool"]
        headers = [("Cache-Control", "no-store")]
        return request.make_json_response(pools._get_live_of(client), headers=headers)
