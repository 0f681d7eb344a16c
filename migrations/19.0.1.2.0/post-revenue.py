"""What seats come to in a year is noted with the licences that they take: note it of
those that were taken before."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["subscription.licence.move"]._fill_seats()
