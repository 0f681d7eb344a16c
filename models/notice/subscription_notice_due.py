from datetime import date
from typing import NamedTuple

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import email_normalize_all

from ...notices import get_legal_ends, get_renewal_ends, parse_days

# The columns of a line that are inserted, and of them what its unique index compares.
LINE_FIELDS = (
    "partner_id",
    "subscription_id",
    "kind",
    "term_end",
    "days",
    "module_id",
    "alert_id",
    "company_id",
    "client_id",
    "seat_limit",
    "used",
)
INDEX_FIELDS = LINE_FIELDS[:7]
# What can be snoozed.
SNOOZED_KINDS = ("renewal", "usage")
# The columns of a subscription that a subject begins with.
TERM_FIELDS = ("id", "date", "company_id", "client_id", "managing_partner_id")


class Subject(NamedTuple):
    """What a line is about: a term that ends or, with a module, a pool over its limit
    or, with an alert, one that runs out of seats; the end is the day of the alert
    then."""

    subscription_id: int
    term_end: date
    company_id: int
    client_id: int
    manager_id: int
    kind: str
    to_client: bool
    days: int | None = None
    deadline: date | None = None
    module_id: int | None = None
    seat_limit: int | None = None
    used: int | None = None
    alert_id: int | None = None


class Recipient(NamedTuple):
    """Who gets a message: a company that manages the client, or the client through an
    administrator."""

    audience: str
    addressee_id: int
    partner_id: int


class DueLine(NamedTuple):
    """A line that is due: a subject and one of its recipients.

    Tuples, not records: a day can have tens of thousands.
    """

    subject: Subject
    recipient: Recipient

    @property
    def message(self):
        """The values of the notice, as ``KEY_FIELDS`` has them."""
        subject = self.subject
        return (subject.company_id, subject.kind, *self.recipient, subject.deadline)

    @property
    def row(self):
        """The values of the line, as ``LINE_FIELDS`` has them."""
        subject = self.subject
        return (
            self.recipient.partner_id,
            *(subject.subscription_id, subject.kind, subject.term_end),
            *(subject.days, subject.module_id, subject.alert_id),
            *(subject.company_id, subject.client_id, subject.seat_limit, subject.used),
        )

    @property
    def index_key(self):
        """What the unique index of lines compares."""
        return self.row[: len(INDEX_FIELDS)]

    @property
    def topic(self):
        """What is said to whom, on whichever day and by whichever company."""
        subject = self.subject
        return (
            self.message[1:],
            *(subject.subscription_id, subject.term_end, subject.module_id),
        )


