"""Links that partners' staff and accountants could read of documents end."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    if not version:
        return
    partners = api.Environment(cr, SUPERUSER_ID, {})["res.partner"]
    partners._renew_links([("management_path", "!=", False)])
