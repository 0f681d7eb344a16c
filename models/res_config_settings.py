from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    seat_warning_rate = fields.Integer(
        related="company_id.seat_warning_rate", readonly=False
    )
    seat_full_rate = fields.Integer(related="company_id.seat_full_rate", readonly=False)
    invitation_days = fields.Integer(
        related="company_id.invitation_days", readonly=False
    )
