from odoo import models


class IrWebsocket(models.AbstractModel):
    _inherit = "ir.websocket"

    def _after_subscribe_data(self, data):
        """Tell a restricted user of nobody out of reach who is there: Odoo takes a
        token that somebody was given earlier."""
        if self.env.user._is_restricted():
            data["missed_presences"] = data["missed_presences"].filtered(
                self._is_presence_known
            )
        super()._after_subscribe_data(data)

    def _is_presence_known(self, presence):
        # sudo: the field of a presence is only compared with what may be read.
        persona = presence.sudo().user_id.partner_id or presence.sudo().guest_id
        return persona.sudo(False).has_access("read")
