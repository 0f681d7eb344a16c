import logging
from collections import defaultdict
from datetime import timedelta

from psycopg2 import OperationalError
from psycopg2.errors import SerializationFailure, UniqueViolation

from odoo import SUPERUSER_ID, api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, email_normalize_all

from ...notices import get_legal_ends, get_renewal_ends, parse_days
from ..access.res_users import GROUP_STANDARD

_logger = logging.getLogger(__name__)

# Lines that the job finds, and recipients that it writes to, in one transaction.
FOUND_LINES = 5000
SENT_RECIPIENTS = 50
# What a message lists one by one.
LISTED_LINES = 50
# Who had no address is tried again in a later run, not twice in one that goes on.
TRIED_APART = timedelta(minutes=10)
ADDON = "partner_managed_subscription"
TEMPLATES = {
    ("renewal", "partner"): f"{ADDON}.mail_template_notice_renewal",
    ("renewal", "client"): f"{ADDON}.mail_template_notice_renewal_client",
    ("legal", "client"): f"{ADDON}.mail_template_notice_legal",
    ("over", "partner"): f"{ADDON}.mail_template_notice_over",
    ("over", "client"): f"{ADDON}.mail_template_notice_over",
}
# What one message is about, beside the lines: unsent notices with the same are one.
KEY_FIELDS = ("company_id", "kind", "audience", "tier_id", "partner_id", "deadline")


