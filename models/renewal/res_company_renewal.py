from odoo import fields, models


class ResCompany(models.Model):
    """When terms are renewed by themselves."""

    _inherit = "res.company"

    self_renewal_days = fields.Integer(
        string="Renewing by Itself (days before the end)",
        default=14,
        help="Days before the end of a term on which subscriptions that renew by"
        " themselves do so. What is missing then is told to the partner, and tried"
        " again each day until the grace period is over.",
    )

    _self_renewal_days_range = models.Constraint(
        "CHECK (self_renewal_days BETWEEN 0 AND 365)",
        "Subscriptions can renew by themselves from 0 to 365 days before their end.",
    )


class SubscriptionSettingsMixin(models.AbstractModel):
    _inherit = "subscription.settings.mixin"

    self_renewal_days = fields.Integer(
        related="company_id.self_renewal_days", readonly=False
    )
