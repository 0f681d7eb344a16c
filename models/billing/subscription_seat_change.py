from odoo import fields, models
from odoo.exceptions import UserError

from ...billing import SeatChange


class SubscriptionSeatChange(models.Model):
    """The contracted seats of a pool from a day on: what contracted seats are billed
    by. Written whenever a term starts, and when a limit changes while it runs."""

    _name = "subscription.seat.change"
    _inherit = ["subscription.immutable.mixin"]
    _description = "Change of Contracted Seats"
    _order = "pool_id, id"
    _rec_name = "pool_id"

    pool_id = fields.Many2one(
        "subscription.seat.pool", required=True, ondelete="cascade", index=True
    )
    subscription_id = fields.Many2one(
        related="pool_id.subscription_id", store=True, index=True
    )
    client_id = fields.Many2one(related="pool_id.client_id", store=True, index=True)
    module_id = fields.Many2one(related="pool_id.module_id", store=True)
    company_id = fields.Many2one(related="pool_id.company_id", store=True)
    day = fields.Date(required=True)
    seats = fields.Integer(required=True)
    window = fields.Date(
        string="Correction Until",
        required=True,
        help="Last day on which these seats can be lowered again and credited.",
    )
    is_start = fields.Boolean(string="Start of a Term")
    licensed_from = fields.Date(
        help="From when on licences were taken for them, where they take any."
    )
    kept_until = fields.Date(
        help="Of contracts without an end: up to when seats that were lowered too late"
        " to be credited are billed. An end that comes later does not change it."
    )

    def _get_edit_refusal(self):
        return UserError(
            self.env._(
                "Contracted seats are kept as they were. Change the pool instead."
            )
        )

    def _get_changes(self):
        """Return ``{pool: [SeatChange]}`` of these, in the order in which they came."""
        return {
            pool: [
                SeatChange(
                    one.day,
                    one.seats,
                    one.window,
                    one.is_start,
                    one.licensed_from,
                    one.kept_until,
                )
                for one in changes.sorted("id")
            ]
            for pool, changes in self.grouped("pool_id").items()
        }
