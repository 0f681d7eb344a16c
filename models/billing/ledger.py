"""When a subscription has to pay, and what: from what it had and what was billed.

Plain objects, loaded for many subscriptions at once (``_load_ledgers``) and asked for
one at a time: they read the database no more.
"""

from ...billing import (
    DAY,
    Span,
    Step,
    get_blocks,
    get_layers,
    get_steps,
)
from ...terms import LAST_DAY
from .credits import Credits
from .owed import Billed, Due, Owed
from .periods import Calendar

KINDS = ("raise", "period", "closing")


class Ledger(Credits, Calendar):
    """The account of one subscription."""

    def __init__(self, subscription, today, *, changes, billed, **calendar):
        """Take what was loaded; see :class:`Calendar`.

        :param changes: ``{pool: [SeatChange]}``
        :param billed: ``Billed`` of statements that are not void
        """
        super().__init__(today, **calendar)
        self.subscription = subscription
        self.billed = billed
        self.closed_on = subscription.closed_on
        self.credits_unused = subscription.credits_unused
        self.changes = changes
        self._stack_seats()

    def _stack_seats(self):
        self.layers = {
            pool: get_layers(some, self.get_last_billed_day)
            for pool, some in self.changes.items()
        }

    def try_changes(self, pool, changes):
        """Reckon with ``changes`` of ``pool`` instead of those that were noted."""
        self.changes = {**self.changes, pool: changes}
        self._stack_seats()

    def try_terms(self, terms):
        """Reckon with ``terms`` instead of those that there are."""
        self.terms = terms
        self._stack_seats()
        self.look_from(self.today)

    def try_closing(self, day, credit):
        """Reckon as if the subscription were closed with ``day`` as its last one;
        ``credit`` says whether days after it that were billed are credited."""
        self.closed_on, self.credits_unused = day, credit
        self.try_terms(
            [
                term._replace(last=min(term.end, day))
                for term in self.terms
                if term.first <= day
            ]
        )

    def try_billed(self, due, owed):
        """Reckon with ``owed``, all that ``due`` bills, as if it had been billed."""
        nothing = self.subscription.env["subscription.statement.line"]
        self.billed = self.billed + [
            Billed(
                nothing,
                one.pool,
                one.credited.kind if one.credited else one.kind,
                one.span,
                one.quantity,
            )
            for one in owed
        ]
        if due.kind == "period":
            self.covered = sorted([*self.covered, due.period.span])

    # ------------------------------------------------------------------ what is due

    def get_due(self):
        """Return what is to be billed today or was to be before, in its order."""
        unbilled = [period for period in self.periods if self.is_unbilled(period)]
        due = [self.get_due_period(period) for period in unbilled]
        due += self._iter_due_raises()
        due += self._iter_due_closings()
        due = [one for one in due if one.on <= self.today]
        return sorted(due, key=lambda one: (one.on, KINDS.index(one.kind)))

    def get_next_day(self):
        """Return when there is something to bill again, None for never."""
        if self.get_due():
            return self.today
        days = [
            term.last + DAY
            for term in self.terms
            if term.last
            and self.today <= term.last < LAST_DAY
            and any(row.paid_by == "period" for row in self.rows)
        ]
        coming = (
            due.on
            for period in self.iter_periods()
            if self.is_unbilled(period)
            for due in [self.get_due_period(period)]
            if due.on > self.today
        )
        return min([*days, *[day for day in [next(coming, None)] if day]], default=None)

    def _iter_due_raises(self):
        """Yield the raises within billed periods that do not wait for the next."""
        for period in self.periods:
            row = self.get_row(period.first)
            at_once = row.billing_timing == "pre" and row.billing_raise == "now"
            if at_once and not self.is_unbilled(period):
                for day in self._get_raised_days(period):
                    yield Due(day, "raise", period, self.get_term(period))

    def _get_raised_days(self, period):
        """Return the days of ``period`` on which seats that are not billed began."""
        days = {
            max(layer.first, period.first)
            for layers in self.layers.values()
            for layer in layers
            if layer.first <= period.last and layer.end >= period.first
        }
        return [day for day in sorted(days) if self._get_raised(period, day)]

    def _iter_due_closings(self):
        """Yield the terms that ended with something that no period's invoice bills."""
        for term in self.terms:
            if not term.last or term.last >= self.today:
                continue
            periods = [one for one in self.periods if self.get_term(one) == term]
            billed = periods and not any(map(self.is_unbilled, periods))
            if billed and self._get_rest(term, LAST_DAY, periods):
                yield Due(term.last + DAY, "closing", periods[-1], term)

    # ------------------------------------------------------------------ what is owed

    def get_owed(self, due):
        """Return the lines that ``due`` bills, but for those that are counted."""
        if due.kind == "raise":
            return self._get_raised(due.period, due.on)
        of_term = [one for one in self.periods if self.get_term(one) == due.term]
        if due.kind == "closing":
            return self._get_rest(due.term, LAST_DAY, of_term)
        if not due.spans:
            # Paused whole: what is to come off waits for the next invoice.
            return []
        before = [one for one in of_term if one.first < due.period.first]
        known = self._get_known(due)
        own = [
            owed._replace(payer_day=due.period.first)
            for owed in self._get_raised(due.period, known)
        ]
        return self._get_rest(due.term, known, before) + own + self._get_manual(due)

    def _get_known(self, due):
        """Return up to which day seats were raised that the invoice of ``due`` bills: a
        late run bills what one in time would have."""
        post = self.get_row(due.period.first).billing_timing == "post"
        return due.period.last if post or not due.spans else due.spans[0].first

    def _get_rest(self, term, known, periods):
        """Return what is open of ``periods`` that were billed: seats raised since then,
        up to the day ``known``, and days to be credited."""
        rest = []
        for period in periods:
            rest += self._get_raised(period, known)
            rest += self._get_credits(period, term)
        return rest

    def _get_raised(self, period, known):
        """Return the lines of contracted seats of ``period`` that were not billed, as
        far as they were there by the day ``known``."""
        if self.get_row(period.first).billing_basis != "contracted":
            return self._get_resumed(period)
        return [
            self._make_seats(pool, period, block, known)
            for pool in self.layers
            if pool.is_billed
            for block in self._get_blocks(pool, period, known)
        ]

    def _get_resumed(self, period):
        """Return the lines of days of ``period`` that seemed to be paused when it was
        billed, and were not: what was counted then holds for them."""
        basis = self.get_row(period.first).billing_basis
        same = [one for one in self.billed if one.kind == basis]
        counted = {
            one.pool: one
            for one in reversed(same)
            if one.quantity > 0 and one.span.cut(*period.span)
        }
        return [
            self._make_resumed(basis, one, period, block)
            for one in counted.values()
            for block in get_blocks(
                get_steps([Step(period.span, one.quantity)], period.span, self.pauses),
                [other.step for other in same if other.pool == one.pool],
                period.span,
            )
        ]

    def _make_resumed(self, basis, counted, period, block):
        rows = [
            row._get_values() | {"quantity": row.quantity}
            for row in counted.line.row_ids
        ]
        return self._make_units(
            basis, counted.pool, period, block, counted.quantity, rows
        )

    def get_counted(self, basis, pool, due, count):
        """Return the lines of what was counted for ``due``, on the days that were not
        paused.

        A period that is billed anew may have paused days that another invoice, which
        stays, has deducted: they are billed along with it, to be deducted once.
        """
        if not count.quantity:
            return []
        wanted = get_steps(
            [Step(span, count.quantity) for span in due.spans], due.period.span
        )
        billed = [
            one.step for one in self.billed if (one.kind, one.pool) == (basis, pool)
        ]
        return [
            self._make_units(basis, pool, due.period, block, count.quantity, count.rows)
            for block in get_blocks(wanted, billed, due.period.span)
        ]

    def _make_units(self, basis, pool, period, block, counted, rows):
        """Return the line of ``block``, with as many of ``rows``, which are those of
        ``counted`` units."""
        left, taken = block.quantity, []
        for row in rows:
            number = min(row["quantity"], left)
            left -= number
            taken.append({**row, "quantity": number})
        return Owed(
            kind=basis,
            pool=pool,
            period=period,
            span=block.span,
            days=self.count_days(period, block.span),
            quantity=block.quantity,
            payer_day=period.first,
            price_quantity=counted,
            rows=tuple(taken),
        )

    def _get_blocks(self, pool, period, known):
        wanted = self._get_wanted(pool, period, known)
        billed = [one.step for one in self.billed if one.pool == pool]
        return get_blocks(
            get_steps(wanted, period.span, self.pauses), billed, period.span
        )

    def _get_wanted(self, pool, period, known):
        """Return the steps of the contracted seats that ``period`` bills."""
        never = self.get_row(period.first).billing_raise == "never"
        last = self.get_term(period).end
        return [
            Step(Span(layer.first, min(layer.end, last)), layer.seats)
            for layer in self.layers[pool]
            if layer.first <= min(known, last)
            # Free until the next period
            and (layer.first <= period.first or layer.is_start or not never)
        ]

    def _make_seats(self, pool, period, block, known):
        """Return the line of ``block``: seats of ``pool`` on days of ``period``."""
        level = sum(
            layer.seats
            for layer in self.layers[pool]
            if layer.covers(block.span.first) and layer.first <= known
        )
        return Owed(
            kind="contracted",
            pool=pool,
            period=period,
            span=block.span,
            days=self.count_days(period, block.span),
            quantity=block.quantity,
            payer_day=block.span.first,
            price_quantity=level,
            base=block.base,
            is_top=block.base + block.quantity >= level,
        )

    def count_days(self, period, span):
        """Return for how many days of the full period ``span`` is paid."""
        whole = self.get_row(period.first).billing_proration == "whole"
        return period.of_days if whole and span == period.span else span.days

    def _get_manual(self, due):
        """Return the lines that were entered by hand, once a period."""
        period = due.period
        return [
            Owed(
                kind="manual",
                pool=self.subscription.env["subscription.seat.pool"],
                period=period,
                span=period.span,
                days=period.of_days,
                quantity=line.product_uom_qty,
                payer_day=period.first,
                source=line,
            )
            for line in self.subscription.sale_subscription_line_ids
            if line._is_manual()
        ]
