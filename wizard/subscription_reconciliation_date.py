from odoo import fields, models
from odoo.tools import format_date


class SubscriptionReconciliationDate(models.TransientModel):
    _name = "subscription.reconciliation.date"
    _description = "Reconciliation on a Date"

    date = fields.Date(
        required=True, default=lambda self: self.env.company._get_today()
    )

    def action_open(self):
        """Open the reconciliation of the date.

        :raise ValidationError: when it is none that is reckoned with
        """
        self.ensure_one()
        self._verify_day(self.date)
        return self._open_action(
            "subscription_reconciliation_action",
            display_name=self.env._(
                "Reconciliation of %(date)s", date=format_date(self.env, self.date)
            ),
            context={"reconciliation_date": fields.Date.to_string(self.date)},
        )
