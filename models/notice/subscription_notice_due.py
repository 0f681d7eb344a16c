from odoo import api, fields, models
from odoo.tools import SQL

from ...notices import get_legal_ends, get_renewal_ends, parse_days
from ..core.base import ADDON
from .subscription_notice import KEY_FIELDS

# Lines that the job finds, and recipients that it writes to, in one transaction.
FOUND_LINES = 5000


class SubscriptionNotice(models.Model):
    """Which notices are due."""

    _inherit = "subscription.notice"

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
    def _get_recipient_query(self, subjects):
        """Return the query of who is told of ``subjects``: the companies that manage
        the client, and the client where ``to_client`` says so; of renewals, those who
        did not snooze the notices and, where the vendor did, nobody.

        The client is told through its administrators who have an e-mail address; where
        there are none, as a company, so that somebody sees that it was not told.

        :param SQL subjects: the query of what they are told of
        """
        return SQL(
            """
            SELECT subject.*, told.audience, told.addressee_id, told.partner_id
              FROM (%(subjects)s) subject
              JOIN res_partner client ON client.id = subject.client_id
             CROSS JOIN LATERAL (
                   SELECT 'partner' AS audience, manager.id AS addressee_id,
                          manager.id AS partner_id
                     FROM unnest(string_to_array(rtrim(client.management_path, '/'),
                                                 '/')::integer[]) AS place (id)
                     JOIN res_partner manager ON manager.id = place.id
                    WHERE subject.kind <> 'legal'
                      AND manager.id <> client.id
                      AND manager.active
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
                      AND (snooze.addressee_id IS NULL
                           OR snooze.addressee_id = told.addressee_id)
                      AND snooze.until > subject.today
                      AND subject.kind = 'renewal')
            """,
            subjects=subjects,
        )

    @api.model
    def _get_pending_query(self, subjects, partner_ids=None):
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
            told=self._get_recipient_query(subjects),
            wanted=SQL("told.partner_id IN %s", tuple(partner_ids))
            if partner_ids
            else SQL("TRUE"),
        )

    @api.model
    def _insert_notices(self, pending):
        """Insert notices with the lines of ``pending``, a notice for each recipient,
        kind and last day to refuse; return how many lines.

        Lines get their notice by sorting: joined by their many keys, PostgreSQL may
        compare each with each.

        :param SQL pending: as :meth:`_get_pending_query` has it
        """
        self.env.flush_all()
        keys = SQL(", ").join(SQL.identifier(name) for name in KEY_FIELDS)
        stamp = SQL("%s, %s, %s, %s", *[self.env.uid, fields.Datetime.now()] * 2)
        rows = self.env.execute_query(
            SQL(
                """
                WITH pending AS MATERIALIZED (%(pending)s),
                opened AS MATERIALIZED (
                    SELECT pending.*,
                           CASE WHEN row_number() OVER (PARTITION BY %(keys)s) = 1
                                THEN nextval('subscription_notice_id_seq')
                           END AS opened_id
                      FROM pending
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
                pending=pending,
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
        if self.sudo()._insert_notices(self._get_pending_query(over)):
            self.env.ref(f"{ADDON}.ir_cron_notice").sudo()._trigger()

    @api.model
    def _find_all(self):
        """Insert the notices that are due, by chunks of recipients.

        :return: whether all were found before the time was up
        """
        cron = self.env["ir.cron"]
        chunks = self._get_pending_chunks()
        # One more, since sending is still to come then.
        cron._commit_progress(remaining=sum(map(len, chunks)) + 1)
        return all(
            self._do_chunk(self._find_due, chunk) and cron._commit_progress(len(chunk))
            for chunk in chunks
        )

    @api.model
    def _get_pending_chunks(self):
        """Return lists of the ids of the recipients to whom something is due, each with
        so many lines that one transaction inserts them in a moment."""
        self.env.flush_all()
        pending = self._get_pending_query(self._get_term_query(SQL("TRUE")))
        chunks, lines = [], FOUND_LINES
        for partner_id, count in self.env.execute_query(
            SQL(
                "SELECT partner_id, count(*) FROM (%s) pending"
                " GROUP BY partner_id ORDER BY partner_id",
                pending,
            )
        ):
            if lines + count > FOUND_LINES:
                chunks.append([])
                lines = 0
            chunks[-1].append(partner_id)
            lines += count
        return chunks

    @api.model
    def _find_due(self, partner_ids):
        """Insert what is due to these recipients; nothing while another run does so."""
        locked = self.env.execute_query(
            SQL("SELECT pg_try_advisory_xact_lock(hashtext(%s))", self._table)
        )
        if locked[0][0]:
            terms = self._get_term_query(SQL("TRUE"))
            self._insert_notices(self._get_pending_query(terms, partner_ids))
