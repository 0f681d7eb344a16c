from odoo import api, fields, models

from ..terms import LICENCE_DIGITS

# What a line shows, where `subscription.new.client._get_figures` has nothing.
FIGURES = {
    "takes_licences": False,
    "licences": 0,
    "stock": 0,
    "left": 0,
    "is_short": False,
    "note": False,
    "price_text": False,
}


class SubscriptionNewClientLine(models.TransientModel):
    """The seats of one module that a new client gets, and the licences they take."""

    _name = "subscription.new.client.line"
    _description = "Seats of a New Client"

    new_client_id = fields.Many2one(
        "subscription.new.client", required=True, ondelete="cascade"
    )
    module_id = fields.Many2one("subscription.module", required=True)
    seats = fields.Integer()
    is_unlimited = fields.Boolean(string="Unlimited")
    takes_licences = fields.Boolean(compute="_compute_figures")
    licences = fields.Float(
        compute="_compute_figures",
        digits=LICENCE_DIGITS,
        help="Licences that are needed: a user of the module for a year each.",
    )
    stock = fields.Float(
        string="In Stock",
        compute="_compute_figures",
        digits=LICENCE_DIGITS,
        help="Licences that the partner or reseller can still allocate.",
    )
    left = fields.Float(
        string="Left After",
        compute="_compute_figures",
        digits=LICENCE_DIGITS,
        help="Licences that the partner or reseller has left afterwards.",
    )
    is_short = fields.Boolean(compute="_compute_figures")
    note = fields.Char(compute="_compute_figures")
    price_text = fields.Char(string="Price", compute="_compute_figures")

    @api.depends("new_client_id.figures", "module_id")
    def _compute_figures(self):
        for wizard, lines in self.grouped("new_client_id").items():
            figures = dict(wizard.figures or [])
            for line in lines:
                line.update(figures.get(line.module_id._origin.id, FIGURES))
