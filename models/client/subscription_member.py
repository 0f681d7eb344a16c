from contextlib import contextmanager

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, split_every

# Clients that a refusal names one by one.
LISTED_CLIENTS = 10
# Clients whose members the job seats in one transaction.
CHUNK = 100


class SubscriptionMember(models.Model):
    """A collaborator of a client, with one role.

    As long as the member is not archived, invited or active, it holds a seat of the
    base module of its client's subscription, and of every module it was added to.
    """

    _name = "subscription.member"
    _inherit = ["subscription.computed.mixin", "subscription.locking.mixin"]
    _description = "Member"
    _order = "client_id, name, id"
    _rec_names_search = ["name", "email"]

    client_id = fields.Many2one(
        "res.partner", required=True, ondelete="restrict", index=True
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Contact",
        ondelete="set null",
        index="btree_not_null",
        copy=False,
    )
    name = fields.Char(
        compute="_compute_contact",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
    )
    email = fields.Char(
        compute="_compute_contact", store=True, precompute=True, readonly=False
    )
    role_id = fields.Many2one(
        "subscription.member.role",
        required=True,
        ondelete="restrict",
        index=True,
        default=lambda self: self.env["ir.model.data"]._xmlid_to_res_id(
            "partner_managed_subscription.role_standard"
        ),
    )
    active = fields.Boolean(default=True)
    joined_at = fields.Datetime(
        string="Joined On", copy=False, help="First log-in; empty while invited."
    )
    departure = fields.Selection(
        lambda self: self.env["subscription.seat"]._get_choices("release_reason"),
        string="Left Because",
        copy=False,
    )
    state = fields.Selection(
        [("invited", "Invited"), ("active", "Active"), ("archived", "Archived")],
        compute="_compute_state",
        store=True,
        precompute=True,
    )
    team_ids = fields.Many2many(
        "subscription.team",
        relation="subscription_team_member_rel",
        column1="member_id",
        column2="team_id",
        string="Teams",
        domain="[('client_id', '=', client_id)]",
    )
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
    is_billed = fields.Boolean(
        string="In an Active Team",
        compute="_compute_is_billed",
        search="_search_is_billed",
        help="Member of at least one team that is not archived.",
    )
    is_selected = fields.Boolean(
        string="Shown",
        default=True,
        help="Whether the accountant has this client among those shown.",
    )
    is_external = fields.Boolean(
        string="Contact of Another Company",
        compute="_compute_is_external",
        store=True,
    )
    invitation_ids = fields.One2many("subscription.invitation", "member_id")
    takes_seat = fields.Boolean(related="role_id.takes_seat")
    managing_partner_id = fields.Many2one(related="client_id.managing_partner_id")

    _contact_unique = models.UniqueIndex(
        "(client_id, partner_id) WHERE partner_id IS NOT NULL",
        "This contact is a member of the client already.",
    )
    _external = models.Index("(partner_id) WHERE is_external IS TRUE")
    _active_with_contact = models.Constraint(
        "CHECK (active IS NOT TRUE OR partner_id IS NOT NULL)",
        "A member who is not archived needs a contact.",
    )

    @api.depends("partner_id.name", "partner_id.email")
    def _compute_contact(self):
        for member in self:
            member.name = member.partner_id.name or member.name
            member.email = member.partner_id.email or member.email

    @api.depends("active", "joined_at")
    def _compute_state(self):
        for member in self:
            member.state = (
                "archived"
                if not member.active
                else "active"
                if member.joined_at
                else "invited"
            )

    @api.depends("client_id.management_path", "partner_id.management_path")
    def _compute_is_external(self):
        """Tell apart the few who are contacts of other companies, like accountants: who
        may see the client sees its own contacts anyway."""
        for member in self:
            path = member.client_id.management_path
            member.is_external = member.partner_id.management_path != path

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

    @api.depends("team_ids.active")
    def _compute_is_billed(self):
        for member in self:
            member.is_billed = any(member.team_ids.mapped("active"))

    @api.model
    def _search_is_billed(self, operator, value):
        if operator != "in":
            return NotImplemented
        billed = [("active", "=", True), ("team_ids", "any", [("active", "=", True)])]
        member_ids = self.sudo().with_context(active_test=False)._search(billed)
        return [("id", "in" if True in value else "not in", member_ids)]

    @api.constrains("client_id", "team_ids")
    def _check_teams(self):
        self.team_ids._check_member_client()

    # ------------------------------------------------------------------ doors

    @api.model_create_multi
    def create(self, vals_list):
        """Create members, each with a base seat where their client's plan has one.

        A member may be given by name and e-mail alone: the contact is then created
        under the client.

        :raise SeatRefusal: when they do not fit into the plan
        """
        members = super().create(self._complete_contacts(vals_list))
        members._note_login()
        members._log_added()
        members.filtered("active")._take_base_seats()
        return members

    def write(self, vals):
        """Change members, with the seats that come and go with the change.

        :raise SeatRefusal: when a restored member, or one whose new role takes a seat,
            does not fit into the plan
        :raise UserError: when a member who has held seats would become somebody else,
            or when a client would lose its last administrator
        """
        self.check_access("write")
        if {"client_id", "partner_id"} & set(vals):
            self._verify_same_person(vals)
        if not {"active", "client_id", "role_id"} & set(vals):
            return super().write(vals)
        with self._keep_administrators():
            return self._write_standing(vals)

    def _write_standing(self, vals):
        """Change the role, the state or the client of these members, with the seats
        that come and go with it."""
        vals = dict(vals)
        active = vals.pop("active", None)
        standing = {member: (member.client_id, member.role_id) for member in self}
        result = super().write(vals)
        self._log_standing(standing)
        if "role_id" in vals:
            self._recast_seats()
        if active is not None:
            self._come_back() if active else self._archive("member")
        if "client_id" in vals:
            self.filtered("active")._take_base_seats()
        return result

    def unlink(self):
        """Delete members; the history of their seats keeps their names.

        :raise UserError: when a client would lose its last administrator
        """
        entries = [
            dict(member._prepare_log_entry("deleted"), member_id=False)
            for member in self
        ]
        with self._keep_administrators():
            self._release_seats("deleted")
            result = super().unlink()
        self.env["subscription.log"]._log(entries)
        return result

    @api.model
    def _complete_contacts(self, vals_list):
        """Return ``vals_list`` with a new contact for each member who has none; those
        who have one take their name and e-mail from it where these are empty."""
        defaults = self.default_get(["client_id", "partner_id", "name", "email"])
        vals_list = [{**defaults, **vals} for vals in vals_list]
        lacking = [vals for vals in vals_list if not vals.get("partner_id")]
        contacts = iter(
            self.env["res.partner"].create(
                [self._prepare_contact_values(vals) for vals in lacking]
            )
        )
        return [
            {
                name: value
                for name, value in vals.items()
                if value or name not in ("name", "email")
            }
            if vals.get("partner_id")
            else dict(vals, partner_id=next(contacts).id)
            for vals in vals_list
        ]

    @api.model
    def _prepare_contact_values(self, vals):
        """Return the values of the contact of a member created with ``vals``.

        :raise UserError: when there is no name to create it with
        """
        if not vals.get("name"):
            raise UserError(self.env._("Choose a contact or enter a name."))
        return {
            "name": vals["name"],
            "email": vals.get("email"),
            "parent_id": vals.get("client_id"),
            "type": "contact",
        }

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

    # ------------------------------------------------------------------ administrators

    @contextmanager
    def _keep_administrators(self):
        """Take back what is done meanwhile to these members when it leaves a client of
        theirs with members, but without any of the administrators that it had.

        :raise UserError: naming the clients and what to do first
        """
        names_by_client = self._lock_administrators()
        if not names_by_client:
            yield
            return
        # Whoever catches the refusal goes on with what there was before.
        with self.env.cr.savepoint():
            yield
            self._verify_administrators(names_by_client)

    def _lock_administrators(self):
        """Hold the administrators of the clients that these members are administrators
        of, and their roles, as they are until the transaction ends.

        Were two of them demoted at the same time, the second transaction waits here for
        the first and is then told by PostgreSQL to start again.

        :return: ``{client: names of its administrators}``
        """
        clients = (
            self.sudo()
            .filtered(
                lambda member: member.active and member.role_id._is_administration()
            )
            .client_id
        )
        if not clients:
            return {}
        self.flush_model(["active", "client_id", "role_id"])
        self.role_id.flush_model(["active", "is_administrator"])
        rows = self.env.execute_query(
            SQL(
                "SELECT member.id FROM subscription_member member"
                " JOIN subscription_member_role role ON role.id = member.role_id"
                " WHERE member.client_id IN %s AND member.active AND role.active"
                " AND role.is_administrator ORDER BY member.id"
                " FOR NO KEY UPDATE OF member FOR SHARE OF role",
                tuple(clients.ids),
            )
        )
        administrators = self.sudo().browse(member_id for (member_id,) in rows)
        return {
            client: ", ".join(members.mapped("name"))
            for client, members in administrators.grouped("client_id").items()
        }

    @api.model
    def _verify_administrators(self, names_by_client):
        """Check that clients who have members have an administrator among them.

        :param dict names_by_client: ``{client: names of the administrators it had}``
        :raise UserError: a line for each client that has none
        """
        roles_by_client = self.sudo()._read_group(
            [
                ("client_id", "in", [client.id for client in names_by_client]),
                ("active", "=", True),
            ],
            ["client_id"],
            ["role_id:recordset"],
        )
        lines = [
            self.env._(
                "%(client)s needs an administrator and has none but %(members)s. Make"
                " another of its members administrator first or, if the company leaves,"
                " archive all of its members together.",
                client=client.display_name,
                members=names_by_client[client],
            )
            for client, roles in roles_by_client
            if not any(role._is_administration() for role in roles)
        ]
        if lines:
            more = len(lines) - LISTED_CLIENTS
            if more > 0:
                lines[LISTED_CLIENTS:] = [self.env._("And %s more clients.", more)]
            raise UserError("\n".join(lines))

    # ------------------------------------------------------------------ seats

    def _take_base_seats(self, *, what_fits=False):
        """Give these members the base seats that they lack, as far as the plans of
        their clients have a base module and run.

        :raise SeatRefusal: when they do not fit, unless ``what_fits``
        """
        self.sudo().client_id._hold()
        pools = (
            self.env["subscription.seat.pool"]
            .sudo()
            .search([("is_base", "=", True), ("client_id", "in", self.client_id.ids)])
        )
        seated = self._get_seats_in_use().filtered("pool_id.is_base").member_id
        pools = pools.filtered(lambda pool: pool.state != "misconfigured").sorted(
            lambda pool: pool._get_limit() - pool.used, reverse=True
        )
        pool_by_client = {pool.client_id.id: pool for pool in reversed(pools)}
        requests = {
            pool_by_client[client.id]: members
            for client, members in (self - seated).grouped("client_id").items()
            if client.id in pool_by_client
        }
        return pools._grant(requests, what_fits=what_fits)

    def _seat_waiting(self, *, what_fits=False):
        """Give those of these members base seats who wait for one; who lost theirs by
        *Remove access* does not.

        :raise SeatRefusal: when they do not fit, unless ``what_fits``
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
        return waiting._take_base_seats(what_fits=what_fits)

    def _get_seats_in_use(self):
        """Return the seats that these members hold."""
        return (
            self.env["subscription.seat"]
            .sudo()
            .search([("member_id", "in", self.ids), ("released_at", "=", False)])
        )

    def _release_seats(self, reason):
        """Free all seats of these members; ``reason`` as in ``release_reason``."""
        self.sudo()._claim("seat_ids")
        return self._get_seats_in_use()._release(reason)

    def _recast_seats(self):
        """Exchange the seats that no longer suit the roles of these members: those
        who now take a seat get a number, the others give theirs up.

        :raise SeatRefusal: when they do not fit
        """
        self.sudo()._claim("seat_ids")
        unsuited = self._get_seats_in_use().filtered(
            lambda seat: seat.takes_seat != seat.member_id.takes_seat
        )
        pools = unsuited.grouped("pool_id")
        requests = {pool: seats.member_id for pool, seats in pools.items()}
        unsuited._release("role")
        self.env["subscription.seat.pool"]._grant(requests)

    def _leave(self, reason):
        """Archive these members and free their seats.

        :param str reason: a key of ``release_reason``
        :raise UserError: when a client would lose its last administrator
        """
        with self._keep_administrators():
            self._archive(reason)

    def _archive(self, reason):
        """Do what :meth:`_leave` does, without a look at the administrators."""
        leaving = self.filtered("active")
        if leaving:
            super(SubscriptionMember, leaving).write(
                {"active": False, "departure": reason}
            )
            leaving._log_event("archived", new_value=self._get_reason_text(reason))
            leaving._release_seats(reason)
            leaving.partner_id._show_some_client()

    def _come_back(self):
        """Restore these members, with a base seat each.

        :raise SeatRefusal: when they do not fit
        :raise UserError: when one is an accountant whose access was withdrawn
        """
        returning = self.filtered(lambda member: not member.active)
        returning._verify_not_withdrawn()
        if returning:
            super(SubscriptionMember, returning).write(
                {"active": True, "departure": False}
            )
            returning._log_event("restored")
            returning._take_base_seats()

    def _note_login(self):
        """Set when those of these members who log in already have joined."""
        for member in self.sudo().filtered(lambda member: not member.joined_at):
            logins = member.partner_id.user_ids.mapped("login_date")
            if any(logins):
                member.joined_at = min(filter(None, logins))

    # ------------------------------------------------------------------ accountants

    def _verify_not_withdrawn(self):
        """:raise UserError: naming the accountants among these members whose access was
        withdrawn: only a new invitation that they accept gives it back"""
        withdrawn = self.sudo().filtered(
            lambda member: (
                member.role_id.is_accountant
                and any(member.invitation_ids.mapped("withdrawn_at"))
            )
        )
        if withdrawn:
            raise UserError(
                self.env._(
                    "The access of %(members)s was withdrawn. Invite the accountant"
                    " again.",
                    members=", ".join(withdrawn.mapped("name")),
                )
            )

    def _withdraw_accountant(self):
        """End the access of these accountants and what invited them.

        :raise UserError: when one of them is no accountant
        """
        if not all(self.role_id.mapped("is_accountant")):
            raise UserError(self.env._("Only accountants can be withdrawn this way."))
        self.sudo().invitation_ids._note_withdrawn()
        self._leave("access")

    def _become(self, partner):
        """Make these members, who stood for a contact made with their invitation, stand
        for ``partner``. Whoever stood for it before and has left stays in the history.

        :raise UserError: when ``partner`` is a member of one of their clients
        """
        for member in self.filtered(lambda member: member.partner_id != partner):
            former = self.search(
                [
                    ("client_id", "=", member.client_id.id),
                    ("partner_id", "=", partner.id),
                    ("active", "in", [True, False]),
                ]
            )
            if former.active:
                raise UserError(
                    self.env._(
                        "%(member)s is a member of %(client)s already.",
                        member=former.name,
                        client=former.client_id.name,
                    )
                )
            former._repoint({"partner_id": False})
            placeholder = member.partner_id
            member._repoint({"partner_id": partner.id})
            placeholder._discard()
        self._note_login()
        partner.membership_ids._get_accounted().is_selected = True

    def _get_accounted(self):
        """Return those of these members who are accountants and have not left."""
        return self.filtered(lambda one: one.active and one.role_id.is_accountant)

    @api.model
    def _get_own_accounted(self):
        """Return the caller's memberships as an accountant, as superuser."""
        return self.env.user.partner_id.sudo().membership_ids._get_accounted()

    @api.readonly
    @api.model
    def get_accountant_clients(self):
        """Return the clients that the caller is the accountant of, by name.

        :return: a list of ``{"id", "name", "is_selected"}``
        """
        memberships = self._get_own_accounted()
        return [
            {
                "id": member.client_id.id,
                "name": member.client_id.name,
                "is_selected": member.is_selected,
            }
            for member in memberships.sorted(lambda member: member.client_id.name)
        ]

    @api.model
    def select_accountant_client(self, client_id=False):
        """Show the caller, an accountant, one client alone; all of them without one.

        :raise UserError: when the caller is not the accountant of this client
        """
        memberships = self._get_own_accounted()
        shown = memberships.filtered(
            lambda member: not client_id or member.client_id.id == client_id
        )
        if client_id and not shown:
            raise UserError(self.env._("You are not an accountant of this client."))
        (memberships - shown).is_selected = False
        shown.is_selected = True

    def _merge_into(self, keeper):
        """Hand the seats and teams of these members to ``keeper``, the same person,
        and archive them.

        :raise SeatRefusal: when the role of ``keeper`` takes seats, those of these
            members did not, and the pools are full
        """
        pools, teams = self._get_seats_in_use().pool_id, self.team_ids
        # A client that is merged into another one needs no administrator any more.
        staying = self.filtered(lambda member: member.client_id == keeper.client_id)
        with staying._keep_administrators():
            self._archive("merge")
        self._log_event("merged", new_value=keeper.name)
        super().write({"partner_id": False, "team_ids": [Command.clear()]})
        keeper.team_ids |= teams
        if keeper.active:
            pools._grant(dict.fromkeys(pools, keeper))

    def _repoint(self, vals):
        """Point these members to the contact or client that theirs was merged into."""
        super().write(vals)

    @api.model
    def _get_inactive_domain(self, clients):
        """Return the domain of the inactive members of ``clients``: those whose role
        takes a seat, administrators apart, and who are in no active team."""
        return [
            ("active", "=", True),
            ("client_id", "in", clients.ids),
            ("role_id.takes_seat", "=", True),
            ("role_id.is_administrator", "=", False),
            ("is_billed", "=", False),
        ]

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
            members._seat_waiting(what_fits=True)
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

    def _get_names_text(self):
        """Return the names of these members; of many, the first five."""
        names = ", ".join(self[:5].mapped("name"))
        if len(self) <= 5:
            return names
        return self.env._(
            "%(names)s and %(count)s more", names=names, count=len(self) - 5
        )

    # ------------------------------------------------------------------ audit

    def _prepare_log_entry(self, event, **values):
        """Return the entry of the audit trail on what happened to this member."""
        return {
            "event": event,
            "client_id": self.client_id.id,
            "member_id": self.id,
            "member_name": self.name,
            **values,
        }

    def _log_event(self, event, **values):
        """Note in the audit trail what happened to each of these members."""
        self.env["subscription.log"]._log(
            [member._prepare_log_entry(event, **values) for member in self]
        )

    def _log_added(self):
        """Note in the audit trail that these members were added, and with what role."""
        self.env["subscription.log"]._log(
            [
                member._prepare_log_entry("added", new_value=member.role_id.name)
                for member in self
            ]
        )

    def _log_standing(self, standing):
        """Note in the audit trail who has another role or client than in ``standing``.

        :param dict standing: ``{member: (client, role)}``
        """
        moved = self.filtered(lambda member: member.client_id != standing[member][0])
        recast = self.filtered(lambda member: member.role_id != standing[member][1])
        entries = [
            member._prepare_log_entry("moved", client_id=standing[member][0].id)
            for member in moved
        ] + [
            member._prepare_log_entry(
                "role",
                old_value=standing[member][1].name,
                new_value=member.role_id.name,
            )
            for member in recast
        ]
        self.env["subscription.log"]._log(entries)
        moved._log_added()

    @api.model
    def _get_reason_text(self, reason):
        """Return the ``departure`` called ``reason`` in words."""
        return dict(self._get_choices("departure"))[reason]

    # ------------------------------------------------------------------ actions

    def action_add_to_modules(self):
        """Open the wizard *Add users* on these members.

        :raise UserError: when they belong to several clients
        """
        return self._get_seat_action("subscription_seat_grant_action")

    def action_remove_access(self):
        """Open the wizard *Remove access* on these members and all their modules.

        :raise UserError: when they belong to several clients
        """
        return self._get_seat_action(
            "subscription_seat_release_action", default_pool_ids=self.pool_ids.ids
        )

    def _get_seat_action(self, xmlid, **context):
        """Return the action of this module called ``xmlid``, for these members."""
        if len(self.client_id) > 1:
            raise UserError(
                self.env._("Choose members of one client: seats belong to a client.")
            )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            f"partner_managed_subscription.{xmlid}"
        )
        context |= {
            "default_client_id": self.client_id.id,
            "default_member_ids": self.ids,
        }
        return dict(action, context=context)
