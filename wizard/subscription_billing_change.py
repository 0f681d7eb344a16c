from odoo import api, fields, models
from odoo.tools import format_date


class SubscriptionBillingChange(models.TransientModel):
    """Other billing terms for one subscription, from the next period on."""

    _name = "subscription.billing.change"
    _inherit = ["subscription.billing.terms.mixin"]
    _description = "Change Billing"

    subscription_id = fields.Many2one("sale.subscription", required=True)
    period_unit = fields.Selection(
        lambda self: self.env["subscription.billing.terms"]._get_choices("period_unit"),
        string="Unit",
        required=True,
        default="months",
    )
    period_count = fields.Integer(string="Period", required=True, default=1)
    since = fields.Date(compute="_compute_since")
    since_text = fields.Char(compute="_compute_since")

    @api.model
    def default_get(self, fields_list):
        """Propose what holds for the subscription now."""
        values = super().default_get(fields_list)
        agreed = self._get_agreed(self._get_given(values, "subscription_id"))
        return {
            **values,
            **{name: agreed[name] for name in agreed if name in fields_list},
        }

    @api.model_create_multi
    def create(self, vals_list):
        """Begin with what holds now, but for what is given."""
        return super().create(
            [
                {
                    **self._get_agreed(self._get_given(vals, "subscription_id")),
                    **vals,
                }
                for vals in vals_list
            ]
        )

    @api.model
    def _get_agreed(self, subscription):
        """Return what was agreed last for ``subscription``, without who pays."""
        subscription = subscription.exists()
        subscription.check_access("read")
        # sudo: who changes the terms may see them.
        last = subscription.sudo().billing_terms_ids[-1:]
        values = last._get_values() if last else {}
        return {name: values[name] for name in values if name != "paid_by"}

    @api.depends("subscription_id")
    def _compute_since(self):
        for wizard in self:
            record = wizard.subscription_id
            record.check_access("read")
            # sudo: the day is the same whoever asks.
            noted = record.sudo() if record.sudo().billing_terms_ids else None
            wizard.since = noted and noted._get_next_period_start()
            wizard.since_text = noted and wizard.env._(
                "These terms will hold from %(day)s on, where the next period begins"
                " that is not billed yet. Earlier invoices stay as they are.",
                day=format_date(wizard.env, wizard.since),
            )

    def _get_interval(self):
        return self.period_unit or "months", max(self.period_count, 1)

    def action_change(self):
        """Agree to these terms, and say from when on they hold.

        :raise UserError: when the periods could not be billed by them
        """
        self.ensure_one()
        since = self.since
        own = {"period_unit": self.period_unit, "period_count": self.period_count}
        self.subscription_id._change_billing({**self._get_terms_values(), **own})
        return self._notify(
            self.env._(
                "The new billing terms hold from %(day)s on.",
                day=format_date(self.env, since),
            ),
            title=self.env._("Billing changed"),
        )
