"""When members signed in last is noted from now on: begin with Odoo's own log-ins."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    if not version:
        return
    members = api.Environment(cr, SUPERUSER_ID, {})["subscription.member"]
    members = members.with_context(active_test=False)
    members.search([("partner_id.user_ids", "!=", False)])._note_odoo_sign_ins()
