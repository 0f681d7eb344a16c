"""What a ledger gives back: days that were billed and not had."""

from ...billing import Step, get_excess, get_steps
from ...terms import LAST_DAY
from .owed import Owed


class Credits:
    """The part of :class:`~.ledger.Ledger` that credits."""

    def _get_credits(self, period, term):
        """Return the lines that credit days of ``period`` that were billed and not
        had: paused, corrected in time, or after the end where that came earlier."""
        span = period.span
        if self.closed_on != term.last or self.credits_unused:
            span = self.get_reach(period)
        # Of what a credit note took back in full nothing is left to credit.
        billed = [
            one
            for one in self.billed
            if one.kind != "manual" and one.is_valid and one.span.cut(*span)
        ]
        lines = []
        for pool in dict.fromkeys(one.pool for one in billed):
            same = [one for one in billed if one.pool == pool]
            kept = get_steps(
                self._get_kept(pool, period, term, same), span, self.pauses
            )
            for step in get_excess(kept, [one.step for one in same], span):
                lines += self._credit(step, period, term, same)
        return lines

    def _get_kept(self, pool, period, term, billed):
        """Return the steps of ``pool`` that stay billed: the contracted seats; of what
        was counted once a period, what was billed."""
        if self.get_row(period.first).billing_basis == "contracted" and pool:
            return self._get_wanted(pool, period, LAST_DAY)
        steps = [one.step for one in billed if one.quantity > 0]
        cut = [(step.span.cut(period.first, term.end), step.quantity) for step in steps]
        return [Step(span, quantity) for span, quantity in cut if span]

    def _credit(self, step, period, term, billed):
        """Yield the lines that credit ``step``: what was billed last comes first."""
        rest = step.quantity
        for one in sorted(billed, key=lambda one: -one.line.id):
            part = one.span.cut(*step.span)
            taken = min(rest, one.quantity) if part else 0
            if taken > 0:
                rest -= taken
                yield Owed(
                    kind="credit",
                    pool=one.pool,
                    period=period,
                    span=part,
                    days=part.days,
                    quantity=-taken,
                    payer_day=one.span.first,
                    reason=self._get_reason(part, term),
                    credited=one.line,
                )

    def _get_reason(self, span, term):
        if any(pause.cut(*span) for pause in self.pauses):
            return "pause"
        return "end" if span.first > term.end else "correction"
