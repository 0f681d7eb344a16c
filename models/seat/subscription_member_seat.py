from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import split_every

# Clients whose members the job seats in one transaction.
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
                    "%(members)s cannot be given a seat while archived. Restore them"
                    " first.",
                    members=", ".join(archived.mapped("name")),
                )
            )

    def _verify_same_person(self, vals):
        """:raise UserError: when ``vals`` would hand a seat, or its past, to another"""
        super()._verify_same_person(vals)
        for member in self.sudo().filtered("seat_ids"):
            for name in {"client_id", "partner_id"} & set(vals):
                if member[name] and member[name].id != vals[name]:
                    raise UserError(
                        self.env._(
                            "%(member)s has held seats and cannot become somebody else."
                            " Archive %(member)s and add a new member.",
                            member=member.name,
                        )
                    )

    def _joined(self):
        """Give these members a base seat each.

        :raise SeatRefusal: when they do not fit
        """
        super()._joined()
        self._take_base_seats()

    def _left(self, reason):
        """Free the seats of these members."""
        super()._left(reason)
        self._release_seats(reason)

    def _role_changed(self):
        """Exchange the seats that no longer suit the roles of these members.

        :raise SeatRefusal: when they do not fit
        """
        super()._role_changed()
        self._reassign_seats()

    def _merge_into(self, keeper):
        """Hand the seats of these members to ``keeper`` as well.

        :raise SeatRefusal: when the role of ``keeper`` takes seats, those of these
            members did not, and the pools are full
        """
        pools = self._get_seats_in_use().pool_id
        super()._merge_into(keeper)
        if keeper.active:
            pools._grant(dict.fromkeys(pools, keeper))

    def _take_base_seats(self, *, allow_partial=False):
        """Give these members the base seats that they lack, as far as the plans of
        their clients have a base module and run.

        :raise SeatRefusal: when they do not fit, unless ``allow_partial``
        """
        self.sudo().client_id._lock_shared()
        pools = (
            self.env["subscription.seat.pool"]
            .sudo()
            .search([("is_base", "=", True), ("client_id", "in", self.client_id.ids)])
        )
        seated = self._get_seats_in_use().filtered("pool_id.is_base").member_id
        pools = pools.filtered(lambda pool: pool.state != "unavailable").sorted(
            lambda pool: pool._get_limit() - pool.used, reverse=True
        )
        pool_by_client = {pool.client_id.id: pool for pool in reversed(pools)}
        requests = {
            pool_by_client[client.id]: members
            for client, members in (self - seated).grouped("client_id").items()
            if client.id in pool_by_client
        }
        return pools._grant(requests, allow_partial=allow_partial)

    def _seat_waiting(self, *, allow_partial=False):
        """Give those of these members base seats who wait for one; who lost theirs by
        *Remove access* does not.

        :raise SeatRefusal: when they do not fit, unless ``allow_partial``
        """
        last_reasons = {
            seat.member_id: seat.release_reason
            for seat in self.env["subscription.seat"]
            .sudo()
            .search(
                [("member_id", "in", self.ids), ("pool_id.is_base", "=", True)],
                order="id",
            )
        }
        waiting = self.filtered(lambda member: last_reasons.get(member) != "access")
        return waiting._take_base_seats(allow_partial=allow_partial)

    def _get_seats_in_use(self):
        """Return the seats that these members hold."""
        return (
            self.env["subscription.seat"]
            .sudo()
            .search([("member_id", "in", self.ids), ("released_at", "=", False)])
        )

    def _release_seats(self, reason):
        """Free all seats of these members; ``reason`` as in ``release_reason``."""
        self.sudo()._lock_exclusive("seat_ids")
        return self._get_seats_in_use()._release(reason)

    def _reassign_seats(self):
        """Exchange the seats that no longer suit the roles of these members: those
        who now take a seat get a number, the others give theirs up.

        :raise SeatRefusal: when they do not fit
        """
        self.sudo()._lock_exclusive("seat_ids")
        unsuited = self._get_seats_in_use().filtered(
            lambda seat: seat.takes_seat != seat.member_id.takes_seat
        )
        pools = unsuited.grouped("pool_id")
        requests = {pool: seats.member_id for pool, seats in pools.items()}
        unsuited._release("role")
        self.env["subscription.seat.pool"]._grant(requests)

    @api.model
    def _cron_seat_waiting(self):
        """Give base seats to the members of subscriptions whose term has begun since,
        as far as there is room, in chunks of clients that are committed one by one."""
        waiting = self._get_waiting_domain()
        clients = self.search(waiting).client_id
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(clients))
        for client_ids in split_every(CHUNK, clients.ids):
            members = self.search(waiting & Domain("client_id", "in", client_ids))
            members._seat_waiting(allow_partial=True)
            if not cron._commit_progress(len(client_ids)):
                break

    @api.model
    def _get_waiting_domain(self):
        """Return the domain of the members who hold no base seat though the term of
        their client runs."""
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
        """Return the action of this module called ``xmlid``, for these members."""
        if len(self.client_id) > 1:
            raise UserError(
                self.env._("Choose members of one client: seats belong to a client.")
            )
        context |= {
            "default_client_id": self.client_id.id,
            "default_member_ids": self.ids,
        }
        return self._open_action(xmlid, context=context)
