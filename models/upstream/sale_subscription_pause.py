from odoo import models
from odoo.exceptions import UserError
from odoo.tools import format_date


class SaleSubscription(models.Model):
    """Guards against faults of subscription_oca, see docs/upstream.md."""

    _inherit = "sale.subscription"

    def action_open_pause_wizard(self):
        """Open the dialog that pauses this subscription."""
        action = super().action_open_pause_wizard()
        return dict(action, name=self.env._("Pause the subscription"))

    # Upstream says all this in English, to everybody, and writes dates as computers do.
    def action_pause(self, paused_until=None):
        """Pause this subscription, until a date or until it is resumed.

        :raise UserError: when it is closed, or paused already
        """
        self.ensure_one()
        self._verify_can_pause()
        self.write({"is_paused": True, "paused_until": paused_until or False})
        self.message_post(body=self._get_paused_text())

    def _verify_can_pause(self):
        """:raise UserError: when this subscription is closed, or paused already"""
        if self.stage_id.type == "post":
            raise UserError(
                self.env._("This subscription is closed, so it cannot be paused.")
            )
        if self.is_paused:
            raise UserError(self.env._("This subscription is paused already."))

    def _get_paused_text(self):
        """Return in a sentence that this subscription is paused, and until when."""
        if not self.paused_until:
            return self.env._("Paused.")
        until = format_date(self.env, self.paused_until)
        return self.env._("Paused until %(date)s.", date=until)

    def action_resume(self, automatic=False):
        """End the pause of this subscription.

        :param bool automatic: whether its day has come, and nobody did it
        :raise UserError: when it is not paused
        """
        self.ensure_one()
        if not self.is_paused:
            raise UserError(self.env._("This subscription is not paused."))
        self.write({"is_paused": False, "paused_until": False})
        by_itself = self.env._("Resumed by itself.")
        self.message_post(body=by_itself if automatic else self.env._("Resumed."))
