"""Tells what was planned, day by day, with the scheduled actions in between."""

import csv
import io
import math
from collections import defaultdict
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from functools import partial

from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.tools import file_open
from odoo.tools.convert import convert_csv_import

from .clock import turned

ADDON = "partner_managed_subscription"
JOBS_HOUR, WORK_HOUR = 3, 8
# Days before today from which on scheduled actions run that write letters, or look at
# what renews by itself: for two years of them the demo would load for minutes.
NOTICE_DAYS = 70
DELIVERY_DAYS = 33
SELF_RENEWAL_DAYS = 40
# The days on which terms start, and subscriptions are billed, started and resumed.
DATES = (
    ("subscription.renewal", "date_start", [("state", "=", "scheduled")]),
    ("sale.subscription", "recurring_next_date", []),
    ("sale.subscription", "date_start", [("stage_id.type", "=", "pre")]),
    ("sale.subscription", "paused_until", [("is_paused", "=", True)]),
)


class Stage:
    """The company, its today, what is planned, and what plays it."""

    def __init__(self, env):
        # Odoo makes no PDF while tests run, unless it is told to. A note "created" on
        # each record would tell nothing that its date does not.
        context = {
            "lang": None,
            "force_report_rendering": True,
            "mail_create_nolog": True,
        }
        self.env = env(context={**env.context, **context})
        self.company = self.env.ref("base.main_company")
        self.today = self.company._get_today()
        self.scenes = defaultdict(list)
        # Days on which something is told, and the next one on which something is due.
        self.busy = set()
        self.next_due = self.today

    # ------------------------------------------------------------------ planning

    def ago(self, days=0, **delta):
        """Return the day so long before today."""
        return self.today - relativedelta(**delta) - timedelta(days=days)

    def at(self, day, act, *args, hour=WORK_HOUR, **options):
        """Plan ``act(*args, **options)`` for an hour of ``day``, in UTC."""
        act = partial(act, *args, **options)
        self.scenes[datetime.combine(day, time(hour))].append(act)

    def months(self, since):
        """Yield the first days of the months from ``since`` to today."""
        day = since + relativedelta(months=1, day=1)
        while day <= self.today:
            yield day
            day += relativedelta(months=1)

    # ------------------------------------------------------------------ finding

    def ref(self, name):
        """Return the record of the demo."""
        return self.env.ref(f"{ADDON}.demo_{name}")

    def role(self, name):
        return self.env.ref(f"{ADDON}.role_{name}")

    def by(self, login):
        """Return the environment in which a user of the demo acts."""
        return self.env(user=self.ref(f"user_{login}").id)

    def name(self, name, record):
        """Give a record of the demo its name, by which uninstalling finds it."""
        value = {"xml_id": f"{ADDON}.demo_{name}", "record": record, "noupdate": True}
        self.env["ir.model.data"]._update_xmlids([value])
        return record

    def pools(self, subscription, *codes):
        """Return the pools of modules of a subscription; ``base`` is that of users."""
        pools = self.ref(f"subscription_{subscription}").seat_pool_ids
        return pools.filtered(
            lambda pool: (
                "base" in codes if pool.is_base else pool.module_id.code in codes
            )
        )

    def members(self, client):
        """Return the members of a client who have joined, in their order."""
        return self.env["subscription.member"].search(
            [("client_id", "=", self.ref(f"client_{client}").id)], order="id"
        )

    @staticmethod
    def read_rows(model):
        """Return the rows of a model's file, as dictionaries."""
        with file_open(f"{ADDON}/demo/story/{model}.csv") as file:
            return list(csv.DictReader(file))

    def load_rows(self, model, rows):
        """Let the vendor import some rows of a model's file."""
        text = io.StringIO()
        writer = csv.DictWriter(text, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
        content = text.getvalue().encode()
        convert_csv_import(
            self.by("vendor"), ADDON, f"{model}.csv", content, noupdate=True
        )

    # ------------------------------------------------------------------ playing

    def play(self):
        """Do all that was planned, in the order of the days, and each morning what the
        scheduled actions would have done."""
        self.busy = {moment.date() for moment in self.scenes}
        self.next_due = first = min(self.busy)
        days = [first + timedelta(days=n) for n in range((self.today - first).days + 1)]
        for day in days:
            self.at(day, self._do_jobs, day, hour=JOBS_HOUR)
        now = datetime.now().replace(microsecond=0)
        with turned(self.env.cr) as set_clock, self._uncommitted():
            for moment in sorted(self.scenes):
                # What is planned for later today happens now.
                set_clock(min(moment, now))
                for act in self.scenes[moment]:
                    act()
                    self.env.flush_all()
                self.env.invalidate_all()

    @contextmanager
    def _uncommitted(self):
        """Let scheduled actions commit nothing: the demo is one transaction."""
        crons = type(self.env["ir.cron"])
        kept = crons.__dict__.get("_commit_progress")
        crons._commit_progress = lambda *args, **options: math.inf
        try:
            yield
        finally:
            if kept:
                crons._commit_progress = kept
            else:
                del crons._commit_progress

    def _do_jobs(self, day):
        """Do what the scheduled actions do on ``day``."""
        env = self.env
        if self._is_due(day):
            env["subscription.renewal"]._cron_apply()
            self._bill()
            self.next_due = self._get_next_due(day)
        ago = (self.today - day).days
        if ago < SELF_RENEWAL_DAYS and (ago % 7 == 0 or ago < 7):
            env["sale.subscription"]._cron_renew()
        if ago % 7 == 0:
            env["subscription.invitation"]._cron_expire()
        if ago < NOTICE_DAYS and ago % 7 in (0, 1):
            env["subscription.notice"]._cron_notify()
            env["subscription.alert"]._cron_alert()
        if ago <= DELIVERY_DAYS:
            env["subscription.delivery"]._cron_deliver()
            # From the first of these days on: what was posted before is not sent.
            self.company.delivery_enabled = True
        if ago < NOTICE_DAYS:
            self._post_letters()

    def _is_due(self, day):
        """Tell whether terms may start, or something is to bill: it is the day of one,
        a month is over, or something happened on the day before."""
        yesterday = day - timedelta(days=1)
        return day >= self.next_due or day.day == 1 or yesterday in self.busy

    def _get_next_due(self, day):
        """Return the first day after ``day`` that a date of a subscription names."""
        days = [
            found
            for model, field, domain in DATES
            for [found] in self.env[model]._read_group(
                [*domain, (field, ">", day)], [], [f"{field}:min"]
            )
        ]
        return min(filter(None, days), default=self.today)

    def _bill(self):
        """Bill what is due, as the scheduled action does; here, though a queue of jobs
        may be installed: nobody would work it off today."""
        subscriptions = self.env["sale.subscription"]
        runs = self.env["subscription.billing.run"]
        is_month = self.company._get_today().day == 1
        if not (subscriptions._count_due() or is_month):
            subscriptions._start_waiting()
            subscriptions._resume_paused()
            return
        run = runs._add([{}])
        run._set({"started": subscriptions._start_waiting()})
        run._set({"resumed": subscriptions._resume_paused()})
        if due := subscriptions._claim_due(0, 1000):
            run._add_part(**due._bill_counted())
        for partner_id in subscriptions._get_grouped_partners():
            claimed = subscriptions._claim_group(partner_id)
            run._add_part(**claimed._bill_counted())
        run._bill_licences()
        run._set({"finished_at": fields.Datetime.now()})

    def _post_letters(self):
        """Let the e-mails that wait have been sent: their addresses are nobody's."""
        waiting = self.env["mail.mail"].search([("state", "=", "outgoing")])
        waiting.write({"state": "sent"})
