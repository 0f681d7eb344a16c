"""Partners' staff and accountants leave the channels that Odoo put them into."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
    env["res.users"].search([])._leave_channels()
