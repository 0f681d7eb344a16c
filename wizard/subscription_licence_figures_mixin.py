from odoo import fields, models

from ..terms import LICENCE_DIGITS

# What a line shows where nothing is known of it.
LICENCE_FIGURES = {
    "takes_licences": False,
    "licences": 0,
    "stock": 0,
    "left": 0,
    "is_short": False,
    "note": False,
    "price_text": False,
}


class SubscriptionLicenceFiguresMixin(models.AbstractModel):
    """A line of a wizard that says which licences a module takes, and what is left."""

    _name = "subscription.licence.figures.mixin"
    _description = "Licences That a Wizard Takes"

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

    def _compute_figures(self):
        """Show the figures of the wizard. A hook: each wizard keeps its own."""
