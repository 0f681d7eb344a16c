from odoo import fields, models


class SubscriptionSettingsMixin(models.AbstractModel):
    """The settings of this addon: those of the company that the user works in."""

    _name = "subscription.settings.mixin"
    _description = "Settings of Subscriptions"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    seat_warning_rate = fields.Integer(
        related="company_id.seat_warning_rate", readonly=False
    )
    seat_full_rate = fields.Integer(related="company_id.seat_full_rate", readonly=False)
    seat_alert_rhythm = fields.Selection(
        related="company_id.seat_alert_rhythm", readonly=False
    )
    invitation_days = fields.Integer(
        related="company_id.invitation_days", readonly=False
    )
    term_tz = fields.Selection(related="company_id.term_tz", readonly=False)
    renewal_warning_months = fields.Integer(
        related="company_id.renewal_warning_months", readonly=False
    )
    renewal_grace_days = fields.Integer(
        related="company_id.renewal_grace_days", readonly=False
    )
    renewal_notice_days = fields.Char(
        related="company_id.renewal_notice_days", readonly=False
    )
    renewal_notice_clients = fields.Boolean(
        related="company_id.renewal_notice_clients", readonly=False
    )
    legal_notice = fields.Boolean(related="company_id.legal_notice", readonly=False)
    legal_refusal_days = fields.Integer(
        related="company_id.legal_refusal_days", readonly=False
    )
