from collections import defaultdict

from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ..core.changes import write_changes


class SubscriptionSeat(models.Model):
    """One member in one pool from one moment to another.

    A seat that counts has a number, from 1 to the limit of its pool. The cap relies on
    the unique indexes below, not on a count that could be stale. Seats are assigned by
    :meth:`SubscriptionSeatPool._grant` and released by :meth:`_release`, never edited
    or deleted: the history proves who used what.
    """

    _name = "subscription.seat"
    _description = "Seat"
    _order = "granted_at desc, id desc"
    _rec_name = "holder_name"
    _rec_names_search = ["holder_name", "pool_id"]

    pool_id = fields.Many2one(
        "subscription.seat.pool", required=True, ondelete="restrict", index=True
    )
    member_id = fields.Many2one(
        "subscription.member", ondelete="set null", index="btree_not_null"
    )
    holder_name = fields.Char(
        string="Holder",
        help="Name of the member when the seat was given: it outlives the member.",
    )
    number = fields.Integer(
        string="Seat No.", help="Empty where the role of the member takes no seat."
    )
    takes_seat = fields.Boolean(string="Counts")
    granted_at = fields.Datetime(string="Given On", required=True)
    granted_by_id = fields.Many2one("res.users", string="Given By")
    released_at = fields.Datetime(string="Freed On")
    released_by_id = fields.Many2one("res.users", string="Freed By")
    release_reason = fields.Selection(
        lambda self: self.env["subscription.member"]._get_choices("departure"),
        string="Reason",
    )
    is_from_team = fields.Boolean(
        string="By a Team",
        help="Given since its holder is in a team that has the module, and freed once"
        " no team gives it any more. A seat that somebody gives by hand stays.",
    )
    is_lifted = fields.Boolean(
        help="Access was removed by hand; since then the holder has joined a team with"
        " the module, or the removal was undone, so teams may give it again.",
        exportable=False,
    )
    origin = fields.Char(
        string="Source",
        compute="_compute_origin",
        help="Which teams give the seat, or that none does.",
    )
    client_id = fields.Many2one(related="pool_id.client_id")
    module_id = fields.Many2one(related="pool_id.module_id")
    role_id = fields.Many2one(related="member_id.role_id")

    _chair = models.UniqueIndex(
        "(pool_id, number) WHERE released_at IS NULL AND number IS NOT NULL",
        "This seat has just been taken.",
    )
    _holder = models.UniqueIndex(
        "(pool_id, member_id) WHERE released_at IS NULL",
        "The member has a seat of this module already.",
    )
    _number_positive = models.Constraint(
        "CHECK (number >= 1)", "Seats are numbered from 1."
    )
    _number_where_counted = models.Constraint(
        "CHECK ((number IS NOT NULL) = COALESCE(takes_seat, FALSE))",
        "A seat is numbered exactly where the role of its member takes a seat.",
    )
    _held_or_released = models.Constraint(
        "CHECK (member_id IS NOT NULL OR released_at IS NOT NULL)",
        "A seat in use has a member.",
    )
    _released_after_granted = models.Constraint(
        "CHECK (released_at >= granted_at)",
        "A seat cannot be freed before it was given.",
    )
    _history = models.Index("(pool_id, granted_at) WHERE number IS NOT NULL")
    # The audit trail of the last days.
    _given = models.Index("(granted_at)")
    _freed = models.Index("(released_at) WHERE released_at IS NOT NULL")

    @api.depends("is_from_team", "member_id.team_ids.active")
    @api.depends("member_id.team_ids.module_ids", "pool_id.module_id")
    @api.depends_context("lang")
    def _compute_origin(self):
        for seat in self:
            teams = seat.member_id.team_ids.filtered(
                lambda team, seat=seat: (
                    team.active and seat.module_id in team.module_ids
                )
            )
            seat.origin = self.env._("By hand")
            if seat.is_from_team:
                seat.origin = ", ".join(teams.mapped("name")) or self.env._("A team")

    @api.constrains("pool_id", "member_id")
    def _check_client(self):
        for seat in self:
            if seat.member_id and seat.member_id.client_id != seat.pool_id.client_id:
                raise ValidationError(
                    self.env._(
                        "%(member)s does not belong to %(client)s.",
                        member=seat.member_id.display_name,
                        client=seat.pool_id.client_id.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super
        """Assign the seats that ``vals_list`` asks for, through the pools.

        Screens, imports and RPC come in here. They name the pool and the member alone;
        number, dates and author are for the pool to set.

        :raise UserError: on any other value
        :raise SeatRefusal: when a pool falls short
        """
        self.check_access("create")
        pairs = [self._read_request(vals) for vals in vals_list]
        requests = self._get_requests(pairs)
        self.env["subscription.seat.pool"]._grant(requests)
        members = self.env["subscription.member"].union(*requests.values())
        held = {
            (seat.pool_id.id, seat.member_id.id): seat.id
            for seat in members._get_seats_in_use()
        }
        return self.browse(held[pool.id, member.id] for pool, member in pairs)

    @api.model
    def _get_requests(self, pairs):
        """Return ``{pool: members}`` of ``pairs`` of a pool and a member.

        :raise AccessError: when the user may not assign seats of the pools, or not read
            the members
        """
        requests = defaultdict(self.env["subscription.member"].browse)
        for pool, member in pairs:
            requests[pool] |= member
        self.env["subscription.seat.pool"].union(*requests).check_access("write")
        self.env["subscription.member"].union(*requests.values()).check_access("read")
        return requests

    @api.model
    def _read_request(self, vals):
        """Return the pool and the member that ``vals`` name.

        :raise UserError: on any other value
        """
        names = ("pool_id", "member_id")
        pair = [self._get_given(vals, name) for name in names]
        if set(vals) != set(names) or not all(pair):
            raise UserError(
                self.env._(
                    "A seat is given to a member of a pool: name the pool and the"
                    " member, and nothing else."
                )
            )
        return pair

    @write_changes
    def write(self, vals):  # pylint: disable=method-required-super
        """Refuse: a seat is assigned and released, never edited.

        :raise UserError: always when something would change
        """
        raise UserError(
            self.env._(
                "A seat cannot be edited. Use Add users to give seats and Remove access"
                " to free them."
            )
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._(
                "A seat cannot be deleted: it proves who used what, and when. Use"
                " Remove access to free it."
            )
        )

    @api.model
    def _insert_rows(self, vals_list):
        """Insert seats, past :meth:`create`: ``_grant`` has checked the room.

        :param vals_list: the values of each seat, all of the same fields
        :return: the seats, in no certain order
        """
        if not vals_list:
            return self.browse()
        # Raw SQL: one statement for all of them. What else the ORM's create does for
        # these values is done below, for all at once, not seat by seat.
        rows = self._prepare_rows(vals_list)
        inserted = self.env.execute_query(
            SQL(
                "INSERT INTO subscription_seat (%s) VALUES %s"
                " RETURNING id, pool_id, member_id",
                SQL(", ").join(map(SQL.identifier, rows[0])),
                SQL(", ").join(tuple(row.values()) for row in rows),
            )
        )
        return self._note_inserted(inserted, rows[0].keys())

    @api.model
    def _prepare_rows(self, vals_list):
        """Return ``vals_list`` completed with who creates the seats and when, and with
        the defaults of fields that other addons have added."""
        given = vals_list[0].keys()
        defaulted = [
            name
            for name, field in self._fields.items()
            if field.default and field.column_type and name not in given
        ]
        defaults = self.default_get(defaulted) if defaulted else {}
        added = {
            name: self._fields[name].convert_to_column_insert(value, self)
            for name, value in defaults.items()
        }
        added |= dict.fromkeys(("create_uid", "write_uid"), self.env.uid)
        added |= dict.fromkeys(("create_date", "write_date"), self.env.cr.now())
        return [{**vals, **added} for vals in vals_list]

    @api.model
    def _note_inserted(self, inserted, names):
        """Make the ORM know of the seats just inserted, as its create does: it forgets
        what they outdate, computes what depends on them, and checks its constraints.

        :param inserted: ``(seat id, pool id, member id)``
        :param names: the fields that they were given
        :return: the seats
        """
        ids, pool_ids, member_ids = zip(*inserted, strict=True)
        links = {"pool_id": pool_ids, "member_id": member_ids}
        for name, linked_ids in links.items():
            linked = self.env[self._fields[name].comodel_name].browse(set(linked_ids))
            linked.invalidate_recordset(["seat_ids"], flush=False)
        seats = self.browse(ids)
        for name, linked_ids in links.items():
            self._fields[name]._insert_cache(seats, linked_ids)
        seats.modified(self._fields, create=True)
        seats._validate_fields(names)
        return seats

    def _prepare_preview_commands(self):
        """Return the lines that preview releasing these seats, one for each pool."""
        seats_by_pool = self.grouped("pool_id")
        return [Command.clear()] + [
            Command.create(
                pool._prepare_preview_values(
                    -len(seats_by_pool[pool].filtered("takes_seat"))
                )
            )
            for pool in self.pool_id.sorted()
        ]

    def _get_dependent_seats(self):
        """Return the seats in use that are released together with these: a member who
        loses the base module of a subscription loses its other modules."""
        held = self.filtered("pool_id.is_base")
        users = {(seat.pool_id.subscription_id, seat.member_id) for seat in held}
        return held.member_id._get_seats_in_use().filtered(
            lambda seat: (seat.pool_id.subscription_id, seat.member_id) in users
        )

    def _get_lost_with(self, reason):
        """Return those of these seats that were released last, for ``reason``."""
        last = max(self.mapped("released_at"))
        return self.filtered(
            lambda seat: seat.released_at == last and seat.release_reason == reason
        )

    def _release(self, reason):
        """Release these seats and those that depend on them, at once.

        :param str reason: a key of ``release_reason``
        :return: the seats released now; those released earlier are left alone
        """
        # sudo: nobody may edit seats. The callers check who may release which.
        seats = self.sudo().filtered(lambda seat: not seat.released_at)
        # Locked against a parallel grant of a seat that depends on the base seat.
        seats.filtered("pool_id.is_base").member_id._lock_exclusive("seat_ids")
        seats |= seats._get_dependent_seats()
        if seats:
            seats._note_released(reason)
            seats.pool_id._renumber()
            seats.pool_id._wake_waiting()
        if reason == "access":
            self.env["subscription.removal"]._note(reason, seats=seats)
        return seats.sudo(self.env.su)

    def _mark(self, **marks):
        """Set ``is_from_team`` or ``is_lifted`` of these seats, which nobody edits."""
        # sudo: nobody may edit seats. The callers know which.
        super(SubscriptionSeat, self.sudo()).write(marks)

    def _note_released(self, reason):
        """Note that these seats are released now for ``reason``: not before they were
        given, where the clock of that server was ahead of this one's."""
        now = fields.Datetime.now()
        released = {"released_by_id": self.env.uid, "release_reason": reason}
        for moment, seats in self.grouped(
            lambda seat: max(now, seat.granted_at)
        ).items():
            super(SubscriptionSeat, seats).write({**released, "released_at": moment})
