from odoo import api, fields, models
from odoo.tools import SQL

# What is written when rows are opened: the texts are those of that moment.
COLUMNS = (
    *("client_id", "subscription_team_id", "team_number", "team_name"),
    *("member_id", "member_number", "holder_name", "email", "role"),
)


class SubscriptionPresence(models.Model):
    """Who was in which team of a client, and which teams there were, from one moment to
    another.

    A row without ``member_number`` is the team itself: open while the team is not
    archived. A row with one is a member in that team: open exactly while the team and
    the member are not archived and the member's role takes a seat. :meth:`_sync` and
    :meth:`_end` write them, nobody else. The numbers and texts outlive the records.
    """

    _name = "subscription.presence"
    _inherit = ["subscription.immutable.mixin"]
    _description = "Presence in a Team"
    _order = "since desc, id desc"
    _rec_name = "team_name"

    client_id = fields.Many2one(
        "res.partner", required=True, ondelete="cascade", index=True
    )
    subscription_team_id = fields.Many2one(
        "subscription.team", string="Team", ondelete="set null", index="btree_not_null"
    )
    team_number = fields.Integer(
        string="Team No.", required=True, help="Tells teams apart that were deleted."
    )
    team_name = fields.Char(help="Name at the end of the row.")
    member_id = fields.Many2one(
        "subscription.member", ondelete="set null", index="btree_not_null"
    )
    member_number = fields.Integer(
        string="Member No.",
        help="Tells members apart that were deleted; empty for the team itself.",
    )
    holder_name = fields.Char(string="Holder", help="Name at the end of the row.")
    email = fields.Char(string="E-mail")
    role = fields.Char(help="Code of the role at the end of the row.")
    since = fields.Datetime(required=True)
    until = fields.Datetime()

    _team_open = models.UniqueIndex(
        "(subscription_team_id) WHERE until IS NULL AND member_number IS NULL",
        "The team is there already.",
    )
    _member_open = models.UniqueIndex(
        "(subscription_team_id, member_id)"
        " WHERE until IS NULL AND member_number IS NOT NULL",
        "The member is in the team already.",
    )
    _ended_after_begun = models.Constraint(
        "CHECK (until >= since)", "Nobody leaves before coming."
    )
    _there_or_ended = models.Constraint(
        "CHECK (until IS NOT NULL OR (subscription_team_id IS NOT NULL"
        " AND (member_id IS NULL) = (member_number IS NULL)))",
        "Who is still in a team exists.",
    )

    @api.model
    def _sync(self, *, teams=(), members=()):
        """Open and close rows so that they say what holds now for ``teams``, with all
        their members, and for ``members``, in all their teams."""
        scope = self._get_scope(teams, members)
        self._flush_sources()
        self._lock_missing(scope)
        # Rows are closed first: what has moved to another client is opened anew there.
        stays = SQL(
            "EXISTS (SELECT FROM (%s) wanted WHERE wanted.client_id = known.client_id"
            " AND wanted.subscription_team_id = known.team_id"
            " AND wanted.member_id IS NOT DISTINCT FROM known.member_id)",
            self._get_wanted_query(scope),
        )
        self._close(SQL("%s AND NOT %s", scope, stays))
        self._open(scope, SQL("%s::timestamp", fields.Datetime.now()))

    @api.model
    def _end(self, *, teams=(), members=()):
        """Close the rows of ``teams`` and ``members``, which are archived or about to
        be deleted."""
        self._flush_sources()
        self._close(self._get_scope(teams, members))

    @api.model
    def _note_roles(self, members):
        """Note the roles of ``members`` in their open rows: once they are closed, the
        role of the member may be one that takes no seat."""
        self._flush_sources()
        self.env.cr.execute(
            SQL(
                """
                UPDATE subscription_presence presence SET role = role.code
                  FROM subscription_member member
                  JOIN subscription_member_role role ON role.id = member.role_id
                 WHERE member.id = presence.member_id AND presence.until IS NULL
                   AND member.id = ANY(%s) AND presence.role IS DISTINCT FROM role.code
                """,
                members.ids,
            )
        )
        self.invalidate_model()

    @api.model
    def _fill(self):
        """Open the rows of all teams and members that are there: since they were
        created, as far as is known. For databases that had no history until now."""
        self._flush_sources()
        self._open(SQL("TRUE"), SQL("date_trunc('second', wanted.created_at)"))

    # ------------------------------------------------------------------ SQL
    # Raw SQL: an import moves thousands of members at once, and the ORM has no way to
    # compare a table with what it should be.

    @api.model
    def _get_scope(self, teams, members):
        """Return the condition on ``known``, a table with ``team_id`` and
        ``member_id``, that a row is of one of ``teams`` or ``members``."""
        return SQL(
            "(known.team_id = ANY(%s::int[]) OR known.member_id = ANY(%s::int[]))",
            [team.id for team in teams],
            [member.id for member in members],
        )

    @api.model
    def _flush_sources(self):
        """Write what the queries read."""
        names = ["name", "active", "client_id"]
        self.env["subscription.team"].flush_model([*names, "member_ids"])
        members = self.env["subscription.member"]
        members.flush_model([*names, "email", "role_id", "team_ids"])
        self.env["subscription.member.role"].flush_model(["code", "takes_seat"])

    @api.model
    def _get_wanted_query(self, scope):
        """Return the query of the rows within ``scope`` that are to be open."""
        return SQL(
            """
            SELECT team.client_id, team.id AS subscription_team_id,
                   team.id AS team_number, team.name AS team_name,
                   member.id AS member_id, member.id AS member_number,
                   member.name AS holder_name,
                   member.email, role.code AS role,
                   GREATEST(team.create_date, member.create_date) AS created_at
              FROM (SELECT id AS team_id, NULL::int AS member_id
                      FROM subscription_team
                     UNION ALL
                    SELECT team_id, member_id FROM subscription_team_member_rel
                   ) known
              JOIN subscription_team team ON team.id = known.team_id
              LEFT JOIN subscription_member member ON member.id = known.member_id
              LEFT JOIN subscription_member_role role ON role.id = member.role_id
             WHERE %s AND team.active
               AND (known.member_id IS NULL OR (member.active AND role.takes_seat))
            """,
            scope,
        )

    @api.model
    def _open(self, scope, since):
        """Insert the rows within ``scope`` that are wanted and not there.

        :param SQL since: from when on; it may refer to ``wanted``
        """
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO subscription_presence (
                       since, %(columns)s,
                       create_uid, create_date, write_uid, write_date)
                SELECT %(since)s, %(columns)s,
                       %(uid)s, %(now)s, %(uid)s, %(now)s
                  FROM (%(wanted)s) wanted
                 WHERE NOT EXISTS (
                       SELECT FROM subscription_presence known
                        WHERE known.until IS NULL
                          AND known.subscription_team_id
                              = wanted.subscription_team_id
                          AND known.member_id IS NOT DISTINCT FROM wanted.member_id)
                """,
                columns=SQL(", ").join(map(SQL.identifier, COLUMNS)),
                since=since,
                uid=self.env.uid,
                now=fields.Datetime.now(),
                wanted=self._get_wanted_query(scope),
            )
        )
        self.invalidate_model()

    @api.model
    def _close(self, condition):
        """Close the open rows that meet ``condition``, now; not before they were
        opened, where the clock of that server was ahead of this one's. The texts become
        those of now; the role is the last one that took a seat."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE subscription_presence presence
                   SET until = GREATEST(presence.since, %(now)s),
                       team_name = team.name, holder_name = member.name,
                       email = member.email,
                       role = CASE WHEN role.takes_seat THEN role.code
                                   ELSE known.role END,
                       write_uid = %(uid)s, write_date = %(now)s
                  FROM (SELECT *, subscription_team_id AS team_id
                          FROM subscription_presence
                         WHERE until IS NULL) known
                  JOIN subscription_team team ON team.id = known.team_id
                  LEFT JOIN subscription_member member ON member.id = known.member_id
                  LEFT JOIN subscription_member_role role ON role.id = member.role_id
                 WHERE known.id = presence.id AND %(condition)s
                """,
                now=fields.Datetime.now(),
                uid=self.env.uid,
                condition=condition,
            )
        )
        self.invalidate_model()

    @api.model
    def _lock_missing(self, scope):
        """Lock the members, teams and roles of the memberships within ``scope`` that
        have no open row: whether they get one is decided by all three.

        Members and teams are written as well, so whoever archives one of them meanwhile
        starts over and sees the row. Roles are shared: many join with the same role.
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT known.member_id, known.team_id, member.role_id
                  FROM subscription_team_member_rel known
                  JOIN subscription_member member ON member.id = known.member_id
                 WHERE %s AND NOT EXISTS (
                       SELECT FROM subscription_presence presence
                        WHERE presence.until IS NULL
                          AND presence.subscription_team_id = known.team_id
                          AND presence.member_id = known.member_id)
                """,
                scope,
            )
        )
        if rows:
            member_ids, team_ids, role_ids = map(set, zip(*rows, strict=True))
            self.env["subscription.member"].browse(member_ids)._lock_exclusive()
            self.env["subscription.team"].browse(team_ids)._lock_exclusive()
            self.env["subscription.member.role"].browse(role_ids)._lock_shared()
