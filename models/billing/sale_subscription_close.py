from odoo import api, fields, models
from odoo.exceptions import UserError


class SaleSubscription(models.Model):
    """Closing subscriptions that are billed by the period."""

    _inherit = "sale.subscription"

    def _close(self, credit=False, reason=None):
        """Close this subscription with today as its last day, as the dialog does.

        :param bool credit: whether days after it that were billed are credited
        :param reason: a ``sale.subscription.close.reason``
        """
        self.ensure_one()
        dialogs = self.env["close.reason.wizard"].with_context(active_id=self.id)
        reason_id = reason.id if reason else False
        dialog = dialogs.create([{"close_reason_id": reason_id}])
        dialog.credit_unused = credit
        dialog.button_confirm()

    def _credit_unused(self):
        """Let the days after the closing be credited that were billed."""
        self.check_access("write")
        billed = self.filtered("is_billed_by_period")
        # sudo: whoever may close it decides what becomes of the days.
        billed.sudo()._set({"credits_unused": True})


class CloseReasonWizard(models.TransientModel):
    """What becomes of days that were billed when a subscription is closed."""

    _inherit = "close.reason.wizard"

    subscription_id = fields.Many2one(
        "sale.subscription", compute="_compute_subscription_id"
    )
    is_billed_by_period = fields.Boolean(related="subscription_id.is_billed_by_period")
    credit_unused = fields.Boolean(
        string="Credit unused days that were billed",
        help="Days after today that an invoice has billed are given back by a credit"
        " note tomorrow. Otherwise they stay billed.",
    )

    @api.depends_context("active_id")
    def _compute_subscription_id(self):
        given = self.env.context.get("active_id")
        subscriptions = self.env["sale.subscription"]
        found = subscriptions.search([("id", "=", given if type(given) is int else 0)])
        self.subscription_id = found

    def button_confirm(self):
        """Close the subscription, as the dialog says.

        :raise UserError: when the dialog was opened without one
        """
        if not self.subscription_id:
            raise UserError(self.env._("Open a subscription to close it."))
        if self.credit_unused:
            self.subscription_id._credit_unused()
        return super().button_confirm()
