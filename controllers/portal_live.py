from odoo.http import request

from .portal_client import ClientPortal, client_page


class LivePortal(ClientPortal):
    """The figures that the gauges of a client's pages show."""

    # Not in several languages: scripts, which ask for it, are sent to no other address.
    @client_page("/live", multilang=False)
    def live_figures(self, client, **_values):
        """Answer with the figures of the pools of a client, and the channels on which
        changes are told."""
        pools = request.env["subscription.seat.pool"]
        headers = [("Cache-Control", "no-store")]
        return request.make_json_response(pools._get_live_of(client), headers=headers)