class SubscriptionNotice(models.Model):
    """Which notices are due, and to whom."""

    _inherit = "subscription.notice"

    # ------------------------------------------------------------------ subjects

    @api.model
    def _get_calendar(self):
        """Return which terms are noticed today, by company and last day:
        ``{kind: {company id: {last day: (day of the notice, last day to refuse)}}}``.
        """
        calendar = {"renewal": {}, "legal": {}}
        term_days = self.env["res.company"]._get_term_days()
        companies = self.env["res.company"].browse(list(term_days))
        for company in companies.filtered("active"):
            today = term_days[company.id].today
            days = parse_days(company.renewal_notice_days)
            calendar["renewal"][company.id] = {
                end: (day, None) for end, day in get_renewal_ends(today, days).items()
            }
            if company.legal_notice:
                ends = get_legal_ends(today, company.legal_refusal_days)
                calendar["legal"][company.id] = {
                    end: (None, deadline) for end, deadline in ends.items()
                }
        return calendar

    @api.model
    def _get_term_subjects(self, domain=Domain.TRUE):
        """Return the terms that are noticed today, of the subscriptions in ``domain``.

        Renewed ones need no renewal notice; the client may refuse what was renewed, so
        the legal one goes out all the same.
        """
        calendar = self._get_calendar()
        renewed = Domain("renewal_ids", "any", [("state", "=", "scheduled")])
        wanted = {"renewal": domain & ~renewed, "legal": domain}
        return [
            subject
            for kind, ends in calendar.items()
            for subject in self._get_ending_subjects(kind, ends, wanted[kind])
        ]

    @api.model
    def _get_ending_subjects(self, kind, ends, domain):
        """Return the running subscriptions in ``domain`` that have a partner and end on
        one of the last days in ``ends``, as :meth:`_get_calendar` has them."""
        rows = self._select(
            "sale.subscription",
            domain & self._get_ending_domain(ends),
            [*TERM_FIELDS, "notify_client"],
        )
        companies = self.env["res.company"].browse(list(ends))
        by_default = set(companies.filtered("renewal_notice_clients").ids)
        subjects = []
        for *term, notify in rows:
            _id, end, company_id, *_others = term
            chosen = notify == "yes" if notify else company_id in by_default
            to_client = kind == "legal" or chosen
            subjects.append(Subject(*term, kind, to_client, *ends[company_id][end]))
        return subjects

    @api.model
    def _get_ending_domain(self, ends):
        domain = Domain.OR(
            Domain("company_id", "=", company_id) & Domain("date", "in", list(days))
            for company_id, days in ends.items()
        )
        domain &= Domain("in_progress", "=", True) & Domain("active", "=", True)
        return domain & Domain("managing_partner_id", "!=", False)

    @api.model
    def _select(self, model, domain, names):
        """Return the stored values of ``names`` as tuples, None where empty.

        Rows, not records: there can be tens of thousands, and the ORM would take longer
        for its cache than PostgreSQL does to find them.
        """
        records = self.env[model].with_context(active_test=False)
        query = records._search(domain)
        columns = [records._field_to_sql(query.table, name, query) for name in names]
        return self.env.execute_query(query.select(*columns))

    @api.model
    def _get_over_subjects(self, pools):
        """Return those of ``pools`` that have more seats in use than contracted, in
        terms that end and have a partner."""
        usage = pools._read_usage()
        return [
            Subject(
                pool.subscription_id.id,
                pool.subscription_id.date,
                pool.company_id.id,
                pool.client_id.id,
                pool.managing_partner_id.id,
                kind="over",
                to_client=True,
                module_id=pool.module_id.id,
                seat_limit=pool.seat_limit,
                used=usage[pool.id]["used"],
            )
            for pool in pools
            if usage[pool.id]["state"] == "over"
            and pool.managing_partner_id
            and pool.subscription_id.date
        ]

    # ------------------------------------------------------------------ recipients

    @api.model
    def _get_due_lines(self, subjects):
        """Return a line for each recipient of ``subjects``: the companies that manage
        the client, except of legal notices, and the client where ``to_client`` says so.
        Of renewals and seats that run out, those who snoozed the notices get none and,
        where the vendor did, nobody.
        """
        managers = self._get_manager_recipients(
            {one.manager_id for one in subjects} - {None, False}
        )
        admins = self._get_client_recipients(
            {one.client_id for one in subjects if one.to_client}
        )
        snoozers = self._get_snoozers(subjects)
        lines = []
        for subject in subjects:
            silent = snoozers.get((subject.kind, subject.subscription_id), ())
            is_legal = subject.kind == "legal"
            recipients = [] if is_legal else managers.get(subject.manager_id, [])
            if subject.to_client:
                recipients = recipients + admins[subject.client_id]
            lines += [
                DueLine(subject, recipient)
                for recipient in recipients
                if not silent or not {False, recipient.addressee_id} & silent
            ]
        return lines

    @api.model
    def _get_manager_recipients(self, manager_ids):
        """Return ``{managing partner id: recipients}``: itself and the companies that
        manage it, without archived ones. Where all are archived it is itself, so that
        somebody sees that nobody was notified."""
        managers = self.env["res.partner"].browse(manager_ids)
        managers.fetch(["management_path"])
        paths = {
            manager.id: [
                int(id_) for id_ in (manager.management_path or "").split("/")[:-1]
            ]
            for manager in managers
        }
        ids = list(set().union(*paths.values()))
        active = managers.search([("id", "in", ids), ("active", "=", True)]).ids
        recipients = {id_: Recipient("partner", id_, id_) for id_ in active}
        return {
            manager_id: [recipients[id_] for id_ in path if id_ in recipients]
            or [Recipient("partner", manager_id, manager_id)]
            for manager_id, path in paths.items()
        }

    @api.model
    def _get_client_recipients(self, client_ids):
        """Return ``{client id: recipients}``: its administrators who have an e-mail
        address. Where there are none it is the company, so that somebody sees that the
        client was not notified."""
        found = self.env["subscription.member"]._read_group(
            [
                ("client_id", "in", list(client_ids)),
                ("active", "=", True),
                ("role_id.active", "=", True),
                ("role_id.is_administrator", "=", True),
                ("email", "not in", (False, "")),
            ],
            ["client_id", "partner_id", "email"],
        )
        recipients = {client_id: [] for client_id in client_ids}
        for client, partner, email in found:
            if email_normalize_all(email):
                recipients[client.id].append(Recipient("client", client.id, partner.id))
        return {
            client_id: own or [Recipient("client", client_id, client_id)]
            for client_id, own in recipients.items()
        }

    @api.model
    def _get_snoozers(self, subjects):
        """Return ``{(kind, subscription id): ids of the companies that snoozed}``, with
        False for everybody. Notices about the law and about seats over the limit cannot
        be snoozed."""
        ids = [one.subscription_id for one in subjects if one.kind in SNOOZED_KINDS]
        snoozes = self.env["subscription.snooze"].search(
            [("subscription_id", "in", ids)]
        )
        by_subscription = snoozes._get_running().grouped("subscription_id")
        return {
            (kind, subscription.id): {one.addressee_id.id for one in running}
            for subscription, running in by_subscription.items()
            for kind in SNOOZED_KINDS
        }
