"""Recurring revenue reckoned in plain Python, day by day, from what statements and
ledgers say: by the definitions of docs/revenue.md, and not as the view does it."""

from collections import Counter, defaultdict
from datetime import date
from fractions import Fraction

from dateutil.relativedelta import relativedelta

REVENUE = "subscription.revenue"
LINE = "subscription.revenue.line"
MONTHS = 24
# Figures of a row, of a month
FIGURES = {
    "opening": "opening",
    "mrr": "mrr",
    "new": "new_amount",
    "back": "back_amount",
    "raised": "raised_amount",
    "lowered": "lowered_amount",
    "lost": "lost_amount",
}
KEYS = {
    "subscription_id": "subscription",
    "client_id": "client",
    "top_partner_id": "partner",
    "template_id": "plan",
    "module_id": "module",
}
FAR = date(9999, 1, 1)


def get_days(today):
    """Return ``[(first day of a month, day that is looked at)]``: the month before
    those that are shown, and those, the last with today."""
    first = today.replace(day=1) - relativedelta(months=MONTHS + 1)
    months = [first + relativedelta(months=number) for number in range(MONTHS + 2)]
    return [
        (month, min(month + relativedelta(months=1, days=-1), today))
        for month in months
    ]


def get_yearly(line):
    """Return the amount a year of a line of a statement, by its terms."""
    of_subscription = line.subscription_id.billing_terms_ids.sorted("since")
    terms = of_subscription[:1]
    for one in of_subscription:
        terms = one if one.since <= line.date_first else terms
    periods = {
        "days": Fraction(365),
        "weeks": Fraction(365, 7),
        "months": Fraction(12),
        "years": Fraction(1),
    }[terms.period_unit] / terms.period_count
    price = _as_fraction(line.price_full) * (100 - _as_fraction(line.discount)) / 100
    return _as_fraction(line.quantity) * price * periods


def _as_fraction(number):
    return Fraction(str(number))


class Reckoner:
    """What subscriptions paid on a day."""

    def __init__(self, subscriptions, today, get_amount=get_yearly):
        self.subscriptions = subscriptions
        self.today = today
        self.get_amount = get_amount
        self.moves = subscriptions.env["subscription.licence.move"].search(
            [("kind", "in", ("renewal", "raise", "returned"))]
        )

    def get_moves(self, subscription):
        """Return the entries by which seats of ``subscription`` took licences."""
        return self.moves.filtered(
            lambda move: move.subscription_id == subscription and move.date_first
        )

    def get_rows(self):
        """Return ``{(first of month, subscription, module, currency): figures}``."""
        paid = {
            month: self._get_paid_by_row(day) for month, day in get_days(self.today)
        }
        months = sorted(paid)
        rows = {}
        for before, month in zip(months, months[1:], strict=False):
            rows |= self._get_month(month, paid[before], paid[month])
        return rows

    def _get_paid_by_row(self, day):
        amounts = Counter()
        for one in self.subscriptions:
            for source, amount in self.get_sources(one, day):
                amounts[one, source.module_id, source.currency_id] += amount / 12
        return amounts

    def get_sources(self, subscription, day):
        """Yield what ``subscription`` pays for on ``day``: the record and its amount a
        year."""
        if day > min(subscription.date or FAR, subscription.closed_on or FAR):
            return
        for move in self.get_moves(subscription):
            if move.date_first <= day <= move.date_last:
                yield move, _as_fraction(move.yearly_amount)
        looked_at = self._get_billed_day(subscription, day)
        for statement in subscription.statement_ids:
            if statement.state != "valid" or not looked_at:
                continue
            for line in statement.line_ids:
                credited = line.credited_line_id.statement_id
                if credited.state == "credited":
                    continue
                if line.date_first <= looked_at <= line.date_last:
                    yield line, self.get_amount(line)

    def _get_billed_day(self, subscription, day):
        """Return the day whose statements say what is paid on ``day``: the last one
        that was billed where ``day`` is still to be, None where it never will."""
        periods = [
            one
            for one in subscription.statement_ids
            if one.kind == "period" and one.state in ("valid", "credited")
        ]
        if not periods:
            return None
        last = max(periods, key=lambda one: one.date_first).date_last
        if day <= last:
            return day
        by_period = all(
            one.paid_by == "period"
            for one in subscription.billing_terms_ids
            if last < one.since <= day
        )
        runs = (
            subscription.active
            and subscription.in_progress
            and not subscription.is_paused
        )
        return last if by_period and (runs or subscription.closed_on) else None

    def _get_born(self, client, company):
        """Return the first day that ``client`` ever paid for."""
        days = [FAR]
        for one in self.subscriptions:
            if (one.client_id, one.company_id) == (client, company):
                days += [
                    statement.date_first
                    for statement in one.statement_ids
                    if statement.kind == "period"
                    and statement.state in ("valid", "credited")
                ]
                days += [move.date_first for move in self.get_moves(one)]
        return min(days)

    def _get_month(self, month, before, now):
        of_client = defaultdict(lambda: [Fraction(0), Fraction(0)])
        for at, amounts in enumerate((before, now)):
            for (one, _module, currency), amount in amounts.items():
                of_client[one.client_id, one.company_id, currency][at] += amount
        rows = {}
        for key in {*before, *now}:
            one, module, currency = key
            opening, closing = before.get(key, 0), now.get(key, 0)
            if not opening and not closing:
                continue
            had, has = of_client[one.client_id, one.company_id, currency]
            change = closing - opening
            if not had and not has:
                kind = None
            elif not had:
                born = self._get_born(one.client_id, one.company_id)
                kind = "new" if born >= month else "back"
            elif not has:
                kind = "lost"
            else:
                kind = "raised" if change > 0 else "lowered" if change else None
            figures = Counter(opening=opening, mrr=closing)
            if kind:
                figures[kind] = -change if kind in ("lowered", "lost") else change
            rows[month, one, module, currency] = figures
        return rows


