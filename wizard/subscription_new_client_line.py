from odoo import api, fields, models

from .subscription_licence_figures_mixin import LICENCE_FIGURES


class SubscriptionNewClientLine(models.TransientModel):
    """The seats of one module that a new client gets, and the licences they take."""

    _name = "subscription.new.client.line"
    _inherit = ["subscription.licence.figures.mixin"]
    _description = "Seats of a New Client"

    new_client_id = fields.Many2one(
        "subscription.new.client", required=True, ondelete="cascade"
    )
    module_id = fields.Many2one("subscription.module", required=True)
    seats = fields.Integer()
    is_unlimited = fields.Boolean(string="Unlimited")

    @api.depends("new_client_id.figures", "module_id")
    def _compute_figures(self):
        for wizard, lines in self.grouped("new_client_id").items():
            figures = dict(wizard.figures or [])
            for line in lines:
                line.update(figures.get(line.module_id._origin.id, LICENCE_FIGURES))
