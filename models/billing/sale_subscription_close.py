from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount

from .sale_subscription_coterminate import MOST_FORESEEN


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

    def action_close_subscription(self):
        """Open the dialog that closes this subscription."""
        self.ensure_one()
        action = super().action_close_subscription()
        name = self.env._("Close the subscription of %s", self.client_id.display_name)
        return dict(action, name=name)

    def _credit_unused(self):
        """Let the days after the closing be credited that were billed."""
        self.check_access("write")
        billed = self.filtered("is_billed_by_period")
        # sudo: whoever may close it decides what becomes of the days.
        billed.sudo()._set({"credits_unused": True})

    # ------------------------------------------------------------------ preview

    def _get_closing_text(self, credit):
        """Return in sentences what closing this subscription today bills and gives
        back, and on which days; False where it does not run or nothing is known.

        :param bool credit: whether days after today that were billed are credited
        """
        if not (self.in_progress and self.managing_partner_id):
            return False
        if not self.is_billed_by_period:
            return self.env._(
                "Licences pay for this subscription: closing it bills nothing, and no"
                " licences come back."
            )
        # sudo: who may close the subscription is told what it costs.
        record = self.sudo()
        foreseen = record._foresee_closing(credit)
        texts = [record._get_next_text(one) for one in foreseen or [None]]
        if not credit:
            texts.append(record._get_kept_text(foreseen))
        return "\n".join(filter(None, texts))

    def _foresee_closing(self, credit):
        """Return the ``Foreseen`` invoices that are left if this subscription is closed
        today: by the code that makes them."""
        ledger = self._load_ledgers().get(self) if self.billing_terms_ids else None
        if not ledger:
            return []
        ledger.try_closing(ledger.today, credit)
        return self._foresee_many({self: ledger}, MOST_FORESEEN)[0].get(self, [])

    def _get_kept_text(self, foreseen):
        """Return in a sentence what stays billed for days after today: by how much more
        ``foreseen`` comes to than if those were credited."""
        credited = self._foresee_closing(credit=True)
        kept, left = (sum(map(self._get_untaxed, one)) for one in (foreseen, credited))
        if self.currency_id.compare_amounts(kept, left) <= 0:
            return False
        return self.env._(
            "Days after today that were billed stay billed: %(amount)s without taxes.",
            amount=format_amount(self.env, kept - left, self.currency_id),
        )


class CloseReasonWizard(models.TransientModel):
    """What becomes of days that were billed when a subscription is closed."""

    _inherit = "close.reason.wizard"

    subscription_id = fields.Many2one(
        "sale.subscription", compute="_compute_subscription_id"
    )
    is_billed_by_period = fields.Boolean(
        related="subscription_id.is_billed_by_period", exportable=False
    )
    credit_unused = fields.Boolean(
        string="Credit unused days that were billed",
        help="Days after today that an invoice has billed are given back by a credit"
        " note tomorrow. Otherwise they stay billed.",
    )

    closing_text = fields.Text(
        compute="_compute_closing_text",
        help="What is billed and credited if it is closed.",
    )

    @api.depends_context("active_id")
    def _compute_subscription_id(self):
        given = self.env.context.get("active_id")
        subscriptions = self.env["sale.subscription"]
        found = subscriptions.search([("id", "=", given if type(given) is int else 0)])
        self.subscription_id = found

    @api.depends("credit_unused")
    @api.depends_context("active_id", "lang")
    def _compute_closing_text(self):
        for dialog in self:
            record = dialog.subscription_id
            text = record and record._get_closing_text(dialog.credit_unused)
            dialog.closing_text = text or False

    def button_confirm(self):
        """Close the subscription, as the dialog says.

        :raise UserError: when the dialog was opened without one
        """
        if not self.subscription_id:
            raise UserError(self.env._("Open a subscription to close it."))
        if self.credit_unused:
            self.subscription_id._credit_unused()
        return super().button_confirm()