class SubscriptionNotice(models.Model):
    """One message to one recipient about the subscriptions that it lists.

    The job finds what is due and inserts it, each line once whatever happens: a unique
    index of the lines says so. Then it queues the e-mails, in the transaction that
    marks the notices as sent. Both go by chunks that are committed one by one, so a run
    that is killed loses nothing and the next one repeats nothing.
    """

    _name = "subscription.notice"
    _description = "Notice"
    _order = "id desc"

    kind = fields.Selection(
        [
            ("renewal", "Renewal"),
            ("legal", "Right to refuse"),
            ("over", "Over the limit"),
        ],
        required=True,
    )
    audience = fields.Selection(
        [("partner", "Partner or reseller"), ("client", "Client")], required=True
    )
    tier_id = fields.Many2one(
        "res.partner",
        string="Company",
        required=True,
        ondelete="cascade",
        index=True,
        help="The partner, the reseller or the client that is told.",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Recipient",
        required=True,
        ondelete="cascade",
        index=True,
        help="That company, or the administrator of the client.",
    )
    company_id = fields.Many2one(
        "res.company", string="Vendor", required=True, ondelete="cascade"
    )
    deadline = fields.Date(
        string="Last Day to Refuse",
        help="Until when the client can refuse the renewal.",
    )
    state = fields.Selection(
        [("to_send", "To send"), ("sent", "E-mail sent"), ("failed", "Failed")],
        required=True,
        default="to_send",
    )
    failure = fields.Selection(
        [
            ("address", "No e-mail address"),
            ("late", "The last day to refuse has passed"),
            ("broken", "The message could not be written"),
        ],
        string="Reason",
    )
    email = fields.Char(string="Sent To")
    sent_at = fields.Datetime(string="Sent On")
    tried_at = fields.Datetime(string="Last Tried On")
    line_ids = fields.One2many("subscription.notice.line", "notice_id")
    line_count = fields.Integer(string="Listed", compute="_compute_line_count")
    listed_line_ids = fields.Many2many(
        "subscription.notice.line",
        compute="_compute_listed_line_ids",
        compute_sudo=True,
        groups=fields.NO_ACCESS,
    )
    listed_count = fields.Integer(
        compute="_compute_listed_line_ids", compute_sudo=True, groups=fields.NO_ACCESS
    )

    _open = models.Index("(partner_id) WHERE state IN ('to_send', 'failed')")
    _sent_with_date = models.Constraint(
        "CHECK ((state = 'sent') = (sent_at IS NOT NULL))",
        "A notice that was sent has the moment.",
    )

    @api.depends("kind", "tier_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self._get_choices("kind"))
        for notice in self:
            parts = (kinds.get(notice.kind), notice.tier_id.display_name)
            notice.display_name = " · ".join(filter(None, parts))

    @api.depends("line_ids")
    def _compute_line_count(self):
        lines = self.env["subscription.notice.line"]
        domain = [("notice_id", "in", self.ids)]
        counts = dict(lines._read_group(domain, ["notice_id"], ["__count"]))
        for notice in self:
            notice.line_count = counts.get(notice, 0)

    @api.depends("line_ids")
    def _compute_listed_line_ids(self):
        """List the most urgent; one that waited for an address may know a subscription
        by several of its days, and lists it once."""
        self.env["subscription.notice.line"].flush_model()
        rows = self.env.execute_query(self._get_listed_query())
        line_ids, counts = defaultdict(list), {}
        for notice_id, line_id, count in rows:
            line_ids[notice_id].append(line_id)
            counts[notice_id] = count
        for notice in self:
            notice.listed_line_ids = line_ids[notice.id]
            notice.listed_count = counts.get(notice.id, 0)

    def _get_listed_query(self):
        """Return the query of what these notices list: notice, line, and how many there
        are, the most urgent first."""
        return SQL(
            """
            SELECT notice_id, id, total
              FROM (SELECT notice_id, id, term_end,
                           count(*) OVER (PARTITION BY notice_id) AS total,
                           row_number() OVER (
                               PARTITION BY notice_id
                                   ORDER BY term_end, subscription_id, id) AS place
                      FROM (SELECT DISTINCT ON (
                                       notice_id, subscription_id, module_id, term_end)
                                   notice_id, id, term_end, subscription_id
                              FROM subscription_notice_line
                             WHERE notice_id IN %s
                          ORDER BY notice_id, subscription_id, module_id, term_end,
                                   days, id) latest) ranked
             WHERE place <= %s
          ORDER BY notice_id, place
            """,
            tuple(self.ids) or (0,),
            LISTED_LINES,
        )

    # ------------------------------------------------------------------ what is due

    @api.model
    def _get_calendar(self):
        """Return which terms are noticed today, by their last day: rows of company id,
        kind, last day, day of the notice, last day to refuse, and today."""
        rows = []
        days = self.env["res.company"]._get_term_days()
        companies = self.env["res.company"].sudo().browse(list(days))
        for company in companies.filtered("active"):
            today = days[company.id].today
            notice_days = parse_days(company.renewal_notice_days)
            rows += [
                (company.id, "renewal", end, threshold, None, today)
                for end, threshold in get_renewal_ends(today, notice_days).items()
            ]
            if company.legal_notice:
                ends = get_legal_ends(today, company.legal_refusal_days)
                rows += [
                    (company.id, "legal", end, None, deadline, today)
                    for end, deadline in ends.items()
                ]
        return rows

    @api.model
    def _get_term_query(self, where):
        """Return the query of the subscriptions whose terms are noticed today.

        Renewed ones need no renewal notice; the client may refuse what was renewed, so
        the legal one goes out all the same.

        :param SQL where: limits ``subscription``
        """
        columns = [list(column) for column in zip(*self._get_calendar(), strict=True)]
        return SQL(
            """
            SELECT calendar.kind, subscription.id AS subscription_id,
                   subscription.company_id, subscription.client_id,
                   subscription.date AS term_end, calendar.days, calendar.deadline,
                   NULL::integer AS module_id, NULL::integer AS seat_limit,
                   NULL::integer AS used,
                   CASE WHEN calendar.kind = 'legal' THEN TRUE
                        WHEN subscription.notify_client IS NOT NULL
                        THEN subscription.notify_client = 'yes'
                        ELSE company.renewal_notice_clients
                   END AS to_client, calendar.today
              FROM unnest(%(companies)s::integer[], %(kinds)s::varchar[],
                          %(ends)s::date[], %(days)s::integer[],
                          %(deadlines)s::date[], %(todays)s::date[])
                   AS calendar (company_id, kind, term_end, days, deadline, today)
              JOIN sale_subscription subscription
                ON subscription.date = calendar.term_end
               AND subscription.company_id = calendar.company_id
              JOIN res_company company ON company.id = subscription.company_id
             WHERE subscription.in_progress
               AND subscription.active
               AND subscription.managing_partner_id IS NOT NULL
               AND (calendar.kind = 'legal'
                    OR NOT EXISTS (
                       SELECT FROM subscription_renewal renewal
                        WHERE renewal.subscription_id = subscription.id
                          AND renewal.state = 'scheduled'))
               AND %(where)s
            """,
            **dict(
                zip(
                    ("companies", "kinds", "ends", "days", "deadlines", "todays"),
                    columns or [[]] * 6,
                    strict=True,
                )
            ),
            where=where,
        )

    @api.model
    def _get_over_query(self, where):
        """Return the query of the pools with more seats in use than contracted, as
        :meth:`_get_term_query` has subscriptions.

        :param SQL where: limits ``subscription`` and ``usage``
        """
        return SQL(
            """
            SELECT 'over' AS kind, subscription.id AS subscription_id,
                   subscription.company_id, subscription.client_id,
                   subscription.date AS term_end, NULL::integer AS days,
                   NULL::date AS deadline, usage.module_id, usage.seat_limit,
                   usage.used, TRUE AS to_client, NULL::date AS today
              FROM (%(usage)s) usage
              JOIN sale_subscription subscription
                ON subscription.id = usage.subscription_id
             WHERE usage.state = 'over'
               AND subscription.managing_partner_id IS NOT NULL
               AND subscription.date IS NOT NULL
               AND %(where)s
            """,
            usage=self.env["subscription.seat.usage"]._get_query(),
            where=where,
        )

    @api.model
    def _get_told_query(self, subjects):
        """Return the query of who is told of ``subjects``: the companies that manage
        the client, and the client where ``to_client`` says so; of renewals, those who
        did not snooze the notices and, where the vendor did, nobody.

        The client is told through its administrators who have an e-mail address; where
        there are none, as a company, so that somebody sees that it was not told.

        :param SQL subjects: the query of what they are told of
        """
        return SQL(
            """
            SELECT subject.*, told.audience, told.tier_id, told.partner_id
              FROM (%(subjects)s) subject
              JOIN res_partner client ON client.id = subject.client_id
             CROSS JOIN LATERAL (
                   SELECT 'partner' AS audience, tier.id AS tier_id,
                          tier.id AS partner_id
                     FROM unnest(string_to_array(rtrim(client.management_path, '/'),
                                                 '/')::integer[]) AS place (id)
                     JOIN res_partner tier ON tier.id = place.id
                    WHERE subject.kind <> 'legal'
                      AND tier.id <> client.id
                      AND tier.active
                UNION ALL
                   SELECT 'client', client.id, COALESCE(admin.partner_id, client.id)
                     FROM (VALUES (TRUE)) once
                     LEFT JOIN (
                          SELECT member.partner_id
                            FROM subscription_member member
                            JOIN subscription_member_role role
                              ON role.id = member.role_id
                             AND role.active
                             AND role.is_administrator
                           WHERE member.client_id = subject.client_id
                             AND member.active
                             AND COALESCE(member.email, '') <> ''
                          ) admin ON TRUE
                    WHERE subject.to_client
                   ) told
             WHERE NOT EXISTS (
                   SELECT FROM subscription_snooze snooze
                    WHERE snooze.subscription_id = subject.subscription_id
                      AND COALESCE(snooze.tier_id, told.tier_id) = told.tier_id
                      AND snooze.until > subject.today
                      AND subject.kind = 'renewal')
            """,
            subjects=subjects,
        )

    @api.model
    def _get_untold_query(self, subjects, partner_ids=None):
        """Return the query of what is still to be told of ``subjects``.

        :param partner_ids: the recipients to tell, all if empty
        """
        return SQL(
            """
            WITH told AS MATERIALIZED (%(told)s)
            SELECT told.*
              FROM told
             WHERE %(wanted)s
               AND NOT EXISTS (
                   SELECT FROM subscription_notice_line line
                    WHERE line.partner_id = told.partner_id
                      AND line.subscription_id = told.subscription_id
                      AND line.kind = told.kind
                      AND line.term_end = told.term_end
                      AND COALESCE(line.days, -1) = COALESCE(told.days, -1)
                      AND COALESCE(line.module_id, 0) = COALESCE(told.module_id, 0))
            """,
            told=self._get_told_query(subjects),
            wanted=SQL("told.partner_id IN %s", tuple(partner_ids))
            if partner_ids
            else SQL("TRUE"),
        )

    # ------------------------------------------------------------------ finding

    @api.model
    def _insert(self, untold):
        """Insert notices with the lines of ``untold``, a notice for each recipient,
        kind and last day to refuse; return how many lines.

        Lines get their notice by sorting: joined by their many keys, PostgreSQL may
        compare each with each.

        :param SQL untold: as :meth:`_get_untold_query` has it
        """
        self.env.flush_all()
        keys = SQL(", ").join(SQL.identifier(name) for name in KEY_FIELDS)
        stamp = SQL("%s, %s, %s, %s", *[self.env.uid, fields.Datetime.now()] * 2)
        rows = self.env.execute_query(
            SQL(
                """
                WITH untold AS MATERIALIZED (%(untold)s),
                opened AS MATERIALIZED (
                    SELECT untold.*,
                           CASE WHEN row_number() OVER (PARTITION BY %(keys)s) = 1
                                THEN nextval('subscription_notice_id_seq')
                           END AS opened_id
                      FROM untold
                ),
                listed AS MATERIALIZED (
                    SELECT opened.*,
                           max(opened_id) OVER (PARTITION BY %(keys)s) AS notice_id
                      FROM opened
                ),
                notice AS (
                    INSERT INTO subscription_notice (
                           id, state, create_uid, create_date, write_uid, write_date,
                           %(keys)s)
                    SELECT opened_id, 'to_send', %(stamp)s, %(keys)s
                      FROM opened
                     WHERE opened_id IS NOT NULL
                )
                INSERT INTO subscription_notice_line (
                       create_uid, create_date, write_uid, write_date, notice_id,
                       partner_id, company_id, kind, subscription_id, client_id,
                       term_end, days, module_id, seat_limit, used)
                SELECT %(stamp)s, notice_id, partner_id, company_id, kind,
                       subscription_id, client_id, term_end, days, module_id,
                       seat_limit, used
                  FROM listed
                    ON CONFLICT DO NOTHING
             RETURNING notice_id
                """,
                untold=untold,
                keys=keys,
                stamp=stamp,
            )
        )
        self.env["subscription.notice.line"].invalidate_model()
        self.invalidate_model()
        return len(rows)

    @api.model
    def _note_over(self, pools):
        """Tell who can act that terms started with fewer seats than are in use: the
        partner, the reseller and the client's administrators."""
        if not pools:
            return
        over = self._get_over_query(SQL("usage.pool_id IN %s", tuple(pools.ids)))
        if self.sudo()._insert(self._get_untold_query(over)):
            self.env.ref(f"{ADDON}.ir_cron_notice").sudo()._trigger()

    @api.model
    def _cron_notify(self):
        """Tell everybody what is due today, each thing once.

        Days that were missed are caught up by one notice, and so is what a run that was
        killed did not get to.
        """
        if self._find_all():
            self._send_all()

    @api.model
    def _find_all(self):
        """Insert the notices that are due, by chunks of recipients.

        :return: whether all were found before the time was up
        """
        cron = self.env["ir.cron"]
        chunks = self._get_untold_chunks()
        # One more, since sending is still to come then.
        cron._commit_progress(remaining=sum(map(len, chunks)) + 1)
        return all(
            self._do_chunk(self._find, chunk) and cron._commit_progress(len(chunk))
            for chunk in chunks
        )

    @api.model
    def _get_untold_chunks(self):
        """Return lists of the ids of the recipients to whom something is due, each with
        so many lines that one transaction inserts them in a moment."""
        self.env.flush_all()
        untold = self._get_untold_query(self._get_term_query(SQL("TRUE")))
        chunks, lines = [], FOUND_LINES
        for partner_id, count in self.env.execute_query(
            SQL(
                "SELECT partner_id, count(*) FROM (%s) untold"
                " GROUP BY partner_id ORDER BY partner_id",
                untold,
            )
        ):
            if lines + count > FOUND_LINES:
                chunks.append([])
                lines = 0
            chunks[-1].append(partner_id)
            lines += count
        return chunks

    @api.model
    def _find(self, partner_ids):
        """Insert what is due to these recipients; nothing while another run does so."""
        locked = self.env.execute_query(
            SQL("SELECT pg_try_advisory_xact_lock(hashtext(%s))", self._table)
        )
        if locked[0][0]:
            terms = self._get_term_query(SQL("TRUE"))
            self._insert(self._get_untold_query(terms, partner_ids))

    @api.model
    def _do_chunk(self, method, *args):
        """Call ``method``; leave alone what another run does at the same time.

        :return: whether to go on
        """
        try:
            method(*args)
            self.env.cr.flush()
        except (SerializationFailure, UniqueViolation):
            self.env.cr.rollback()
            return False
        return True

    # ------------------------------------------------------------------ sending

    @api.model
    def _get_open_domain(self):
        """Return the domain of the notices that can still be sent."""
        return Domain("state", "in", ("to_send", "failed")) & Domain(
            "failure", "!=", "late"
        )

    @api.model
    def _send_all(self):
        """Send what was not sent yet, by chunks of recipients; those without an address
        are tried again each time."""
        cron = self.env["ir.cron"]
        now = fields.Datetime.now()
        due = self._get_open_domain() & (
            Domain("state", "=", "to_send") | Domain("tried_at", "<", now - TRIED_APART)
        )
        groups = self._read_group(due, ["partner_id"])
        partner_ids = sorted(partner.id for (partner,) in groups)
        cron._commit_progress(remaining=len(partner_ids))
        for place in range(0, len(partner_ids), SENT_RECIPIENTS):
            chunk = partner_ids[place : place + SENT_RECIPIENTS]
            if not (
                self._do_chunk(self._send_to, chunk)
                and cron._commit_progress(len(chunk))
            ):
                break

    @api.model
    def _send_to(self, partner_ids):
        """Send these recipients what is open, one message for each subject."""
        domain = self._get_open_domain() & Domain("partner_id", "in", partner_ids)
        self.search(domain, order="id")._send()

    def _send(self):
        """Queue the e-mails of these notices, or note why there is none. Those of
        another transaction are left to it.

        What nobody needs to know any more goes: subscriptions that were renewed, closed
        or snoozed, clients that went to another partner.
        """
        notices = self.sudo().try_lock_for_update(allow_referencing=True)
        late = notices.filtered(lambda notice: notice._is_late())
        late._fail("late")
        notices = (notices - late)._merge()
        notices._refresh()
        empty = notices.filtered(lambda notice: not notice.line_count)
        notices -= empty
        empty.unlink()
        addresses = notices._get_addresses()
        for notice in notices:
            notice.email = ", ".join(addresses[notice])
        reached = notices.filtered("email")
        (notices - reached)._fail("address")
        reached._queue_each()

    def _is_late(self):
        """Return whether the client can no longer refuse what this tells it."""
        self.ensure_one()
        return bool(self.deadline) and self.deadline < self.company_id._get_today()

    def _fail(self, failure):
        self.write(
            {
                "state": "failed",
                "failure": failure,
                "tried_at": fields.Datetime.now(),
            }
        )

    def _merge(self):
        """Put together what is to be one message; return what remains."""
        kept, gone, keep_ids = self.browse(), self.browse(), []
        for same in self.grouped(
            lambda notice: tuple(notice[name] for name in KEY_FIELDS)
        ).values():
            first = same.sorted("id")[0]
            kept |= first
            gone |= same - first
            keep_ids += [first.id] * (len(same) - 1)
        if gone:
            self.env.flush_all()
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE subscription_notice_line line SET notice_id = pair.kept
                      FROM unnest(%s, %s) AS pair (gone, kept)
                     WHERE line.notice_id = pair.gone
                    """,
                    gone.ids,
                    keep_ids,
                )
            )
            self.env["subscription.notice.line"].invalidate_model()
            gone.unlink()
            kept.invalidate_recordset()
        return kept

    def _refresh(self):
        """Delete the lines of these notices that are not due any more, and count the
        seats of the others anew."""
        if not self:
            return
        self.env.flush_all()
        ids = tuple(self.ids)
        where = SQL(
            "subscription.id IN (SELECT subscription_id FROM subscription_notice_line"
            " WHERE notice_id IN %s)",
            ids,
        )
        subjects = SQL(
            "%s UNION ALL %s", self._get_term_query(where), self._get_over_query(where)
        )
        self.env.cr.execute(
            SQL(
                """
                WITH due AS MATERIALIZED (
                    SELECT line.id, told.seat_limit, told.used
                      FROM (%(told)s) told
                      JOIN subscription_notice_line line
                        ON line.partner_id = told.partner_id
                       AND line.subscription_id = told.subscription_id
                       AND line.kind = told.kind
                       AND line.term_end = told.term_end
                       AND COALESCE(line.module_id, 0) = COALESCE(told.module_id, 0)
                      JOIN subscription_notice notice
                        ON notice.id = line.notice_id
                       AND notice.audience = told.audience
                       AND notice.tier_id = told.tier_id
                       AND notice.deadline IS NOT DISTINCT FROM told.deadline
                     WHERE notice.id IN %(ids)s
                ), gone AS (
                    DELETE FROM subscription_notice_line
                     WHERE notice_id IN %(ids)s AND id NOT IN (SELECT id FROM due)
                )
                UPDATE subscription_notice_line line
                   SET seat_limit = due.seat_limit, used = due.used
                  FROM due
                 WHERE line.id = due.id AND line.kind = 'over'
                """,
                told=self._get_told_query(subjects),
                ids=ids,
            )
        )
        self.env["subscription.notice.line"].invalidate_model()
        self.invalidate_recordset()

    def _get_addresses(self):
        """Return ``{notice: its e-mail addresses}``: those of the recipient, else those
        of the partner's staff or of the member."""
        staff = self._get_staff_addresses()
        members = self._get_member_addresses()
        return {
            notice: email_normalize_all(notice.partner_id.email or "")
            or staff.get(notice.partner_id)
            or members.get((notice.tier_id, notice.partner_id))
            or []
            for notice in self
        }

    def _get_staff_addresses(self):
        """Return ``{company: addresses of its staff}`` of the partners and resellers
        that have none of their own."""
        companies = self.filtered(lambda notice: notice.audience == "partner")
        companies = companies.partner_id.filtered(lambda one: not one.email)
        addresses = defaultdict(list)
        users = companies and self.env["res.users"].search(
            [
                ("partner_id.commercial_partner_id", "in", companies.ids),
                ("all_group_ids", "in", self.env.ref(GROUP_STANDARD).ids),
            ],
            order="id",
        )
        for user in users:
            company = user.partner_id.commercial_partner_id
            addresses[company] += email_normalize_all(user.email or "")
        return addresses

    def _get_member_addresses(self):
        """Return ``{(client, contact): addresses}`` of the members whose contact has
        none."""
        notices = self.filtered(
            lambda notice: notice.audience == "client" and not notice.partner_id.email
        )
        members = notices and self.env["subscription.member"].search(
            [
                ("client_id", "in", notices.tier_id.ids),
                ("partner_id", "in", notices.partner_id.ids),
            ]
        )
        return {
            (member.client_id, member.partner_id): email_normalize_all(
                member.email or ""
            )
            for member in members
        }

    def _queue_each(self):
        """Queue the e-mails of these notices together, or one by one if that fails."""
        try:
            with self.env.cr.savepoint():
                self._queue()
        except OperationalError:
            raise
        except Exception:
            if len(self) > 1:
                for notice in self:
                    notice._queue_each()
                return
            _logger.exception("Notice %s cannot be written", self.id)
            self._fail("broken")

    def _queue(self):
        """Queue the e-mails of these notices, each in the language of its recipient,
        and mark them as sent."""
        values = {"state": "sent", "failure": False, "tried_at": False}
        self.write({**values, "sent_at": fields.Datetime.now()})
        for (kind, audience, company), same in self.grouped(
            lambda notice: (notice.kind, notice.audience, notice.company_id)
        ).items():
            template = self.env.ref(TEMPLATES[kind, audience])
            template.with_user(SUPERUSER_ID).send_mail_batch(
                same.ids,
                email_values={
                    "model": False,
                    "res_id": False,
                    "author_id": company.partner_id.id,
                },
            )

    # ------------------------------------------------------------------ what is written

    def _get_title(self):
        """Return the subject of the message: what it is about, in one line."""
        self.ensure_one()
        titles = {
            ("renewal", "partner"): self._get_partner_title,
            ("renewal", "client"): self._get_client_title,
            ("legal", "client"): self._get_legal_title,
            ("over", "partner"): self._get_over_title,
            ("over", "client"): self._get_over_title,
        }
        # Iterating reads the lines of all notices at once, slicing does not.
        line = next(iter(self.listed_line_ids), self.listed_line_ids)
        return titles[self.kind, self.audience](line, self.listed_count)

    @api.model
    def _get_partner_title(self, line, count):
        if count > 1:
            return self.env._("%(count)s subscriptions to renew", count=count)
        values = {
            "client": line.client_id.name,
            "end": line._get_date_text(line.term_end),
        }
        if line._get_days_left() < 0:
            return self.env._("%(client)s: the subscription ended on %(end)s", **values)
        return self.env._("%(client)s: the subscription ends on %(end)s", **values)

    @api.model
    def _get_client_title(self, line, count):
        if count > 1:
            return self.env._("%(count)s of your subscriptions end", count=count)
        values = {
            "subscription": line.subscription_id.display_name,
            "end": line._get_date_text(line.term_end),
        }
        if line._get_days_left() < 0:
            return self.env._(
                "Your subscription %(subscription)s ended on %(end)s", **values
            )
        return self.env._(
            "Your subscription %(subscription)s ends on %(end)s", **values
        )

    def _get_legal_title(self, line, count):
        deadline = line._get_date_text(self.deadline)
        if count > 1:
            return self.env._(
                "You may refuse the renewal of your subscriptions until %(deadline)s",
                deadline=deadline,
            )
        return self.env._(
            "You may refuse the renewal of your subscription %(subscription)s until"
            " %(deadline)s",
            subscription=line.subscription_id.display_name,
            deadline=deadline,
        )

    def _get_over_title(self, line, count):
        if self.audience == "client":
            return self.env._("More seats in use than contracted")
        if count > 1:
            return self.env._(
                "%(count)s modules with more seats in use than contracted", count=count
            )
        return self.env._(
            "%(client)s: more seats in use than contracted", client=line.client_id.name
        )

    def _get_rows(self):
        """Return what the message lists, as dictionaries."""
        self.ensure_one()
        return [line._get_row() for line in self.listed_line_ids]

    def _get_more_count(self):
        """Return how many lines the message does not list."""
        return self.listed_count - len(self.listed_line_ids)

    def _get_contact_text(self):
        """Return whom a client asks, and how to reach them."""
        return self.tier_id._get_subscription_contact_text()

    def _get_url(self):
        """Return the address of the screen where the recipient can act: the list of
        clients to renew, the one subscription or the usage of seats, the portal."""
        self.ensure_one()
        if self.audience == "client":
            path = "/my"
        elif self.kind == "renewal":
            path = "/odoo/clients-to-renew"
        else:
            path = f"/odoo/action-{ADDON}.subscription_seat_usage_action"
        return self.get_base_url() + path

    # ------------------------------------------------------------------ actions

    def action_send_again(self):
        """Send these notices, which failed, once more, and say what came of it."""
        self.check_access("read")
        failed = self.filtered(lambda notice: notice.state == "failed")
        failed._send()
        left = failed.exists()
        reasons = dict(self._get_choices("failure"))
        lines = [
            self.env._(
                "%(recipient)s: %(reason)s.",
                recipient=notice.partner_id.display_name,
                reason=reasons[notice.failure],
            )
            for notice in left.filtered("failure")
        ]
        if lines:
            return self._notify("danger", "\n".join(lines))
        if not left:
            message = self.env._("There is nothing to tell any more.")
            action = self.env["ir.actions.act_window"]._for_xml_id(
                f"{ADDON}.subscription_notice_action"
            )
            return self._notify("info", message, dict(action, target="main"))
        return self._notify("success", self.env._("The e-mails are on their way."))

    def _notify(self, kind, message, then=None):
        """Return the action that says ``message``, then does ``then``, or shows these
        records anew."""
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": kind,
                "message": message,
                "next": then or {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
