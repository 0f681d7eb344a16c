from odoo import fields, models


class SubscriptionSettingsMixin(models.AbstractModel):
    """What stands on documents."""

    _inherit = "subscription.settings.mixin"

    document_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Currency of Documents"
    )
    document_legal_form = fields.Char(
        related="company_id.document_legal_form", readonly=False
    )
    document_capital = fields.Monetary(
        related="company_id.document_capital",
        currency_field="document_currency_id",
        readonly=False,
    )
    document_register = fields.Char(
        related="company_id.document_register", readonly=False
    )
    document_penalty = fields.Selection(
        related="company_id.document_penalty", readonly=False
    )
    document_penalty_rate = fields.Float(
        related="company_id.document_penalty_rate", readonly=False
    )
    document_recovery_fee = fields.Monetary(
        related="company_id.document_recovery_fee",
        currency_field="document_currency_id",
        readonly=False,
    )
    document_no_discount = fields.Boolean(
        related="company_id.document_no_discount", readonly=False
    )
