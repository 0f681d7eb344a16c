from odoo import fields, models
from odoo.exceptions import UserError

from ...billing import Schedule


class SubscriptionBillingTerms(models.Model):
    """How the periods of one subscription are billed from a day on.

    The plan's at the start of the subscription, and not changed with the plan: what is
    billed is what was agreed. The vendor sets others from the next period on.
    """

    _name = "subscription.billing.terms"
    _inherit = [
        "subscription.billing.terms.mixin",
        "subscription.immutable.mixin",
    ]
    _description = "Billing Terms of a Subscription"
    _order = "subscription_id, since, id"
    _rec_name = "subscription_id"

    subscription_id = fields.Many2one(
        "sale.subscription", required=True, ondelete="cascade", index=True
    )
    client_id = fields.Many2one(
        related="subscription_id.client_id", store=True, index=True
    )
    company_id = fields.Many2one(related="subscription_id.company_id", store=True)
    since = fields.Date(
        required=True, help="First day of the first period that they hold for."
    )
    paid_by = fields.Selection(
        [("licences", "Licences"), ("period", "Period")], required=True
    )
    period_unit = fields.Selection(
        [
            ("days", "Days"),
            ("weeks", "Weeks"),
            ("months", "Months"),
            ("years", "Years"),
        ],
        required=True,
    )
    period_count = fields.Integer(required=True)

    _since_unique = models.UniqueIndex(
        "(subscription_id, since)", "There are billing terms from that day on already."
    )
    _period_count_positive = models.Constraint(
        "CHECK (period_count > 0)", "A period lasts one day at least."
    )

    def _get_edit_refusal(self):
        return UserError(
            self.env._(
                "Billing terms stay as they were agreed. Set others from the next"
                " period on, by Change Billing on the subscription."
            )
        )

    def _get_interval(self):
        return self.period_unit or "months", max(self.period_count, 1)

    def _get_schedule(self):
        """Return the ``Schedule`` of the periods."""
        self.ensure_one()
        return Schedule(
            self.since, self.period_unit, self.period_count, self.billing_aligned
        )

    def _get_values(self):
        """Return what these terms agree, without the day from which on."""
        self.ensure_one()
        own = {name: self[name] for name in ("paid_by", "period_unit", "period_count")}
        return self._get_terms_values() | own
