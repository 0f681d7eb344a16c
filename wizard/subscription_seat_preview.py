from odoo import fields, models


class SubscriptionSeatPreview(models.TransientModel):
    """What a wizard would change in one pool, shown beforehand."""

    _name = "subscription.seat.preview"
    _description = "Seat Preview"

    grant_id = fields.Many2one("subscription.seat.grant", ondelete="cascade")
    release_id = fields.Many2one("subscription.seat.release", ondelete="cascade")
    remove_id = fields.Many2one("subscription.member.remove", ondelete="cascade")
    pool_id = fields.Many2one("subscription.seat.pool")
    module_id = fields.Many2one(related="pool_id.module_id")
    is_unlimited = fields.Boolean(related="pool_id.is_unlimited")
    seat_limit = fields.Integer(related="pool_id.seat_limit")
    used = fields.Integer(string="In Use")
    change = fields.Integer()
    available = fields.Integer(string="Left After")
    missing = fields.Integer(string="Short")
