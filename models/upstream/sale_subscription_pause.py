from odoo import api, models
from odoo.exceptions import UserError, ValidationError
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

        :raise UserError: when it is closed, or paused already, or the date is none, or
            is not after today
        """
        self.ensure_one()
        self._verify_can_pause()
        until = bool(paused_until) and self._read_day(paused_until)
        self.write({"is_paused": True, "paused_until": until})
        self.message_post(body=self._get_paused_text())

    def _verify_can_pause(self):
        """:raise UserError: when this subscription is closed, or paused already"""
        if self.stage_id.type == "post":
            raise UserError(
                self.env._("This subscription is closed, so it cannot be paused.")
            )
        if self.is_paused:
            raise UserError(self.env._("This subscription is paused already."))

    @api.constrains("paused_until")
    def _check_paused_until(self):
        """A pause ends after today; one that is over is ended by resuming."""
        for record in self.filtered("paused_until"):
            if record.paused_until <= record.company_id._get_today():
                raise ValidationError(
                    record.env._(
                        "%(subscription)s cannot be resumed by itself on %(day)s: this"
                        " day has to be after today. Choose a later one, or none to"
                        " resume it by hand.",
                        subscription=record.display_name,
                        day=format_date(record.env, record.paused_until),
                    )
                )

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
