from odoo import api, fields, models


class SubscriptionMemberRemove(models.TransientModel):
    _name = "subscription.member.remove"
    _description = "Remove Inactive Members"

    client_id = fields.Many2one("res.partner", required=True)
    criterion = fields.Selection(
        [("inactive", "In no active team"), ("unseen", "Not signed in for long")],
        string="Who",
        required=True,
        default="inactive",
    )
    days = fields.Integer(default=90, help="Days without signing in.")
    has_team = fields.Boolean(compute="_compute_has_team")
    member_ids = fields.Many2many(
        "subscription.member",
        string="Inactive Members",
        compute="_compute_member_ids",
        store=True,
        readonly=False,
        help="Administrators and members whose role takes no seat are not proposed, nor"
        " is who is not known to have ever signed in for not having done so.",
    )
    seat_count = fields.Integer(
        string="Seats That Become Free", compute="_compute_preview"
    )
    preview_ids = fields.One2many(
        "subscription.seat.preview",
        "remove_id",
        compute="_compute_preview",
    )

    @api.depends("client_id")
    def _compute_has_team(self):
        for wizard in self:
            wizard.has_team = bool(wizard.client_id.subscription_team_ids)

    @api.depends("client_id", "criterion", "days")
    def _compute_member_ids(self):
        for wizard in self:
            days = wizard.days if wizard.criterion == "unseen" else None
            members = wizard.member_ids
            wizard.member_ids = members.search(
                members._get_inactive_domain(wizard.client_id, days)
            )

    @api.depends("member_ids")
    def _compute_preview(self):
        for wizard in self:
            wizard.member_ids._origin.check_access("read")
            seats = wizard.member_ids._origin._get_seats_in_use()
            wizard.seat_count = len(seats.filtered("takes_seat"))
            wizard.preview_ids = seats._prepare_preview_commands()

    def action_remove(self):
        """Archive the members, which releases their seats, and say how many."""
        self.ensure_one()
        members, seat_count = self.member_ids, self.seat_count
        members.check_access("write")
        members._leave(self.criterion or "inactive")
        return self.env["subscription.removal"]._offer_undo(
            self.env._(
                "%(members)s. Seats that are free again: %(seats)s.",
                members=members._get_names_text(),
                seats=seat_count,
            ),
            members=members,
            title=self.env._("Inactive members removed"),
        )
