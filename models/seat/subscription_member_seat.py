from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import split_every

# Clients whose waiting members the scheduled action seats in one transaction.
CHUNK = 100


class SubscriptionMember(models.Model):
    """The seats that members hold."""

    _inherit = "subscription.member"

    seat_ids = fields.One2many("subscription.seat", "member_id", string="Seat History")
    pool_ids = fields.Many2many(
        "subscription.seat.pool",
        string="Modules",
        compute="_compute_pool_ids",
        search="_search_pool_ids",
    )
    module_ids = fields.Many2many(
        "subscription.module", string="Access To", compute="_compute_pool_ids"
    )

    @api.depends("seat_ids.released_at")
    def _compute_pool_ids(self):
        held = dict(
            self.env["subscription.seat"]._read_group(
                [("member_id", "in", self.ids), ("released_at", "=", False)],
                ["member_id"],
                ["pool_id:recordset"],
            )
        )
        for member in self:
            member.pool_ids = held.get(member._origin, False)
            member.module_ids = member.pool_ids.module_id

    @api.model
    def _search_pool_ids(self, operator, value):
        if operator != "in":
            return NotImplemented
        held = [("pool_id", "in", value), ("released_at", "=", False)]
        return [("seat_ids", "any", held)]

    def _verify_active(self):
        """:raise UserError: naming those of these members who are archived"""
        archived = self.filtered(lambda member: not member.active)
        if archived:
            raise UserError(
                self.env._(
                    "%(members)s cannot be given a seat after having left. Restore them"
                    " first.",
                    members=", ".join(archived.mapped("name")),
                )
            )

    def _verify_same_person(self, vals):
        """:raise UserError: when ``vals`` would hand a seat, or its past, to another"""
        super()._verify_same_person(vals)
        # sudo: seats that the user cannot read are history as well.
        for member in self.sudo().filtered("seat_ids"):
            for name in {"client_id", "partner_id"} & set(vals):
                if member[name] and member[name] != self._get_given(vals, name):
                    raise UserError(
                        self.env._(
                            "%(member)s has held seats and cannot become somebody else."
                            " Archive %(member)s and add a new member.",
                            member=member.name,
                        )
                    )

    def _joined(self):
        """Assign these members a base seat each.

        :raise SeatRefusal: when they do not fit
        """
        super()._joined()
        self._take_base_seats()
        self._take_team_seats()

    def _left(self, reason):
        """Release the seats of these members."""
        super()._left(reason)
        seats = self._release_seats(reason)
        self.env["subscription.removal"]._note(reason, members=self, seats=seats)

    def _role_changed(self):
        """Replace the seats that no longer suit the roles of these members.

        :raise SeatRefusal: when they do not fit
        """
        super()._role_changed()
        self._reassign_seats()

    def _merge_into(self, keeper):
        """Assign ``keeper`` seats of the pools of these members.

        :raise SeatRefusal: when the role of ``keeper`` takes seats, those of these
            members did not, and the pools are full
        """
        seats = self._get_seats_in_use()
        pools = seats.filtered(lambda seat: not seat.is_from_team).pool_id
        super()._merge_into(keeper)
        if keeper.active:
            pools._grant(dict.fromkeys(pools, keeper))

    def _take_base_seats(self, *, allow_partial=False):
        """Assign these members the base seats that they lack, where their clients have
        a base pool that is running.

        :raise SeatRefusal: when they do not fit, unless ``allow_partial``
        """
        # Shared lock: no base pool is opened or raised while members are added, or
        # they would be seated by neither. sudo: whoever adds a member.
        self.sudo().client_id._lock_shared()
        pool_by_client = self.client_id._get_base_pool_by_client()
        seated = self._get_seats_in_use().filtered("pool_id.is_base").member_id
        requests = {
            pool_by_client[client.id]: members
            for client, members in (self - seated).grouped("client_id").items()
            if client.id in pool_by_client
        }
        pools = self.env["subscription.seat.pool"]
        return pools.sudo()._grant(requests, allow_partial=allow_partial)

    def _seat_waiting(self, *, allow_partial=False):
        """Assign base seats to those of these members who wait for one. Members who
        lost theirs by *Remove access*, or let their invitation expire, do not wait.

        :raise SeatRefusal: when they do not fit, unless ``allow_partial``
        """
        # sudo: the term of the client decides, whoever has changed it.
        seats = self.env["subscription.seat"].sudo()
        domain = [("member_id", "in", self.ids), ("pool_id.is_base", "=", True)]
        last_reasons = {
            seat.member_id: seat.release_reason
            for seat in seats.search(domain, order="id")
        }
        waiting = self.filtered(lambda member: last_reasons.get(member) != "access")
        waiting -= waiting._get_lapsed()
        return waiting._take_base_seats(allow_partial=allow_partial)

    def _get_seats_in_use(self):
        """Return the seats that these members hold."""
        # sudo: a member leaves all seats, also those that the user cannot read.
        seats = self.env["subscription.seat"].sudo()
        return seats.search(
            [("member_id", "in", self.ids), ("released_at", "=", False)]
        )

    def _release_seats(self, reason):
        """Release all seats of these members; ``reason`` as in ``release_reason``."""
        # Locked against a parallel grant, whose seat would be left behind.
        self.sudo()._lock_exclusive("seat_ids")
        return self._get_seats_in_use()._release(reason)

    def _reassign_seats(self):
        """Replace the seats that no longer suit the roles of these members: those who
        now take a seat get a number, the others lose theirs. What teams have given is
        given as far as there is room.

        :raise SeatRefusal: when the others do not fit
        """
        # Locked against a parallel grant, which would go by the old role.
        self.sudo()._lock_exclusive("seat_ids")
        unsuited = self._get_seats_in_use().filtered(
            lambda seat: seat.takes_seat != seat.member_id.takes_seat
        )
        by_hand = unsuited.filtered(
            lambda seat: seat.pool_id.is_base or not seat.is_from_team
        )
        pools = by_hand.grouped("pool_id")
        requests = {pool: seats.member_id for pool, seats in pools.items()}
        unsuited._release("role")
        self.env["subscription.seat.pool"]._grant(requests)
        (unsuited - by_hand).member_id._take_team_seats()

    @api.model
    def _cron_seat_waiting(self):
        """Assign base seats to the waiting members of subscriptions whose term has
        begun, and then the seats that teams give, as far as there is room. Each chunk
        of clients is committed."""
        waiting = self._get_waiting_domain()
        clients = self.search(waiting).client_id
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(clients))
        for client_ids in split_every(CHUNK, clients.ids):
            members = self.search(waiting & Domain("client_id", "in", client_ids))
            members._seat_waiting(allow_partial=True)
            if not cron._commit_progress(len(client_ids)):
                return
        self.env["subscription.team"]._give_waiting()

    @api.model
    def _get_waiting_domain(self):
        """Return the domain of the members without a base seat whose client has a
        running term."""
        running = self.env["subscription.seat.usage"]._search(
            [("is_running", "=", True), ("module_id.is_base", "=", True)]
        )
        held = Domain("released_at", "=", False) & Domain("pool_id.is_base", "=", True)
        return (
            Domain("active", "=", True)
            & Domain("client_id", "in", running.subselect("client_id"))
            & Domain("seat_ids", "not any", held)
        )

    def action_add_to_modules(self):
        """Open the wizard *Add users* on these members.

        :raise UserError: when they belong to several clients
        """
        return self._open_seat_action("subscription_seat_grant_action")

    def action_remove_access(self):
        """Open the wizard *Remove access* on these members and all their modules.

        :raise UserError: when they belong to several clients
        """
        return self._open_seat_action(
            "subscription_seat_release_action", default_pool_ids=self.pool_ids.ids
        )

    def _open_seat_action(self, xmlid, **context):
        """Return the action of this addon called ``xmlid``, for these members.

        :raise UserError: when they belong to several clients
        """
        if len(self.client_id) > 1:
            raise UserError(
                self.env._("Choose members of one client: seats belong to a client.")
            )
        context |= {
            "default_client_id": self.client_id.id,
            "default_member_ids": self.ids,
        }
        return self._open_action(xmlid, context=context)
