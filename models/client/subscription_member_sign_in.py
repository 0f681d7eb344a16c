import re
from collections import defaultdict
from datetime import date, datetime, timedelta, timezone

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL, email_normalize

from ..core.base import IDS

# Lines of one report.
MOST_LINES = 10000
# How far ahead of ours the clock of the vendor's software may be.
CLOCK_SKEW = timedelta(minutes=5)
# What is asked for as days since a sign-in.
DAYS = range(1, 3651)


class SubscriptionMember(models.Model):
    """When members signed in last: into Odoo, or into the vendor's software, which
    reports it. Who never did, as far as is known, is *unknown*, which is not the same
    as long ago."""

    _inherit = "subscription.member"
    _protected_fields = ("last_sign_in_at",)

    last_sign_in_at = fields.Datetime(
        string="Last Sign-in",
        readonly=True,
        copy=False,
        help="Into Odoo or, as far as the vendor's software reports it, into that;"
        " empty where neither is known.",
    )
    unseen_days = fields.Integer(
        string="Days Since the Last Sign-in",
        compute="_compute_unseen_days",
        search="_search_unseen_days",
        help="Not known where the last sign-in is empty.",
    )

    @api.depends("last_sign_in_at")
    def _compute_unseen_days(self):
        now = fields.Datetime.now()
        for member in self:
            seen = member.last_sign_in_at
            member.unseen_days = max((now - seen).days, 0) if seen else False

    @api.model
    def _search_unseen_days(self, operator, value):
        if operator != ">=":
            return NotImplemented
        return self._get_unseen_domain(value)

    @api.model
    def _get_unseen_domain(self, days):
        """Return the domain of who has not signed in for ``days``, where it is known.

        :raise UserError: when it is no number of days
        """
        self._verify_days(days)
        moment = fields.Datetime.now() - timedelta(days=days)
        return Domain("active", "=", True) & Domain("last_sign_in_at", "<=", moment)

    @api.model
    def _verify_days(self, days):
        """:raise UserError: when ``days`` is not between a day and ten years"""
        if isinstance(days, bool) or not isinstance(days, int) or days not in DAYS:
            raise UserError(
                self.env._(
                    "Choose a number of days between %(first)s and %(last)s.",
                    first=DAYS[0],
                    last=DAYS[-1],
                )
            )

    def _note_login(self):
        super()._note_login()
        self._note_odoo_sign_ins()

    def _note_odoo_sign_ins(self):
        """Note the last log-ins into Odoo of the contacts of these members."""
        # sudo: when somebody logged in is told with the member.
        logins = {
            member.id: [*filter(None, member.partner_id.user_ids.mapped("login_date"))]
            for member in self.sudo()
        }
        self._store_sign_ins(
            {id_: max(dates) for id_, dates in logins.items() if dates}
        )

    def _merge_into(self, keeper):
        """The keeper has signed in when any of these did."""
        super()._merge_into(keeper)
        dates = [*filter(None, self.mapped("last_sign_in_at"))]
        if dates:
            self._store_sign_ins({keeper.id: max(dates)})

    @api.model
    def _store_sign_ins(self, moments):
        """Store ``{member id: moment}``, where it is later than what is known."""
        if not moments:
            return
        self.flush_model(["last_sign_in_at"])
        # Raw SQL: thousands at once, each with a moment of its own. Locked in the order
        # of their ids, as everywhere, so that nobody waits in a circle.
        rows = self.env.execute_query(
            SQL(
                """
                WITH known AS (
                     SELECT member.id, given.moment
                       FROM unnest(%s::int[], %s::timestamp[]) AS given (id, moment)
                       JOIN subscription_member member ON member.id = given.id
                      WHERE member.last_sign_in_at IS NULL
                         OR member.last_sign_in_at < given.moment
                      ORDER BY member.id FOR NO KEY UPDATE OF member)
                UPDATE subscription_member member SET last_sign_in_at = known.moment
                  FROM known WHERE member.id = known.id RETURNING member.id
                """,
                [*moments],
                [*moments.values()],
            )
        )
        changed = self.browse(member_id for (member_id,) in rows)
        changed.invalidate_recordset(["last_sign_in_at", "unseen_days"])

    # ------------------------------------------------------------------ reports

    @api.model
    def report_sign_ins(self, lines=None):
        """Note when members signed in to the vendor's software. For its programs, over
        RPC: only administrators of the vendor may.

        A line has ``at``, a moment in UTC in ISO form, and either ``member_id`` or
        ``email``; a ``client_id`` beside the address tells members of several clients
        apart. A moment before the one that is known changes nothing.

        :param list lines: dictionaries, at most 10,000
        :return: for each line ``{"result": ..., "member_id": id or False}``; the result
            is *ok*, *unknown*, *ambiguous*, *bad_line*, *bad_date* or *future*
        :raise AccessError: for everybody else
        :raise UserError: when ``lines`` is no list, or too long
        """
        self._verify_may_report()
        if not isinstance(lines, list | tuple) or len(lines) > MOST_LINES:
            raise UserError(
                self.env._(
                    "Give a list of at most %(most)s lines, each with a member and a"
                    " moment.",
                    most=MOST_LINES,
                )
            )
        read = [self._read_sign_in(line) for line in lines]
        found = self._find_reported([line for line in read if isinstance(line, dict)])
        results, moments = [], {}
        for line in read:
            ids = found(line) if isinstance(line, dict) else ()
            results.append(self._get_report_result(line, ids))
            if results[-1]["result"] == "ok":
                (member_id,) = ids
                latest = moments.get(member_id, line["at"])
                moments[member_id] = max(latest, line["at"])
        self._store_sign_ins(moments)
        return results

    @api.model
    def _verify_may_report(self):
        """:raise AccessError: unless the user is an administrator of the vendor"""
        group = "partner_managed_subscription.group_admin"
        if not (self.env.su or self.env.user.has_group(group)):
            raise AccessError(
                self.env._("Only the vendor's administrators report sign-ins.")
            )

    @api.model
    def _get_report_result(self, line, ids):
        if isinstance(line, str):
            return {"result": line, "member_id": False}
        if len(ids) != 1:
            result = "ambiguous" if ids else "unknown"
            return {"result": result, "member_id": False}
        return {"result": "ok", "member_id": next(iter(ids))}

    @api.model
    def _read_sign_in(self, line):
        """Return ``line`` as it is meant, or the code of what is wrong with it."""
        if not isinstance(line, dict):
            return "bad_line"
        numbers = {name: line.get(name) for name in ("member_id", "client_id")}
        given = {name: value for name, value in numbers.items() if value}
        if any(
            isinstance(value, bool) or not isinstance(value, int) or value not in IDS
            for value in given.values()
        ):
            return "bad_line"
        email = line.get("email")
        is_text = isinstance(email, str) and "\0" not in email
        address = email_normalize(email) if is_text else False
        if bool(given.get("member_id")) == bool(email) or (email and not address):
            return "bad_line"
        moment = self._read_moment(line.get("at"))
        if not moment:
            return "bad_date"
        if moment > fields.Datetime.now() + CLOCK_SKEW:
            return "future"
        return {**given, "address": address, "at": moment}

    @api.model
    def _read_moment(self, value):
        """Return the moment that ``value`` says, in UTC, or None."""
        if isinstance(value, str):
            try:
                # Python 3.10 does not read the Z of UTC.
                value = datetime.fromisoformat(re.sub("[Zz]$", "+00:00", value.strip()))
            except ValueError:
                return None
        if not isinstance(value, datetime):
            if not isinstance(value, date):
                return None
            value = datetime(value.year, value.month, value.day)
        if value.tzinfo:
            try:
                value = value.astimezone(timezone.utc).replace(tzinfo=None)
            except OverflowError:
                return None
        return value.replace(microsecond=0)

    @api.model
    def _find_reported(self, lines):
        """Return what gives the ids of the members that a line of ``lines`` names, by
        one query."""
        ids = [line["member_id"] for line in lines if line.get("member_id")]
        addresses = [line["address"] for line in lines if line["address"]]
        # Archived members sign in nowhere; who left under an address is somebody else.
        known = self.search_fetch(
            Domain("active", "=", True)
            & (Domain("id", "in", ids) | Domain("email_normalized", "in", addresses)),
            ["client_id", "email_normalized"],
        )
        by_address = defaultdict(set)
        for member in known:
            for client_id in (None, member.client_id.id):
                by_address[client_id, member.email_normalized].add(member.id)
        by_id = {
            (client, one.id) for one in known for client in (None, one.client_id.id)
        }

        def find(line):
            client_id = line.get("client_id")
            if line.get("member_id"):
                named = client_id, line["member_id"]
                return {line["member_id"]} if named in by_id else set()
            return by_address.get((client_id, line["address"]), set())

        return find


class ResUsers(models.Model):
    """Logging in to Odoo is signing in."""

    _inherit = "res.users"

    def _update_last_login(self):
        result = super()._update_last_login()
        now = fields.Datetime.now()
        # sudo: whoever logs in.
        members = self.env["subscription.member"].sudo()
        members = members.search([("partner_id", "in", self.partner_id.ids)])
        members._store_sign_ins(dict.fromkeys(members.ids, now))
        return result
