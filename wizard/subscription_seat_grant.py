from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class SubscriptionSeatGrant(models.TransientModel):
    _name = "subscription.seat.grant"
    _description = "Add Users"

    client_id = fields.Many2one("res.partner", required=True)
    pool_ids = fields.Many2many(
        "subscription.seat.pool",
        string="Modules",
        domain="[('client_id', '=', client_id)]",
    )
    member_ids = fields.Many2many(
        "subscription.member", string="Users", domain="[('client_id', '=', client_id)]"
    )
    member_domain = fields.Binary(compute="_compute_member_domain")
    allow_partial = fields.Boolean(
        string="Add as many as fit",
        help="Users who find no free seat are left out, instead of nobody being added.",
    )
    preview_ids = fields.One2many(
        "subscription.seat.preview",
        "grant_id",
        compute="_compute_preview",
    )
    refusal = fields.Text(compute="_compute_preview")
    left_out_ids = fields.Many2many("subscription.member", compute="_compute_preview")
    billing_text = fields.Text(
        compute="_compute_preview",
        help="What adding the users does to the next invoice.",
    )

    @api.depends("client_id", "pool_ids")
    def _compute_member_domain(self):
        """Propose the members who lack at least one of the modules."""
        for wizard in self:
            lacking = wizard.pool_ids._origin._get_lacking_domain()
            wizard.member_domain = list(
                Domain("client_id", "=", wizard.client_id.id) & lacking
            )

    @api.depends("pool_ids", "member_ids")
    def _compute_preview(self):
        pools = self.env["subscription.seat.pool"]
        for wizard in self:
            plan = pools._plan_grant(pools._complete_requests(wizard._get_requests()))
            wizard.refusal = plan.refusal
            wizard.left_out_ids = plan.left_out
            wizard.billing_text = wizard.pool_ids._origin._get_plan_effect_text(plan)
            wizard.preview_ids = [Command.clear()] + [
                Command.create(pool._prepare_preview_values(seats))
                for pool, seats in plan.demand.items()
            ]

    def _get_requests(self):
        """Return the seats asked for, ``{pool: members}``, members in their order.

        :raise AccessError: when they are out of the user's reach
        """
        self.pool_ids._origin.check_access("write")
        self.member_ids._origin.check_access("read")
        return dict.fromkeys(self.pool_ids._origin, self.member_ids._origin.sorted())

    def action_grant(self):
        """Assign the seats and say to whom.

        :raise UserError: when nothing was chosen
        :raise SeatRefusal: when they do not fit, unless ``allow_partial``
        """
        self.ensure_one()
        if not (self.pool_ids and self.member_ids):
            raise UserError(self.env._("Choose at least one module and one user."))
        seats = self.env["subscription.seat.pool"]._grant(
            self._get_requests(), allow_partial=self.allow_partial
        )
        return self._notify_granted(seats)

    def _notify_granted(self, seats):
        """Return the notification of who got ``seats``, or of who was left out."""
        left_out = self.member_ids.filtered(
            lambda member: self.pool_ids - member.pool_ids
        )
        if not left_out:
            message = seats.member_id._get_names_text()
            return self._notify(message, sticky=False, title=self.env._("Users added"))
        message = self.env._(
            "In some of the modules, no seat was free for %(members)s.",
            members=left_out._get_names_text(),
        )
        title = self.env._("Some users were left out")
        return self._notify(message, kind="warning", sticky=True, title=title)
