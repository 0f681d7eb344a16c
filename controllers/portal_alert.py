from odoo.http import request

from .portal_client import ClientPortal, client_action


class AlertPortal(ClientPortal):
    """When a client is e-mailed that its seats run out."""

    @client_action("/alerts", "")
    def subscription_alerts(self, client, rhythm="", **_values):
        def save():
            client._set_alert_rhythm(rhythm)
            return request.env._("Saved.")

        def refuse(text):
            return self._return(client, "", text, kind="danger")

        return self._submit(client, save, "", refuse)
