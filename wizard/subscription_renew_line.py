from odoo import api, fields, models

from ..models.licence.stock_key import StockKey
from .subscription_licence_figures_mixin import LICENCE_FIGURES

# What a line shows of a stock, where `subscription.renew._get_figures` has nothing.
FIGURES = {
    **LICENCE_FIGURES,
    "client_count": 0,
    "is_unlimited": False,
    "used": 0,
    "seats_now": 0,
    "seats_next": 0,
}


class SubscriptionRenewLine(models.TransientModel):
    """What a renewal does to one stock: the licences of a partner for a module.

    Modules that take no licences, like the base module, have a line for their seats.
    """

    _name = "subscription.renew.line"
    _inherit = ["subscription.licence.figures.mixin"]
    _description = "Renewal per Stock"

    renew_id = fields.Many2one("subscription.renew", required=True, ondelete="cascade")
    partner_id = fields.Many2one("res.partner", string="Partner or Reseller")
    module_id = fields.Many2one("subscription.module", required=True)
    company_id = fields.Many2one("res.company")
    seats_each = fields.Integer(
        string="New Number", help="Seats of each client in the next term."
    )
    is_changed = fields.Boolean(
        string="Change Seats",
        help="Without it, each client keeps the seats of the module that it has now.",
    )
    client_count = fields.Integer(string="Clients", compute="_compute_figures")
    is_unlimited = fields.Boolean(string="Unlimited", compute="_compute_figures")
    used = fields.Integer(
        string="In Use", compute="_compute_figures", help="Seats in use now."
    )
    seats_now = fields.Integer(compute="_compute_figures")
    seats_next = fields.Integer(
        string="Next Term", compute="_compute_figures", help="Seats in the next term."
    )
    left = fields.Float(
        help="Licences that the partner or reseller has left after the renewal."
    )

    @api.depends("renew_id.figures", "partner_id", "module_id", "company_id")
    def _compute_figures(self):
        for wizard, lines in self.grouped("renew_id").items():
            figures = {tuple(ids): values for ids, values in wizard.figures or []}
            for line in lines:
                line.update(figures.get(line._get_stock_key().record_ids, FIGURES))

    @api.onchange("seats_each")
    def _onchange_seats_each(self):
        self.is_changed = True

    def _get_stock_key(self):
        """Return the key of the stock that this line is about."""
        return StockKey(self.partner_id, self.module_id, self.company_id)
