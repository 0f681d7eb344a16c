from odoo import models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

# What fits on one line of an invoice.
MAX_PURCHASE_ORDER = 64


class SaleSubscription(models.Model):
    """What a client reads and sets of its invoices in the portal. What others pay for
    its subscription is theirs: it is not told."""

    _inherit = "sale.subscription"

    def write(self, vals):
        """Change subscriptions; another purchase order number of the client, whoever
        enters it, is noted in the audit trail."""
        changed = self._get_changed(vals, {"purchase_order"})
        before = {record: record.purchase_order for record in changed}
        result = super().write(vals)
        changed._log_purchase_order(before)
        return result

    def _log_purchase_order(self, before):
        """Note the numbers ``before`` and now. The client reads the trail, so that of
        somebody else who pays is left out."""
        entries = [
            {
                "event": "purchase_order",
                "client_id": record.client_id.id,
                "subscription_id": record.id,
                "old_value": before[record],
                "new_value": record.purchase_order,
            }
            for record in self
            if record._is_paid_by_client()
        ]
        self.env["subscription.log"]._log_entries(entries)

    def _is_paid_by_client(self):
        """Return whether the client itself pays for the periods of today."""
        self.ensure_one()
        # sudo: the rule is the same whoever asks.
        record = self.sudo()
        # All at once: what follows would read them field by field.
        record.billing_terms_ids.mapped("since")
        if not record.is_billed_by_period:
            return False
        return record._get_current_terms().billing_payer == "client"

    def _is_effect_known(self):
        """Leave users of the portal out where somebody else pays."""
        is_told = not self.env.user._is_portal() or self._is_paid_by_client()
        return is_told and super()._is_effect_known()

    def _get_next_day_text(self):
        """Return in a sentence when the next invoice is due, for the client; what it
        bills takes longer to find out."""
        self.ensure_one()
        if not self._is_paid_by_client():
            return self._get_unpaid_text(self)
        if not self.recurring_next_date:
            return self._get_next_text(None)
        return self._get_invoice_day_text(self.recurring_next_date)

    def _get_invoice_day_text(self, day):
        return self.env._(
            "The next invoice is due on %(day)s.", day=format_date(self.env, day)
        )

    def _get_client_invoice_texts(self):
        """Return ``{subscription: sentence on its next invoice}`` for the client."""
        paying = self.filtered(lambda one: one._is_paid_by_client())
        foreseen = paying._foresee()
        texts = {one: self._get_unpaid_text(one) for one in self - paying}
        return texts | {
            one: one._get_client_invoice_text(foreseen.get(one)) for one in paying
        }

    def _get_unpaid_text(self, subscription):
        if not subscription.managing_partner_id:
            return ""
        return self.env._("You get no invoices for it: your partner pays.")

    def _get_client_invoice_text(self, foreseen):
        if foreseen and foreseen.obstacle:
            # What is in the way is for whoever bills to know.
            return self._get_invoice_day_text(foreseen.day)
        if not foreseen:
            return self._get_next_text(foreseen)
        own = [
            self._get_invoice_text(foreseen.day, one)
            for one in self._foresee_invoices(foreseen)
            if one.plan.payer == self.client_id
        ]
        return " ".join(own) or self._get_unpaid_text(self)

    def _set_purchase_order(self, number):
        """Set the number that the client, who pays, wants to read on its invoices.

        :raise ValidationError: when it does not fit, or somebody else pays
        """
        number = " ".join(number.split())
        if len(number) > MAX_PURCHASE_ORDER:
            raise ValidationError(
                self.env._(
                    "A purchase order number has up to %(most)s characters.",
                    most=MAX_PURCHASE_ORDER,
                )
            )
        for record in self:
            if not record._is_paid_by_client():
                raise ValidationError(
                    self.env._(
                        "%(subscription)s: somebody else pays for it, and sets the"
                        " number.",
                        subscription=record.display_name,
                    )
                )
            if (record.purchase_order or "") != number:
                record.purchase_order = number or False


class SubscriptionStatement(models.Model):
    """The statements that a client reads in the portal."""

    _inherit = "subscription.statement"

    def _get_portal_domain(self, client):
        """Return the domain of the statements that ``client`` may read: those of
        posted invoices that it pays itself."""
        return [
            ("client_id", "=", client.id),
            ("payer_id", "=", client.id),
            ("state", "!=", "void"),
            ("move_id.state", "=", "posted"),
        ]
