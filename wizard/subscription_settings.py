from odoo import api, fields, models


class SubscriptionSettings(models.TransientModel):
    """The settings of this addon, for who runs the contracts: Odoo's own settings are
    for its system administrators alone."""

    _name = "subscription.settings"
    _inherit = ["subscription.settings.mixin"]
    _description = "Subscription Settings"

    company_id = fields.Many2one(readonly=True)

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
