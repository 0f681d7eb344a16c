from odoo.http import request

from .portal_client import ClientPortal, client_action, client_page

PATH = "/undo"


class RemovalPortal(ClientPortal):
    """What was removed within 24 hours, and undoing it."""

    @client_page(PATH)
    def removals(self, client, **values):
        return self._render_removals(client)

    @client_action(f"{PATH}/<int:removal_id>")
    def undo_removal(self, client, removal_id, **values):
        """Undo a removal, and show what came back and what did not."""
        removal = self._get_own("subscription.removal", client, removal_id)
        # Another page than the one that was sent to: to load it again does nothing.
        result = self._get_url(client, f"{PATH}/{removal.id}/result")
        return self._attempt(
            removal._undo,
            lambda _undone: request.redirect(result),
            lambda error: self._render_removals(client, error=error),
        )

    @client_page(f"{PATH}/<int:removal_id>/result")
    def removal_result(self, client, removal_id, **values):
        removal = self._get_own("subscription.removal", client, removal_id)
        if not removal.undone_at:
            return request.redirect(self._get_url(client, PATH))
        return self._render_client(
            client, "portal_removal_result", "members", removal=removal
        )

    def _render_removals(self, client, **values):
        removals = request.env["subscription.removal"].sudo()
        since = removals._get_open_since()
        return self._render_client(
            client,
            "portal_removals",
            "members",
            removals=removals.search(
                [("client_id", "=", client.id), ("date", ">=", since)]
            ),
            **values,
        )
