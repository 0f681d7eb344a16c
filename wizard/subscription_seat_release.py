from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class SubscriptionSeatRelease(models.TransientModel):
    _name = "subscription.seat.release"
    _description = "Remove Access"

    client_id = fields.Many2one(
        "res.partner", compute="_compute_client_id", store=True, readonly=False
    )
    pool_ids = fields.Many2many(
        "subscription.seat.pool",
        string="Modules",
        domain="[('client_id', '=', client_id)]",
        help="Access to the base module is access to everything: removing it removes"
        " the other modules of the subscription as well.",
    )
    member_ids = fields.Many2many(
        "subscription.member",
        string="Users",
        domain="[('client_id', '=', client_id), ('pool_ids', 'in', pool_ids)]",
    )
    preview_ids = fields.One2many(
        "subscription.seat.preview",
        "release_id",
        compute="_compute_preview",
    )

    @api.depends("member_ids", "pool_ids")
    def _compute_client_id(self):
        for wizard in self:
            wizard.client_id = (
                wizard.client_id
                or wizard.pool_ids.client_id[:1]
                or wizard.member_ids.client_id[:1]
            )

    @api.depends("pool_ids", "member_ids")
    def _compute_preview(self):
        for wizard in self:
            seats = wizard._get_seats()
            seats |= seats._get_dependent_seats()
            wizard.preview_ids = seats._prepare_preview_commands()

    def _get_seats(self):
        """Return the seats in use of the chosen users in the chosen modules."""
        in_use = Domain("released_at", "=", False)
        chosen = Domain("pool_id", "in", self.pool_ids.ids)
        chosen &= Domain("member_id", "in", self.member_ids.ids)
        return self.env["subscription.seat"].search(in_use & chosen)

    def action_release(self):
        """Release the seats and say how many are free again.

        :raise UserError: when the chosen users hold no seat of the chosen modules
        """
        self.ensure_one()
        seats = self._get_seats()
        if not seats:
            raise UserError(
                self.env._("None of the chosen users has access to these modules.")
            )
        seats.pool_id.check_access("write")
        return seats._notify_released(seats._release("access"))
