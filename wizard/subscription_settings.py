from odoo import api, fields, models


class SubscriptionSettings(models.TransientModel):
    """The settings of this addon, for who runs the contracts: Odoo's own settings are
    for its system administrators alone."""

    _name = "subscription.settings"
    _description = "Subscription Settings"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
    )
    seat_warning_rate = fields.Integer(
        related="company_id.seat_warning_rate", readonly=False
    )
    seat_full_rate = fields.Integer(related="company_id.seat_full_rate", readonly=False)
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

    @api.depends_context("lang")
    def _compute_display_name(self):
        self.display_name = self.env._("Settings")

    @api.model_create_multi
    def create(self, vals_list):
        """Set what ``vals_list`` says, for the company that the user works in."""
        self.check_access("create")
        company_id = self.env.company.id
        vals_list = [{**vals, "company_id": company_id} for vals in vals_list]
        # sudo: who runs the contracts need not be able to change companies.
        return super(SubscriptionSettings, self.sudo()).create(vals_list).sudo(False)

    def write(self, vals):
        """Set what ``vals`` says, for the company that these are of."""
        self.check_access("write")
        vals = {name: value for name, value in vals.items() if name != "company_id"}
        return super(SubscriptionSettings, self.sudo()).write(vals)