def group_rows(rows, *names):
    """Add up ``rows`` of a :class:`Reckoner` by month, currency and the keys ``names``;
    return figures as numbers."""
    groups = defaultdict(Counter)
    for (month, one, module, currency), figures in rows.items():
        values = {
            "subscription": one,
            "client": one.client_id,
            "partner": one.top_partner_id,
            "plan": one.template_id,
            "module": module,
        }
        key = (month, currency, *(values[KEYS[name]] for name in names))
        for name, amount in figures.items():
            groups[key][name] += amount
    return {
        key: {name: round(float(figures[name]), 4) for name in FIGURES}
        for key, figures in groups.items()
    }


class RevenueMixin:
    """How tests read recurring revenue."""

    def read_groups(self, *names, model=REVENUE, user=None, domain=()):
        """Return figures by month, currency and the fields ``names``."""
        self.env.flush_all()
        env = self.env(user=user) if user else self.env
        fields = [*FIGURES.values()] if model == REVENUE else ["opening", "mrr"]
        groups = env[model]._read_group(
            [*domain],
            ["month:month", "currency_id", *names],
            [f"{field}:sum" for field in fields],
        )
        labels = dict(zip(FIGURES.values(), FIGURES, strict=True))
        count = 2 + len(names)
        return {
            tuple(
                one.with_env(self.env) if hasattr(one, "ids") else one
                for one in row[:count]
            ): {
                labels[field]: round(amount or 0, 4)
                for field, amount in zip(fields, row[count:], strict=True)
            }
            for row in groups
        }

    def check_reckoned(self, subscriptions, today, get_amount=get_yearly):
        """Compare the view with what :class:`Reckoner` says, at every grain, and each
        figure with the lines that it opens."""
        rows = Reckoner(subscriptions, today, get_amount).get_rows()
        names = [*KEYS]
        for grain in ((), *((name,) for name in names), names):
            expected = group_rows(rows, *grain)
            found = self.read_groups(*grain)
            wrong = {
                key: (found.get(key), expected.get(key))
                for key in {*found, *expected}
                if found.get(key) != expected.get(key)
            }
            self.assertFalse(wrong, grain)
            lines = self.read_groups(*grain, model=LINE)
            nothing = {"opening": 0, "mrr": 0}
            for key in {*found, *lines}:
                figures = found.get(key, Counter())
                self.assertEqual(
                    lines.get(key, nothing),
                    {name: figures[name] for name in nothing},
                    (grain, key),
                )
                moved = sum(figures[name] for name in ("new", "back", "raised"))
                moved -= figures["lowered"] + figures["lost"]
                self.assertAlmostEqual(figures["opening"] + moved, figures["mrr"], 2)
        return rows
