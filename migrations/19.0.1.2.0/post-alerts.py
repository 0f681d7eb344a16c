"""Whoever has seen full pools for months is not told of all of them at once: what has
passed its thresholds already is noted, and told when it passes them again."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    if not version:
        return
    api.Environment(cr, SUPERUSER_ID, {})["subscription.alert"]._sync(tell=False)
