"""Note what running subscriptions are billed by, from their next invoice on."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Give managed subscriptions that run the billing terms of their plans. Those paid
    by the period are billed from the day on which upstream's job would have made the
    next invoice: it has made the others."""
    if version:
        env = api.Environment(cr, SUPERUSER_ID, {})
        env["sale.subscription"]._note_upgraded()
