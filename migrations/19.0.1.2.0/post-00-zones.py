"""Which day it is for a company follows from its time zone: give each one its own."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Preset the time zone of companies that have none from their country. One that was
    chosen stays, and without a country nothing is known."""
    if not version:
        return
    companies = api.Environment(cr, SUPERUSER_ID, {"active_test": False})["res.company"]
    companies.search([("term_tz", "=", False)])._compute_term_tz()
