from odoo import api, fields, models
from odoo.tools import format_amount, format_date

from ...billing import SeatChange
from ...counting import CountRequest

# Invoices that a change can call for at once, each for days of another period.
MOST_AT_ONCE = 4


class MoreUnits:
    """Seats in use, members or teams that there are more, or fewer, than counted. In
    the context, where nobody can put one from outside."""

    def __init__(self, counts):
        """Take ``{(subscription id, pool id or False): number}``."""
        self.counts = counts


class SaleSubscription(models.Model):
    """What a change does to the next invoice, told before it is made: by the same code
    that makes invoices, from what would have been noted."""

    _inherit = "sale.subscription"

    @api.model
    def _get_effect_texts(self, changes):
        """Return a line for each subscription that is billed by the period: what its
        change does to its next invoice.

        :param changes: ``{subscription: ({pool: seats}, {pool: more units})}``; an
            empty pool stands for members and teams
        """
        noted = [one for one in changes if one._is_effect_known()]
        texts = [(one, one._get_effect_text(*changes[one])) for one in noted]
        if len(texts) == 1:
            return texts[0][1]
        return "\n".join(
            self.env._(
                "%(subscription)s: %(text)s", subscription=one.display_name, text=text
            )
            for one, text in texts
            if text
        )

    def _is_effect_known(self):
        # sudo: who reads the subscription is told what it costs.
        record = self.sudo()
        return (
            record.in_progress
            and record.is_billed_by_period
            and bool(record.billing_terms_ids)
        )

    def _get_effect_text(self, seats, more):
        """Return in sentences what ``seats`` and ``more`` do to the next invoice."""
        # sudo: what is owed is the same whoever asks.
        record = self.sudo()
        (soon, later), (now, then) = (
            record._foresee_all({}, {}),
            record._foresee_all(seats, more),
        )
        refused = [one for one in [*now, then] if one and one.obstacle]
        if refused:
            # What is in the way is for whoever bills to know.
            is_client = self.env.user._is_portal()
            return "" if is_client else record._get_next_text(refused[0])
        at_once = sum(map(self._get_untaxed, now)) - sum(map(self._get_untaxed, soon))
        texts = []
        if not record.currency_id.is_zero(at_once):
            texts.append(record._get_at_once_text(at_once, now or soon))
        if then:
            before = self._get_untaxed(later) if later else 0
            after = self._get_untaxed(then)
            texts.append(record._get_then_text(then.day, before, after))
        return " ".join(texts)

    def _get_at_once_text(self, amount, foreseen):
        spans = [owed.span for one in foreseen for owed in one.owed]
        return self.env._(
            "%(amount)s without taxes are billed at once, for the days until %(last)s.",
            amount=format_amount(self.env, amount, self.currency_id),
            last=format_date(self.env, max(span.last for span in spans)),
        )

    def _get_then_text(self, day, before, after):
        values = {
            "day": format_date(self.env, day),
            "before": format_amount(self.env, before, self.currency_id),
            "after": format_amount(self.env, after, self.currency_id),
        }
        if self.currency_id.compare_amounts(before, after) == 0:
            return self.env._(
                "The next invoice, on %(day)s, stays at %(after)s without taxes.",
                **values,
            )
        return self.env._(
            "The next invoice, on %(day)s, will be %(after)s without taxes instead of"
            " %(before)s.",
            **values,
        )

    # ------------------------------------------------------------------ foreseeing

    def _foresee_all(self, seats, more):
        """Return the ``Foreseen`` invoices for seats that were raised today, and the
        next one after them, None where there is none.

        :param seats: ``{pool: contracted seats from today on}``
        :param more: ``{pool: more units}``
        """
        counts = {(self.id, pool.id or False): more[pool] for pool in more}
        record = self.with_context(more_units=MoreUnits(counts))
        ledger = record._load_ledgers()[record]
        today = ledger.today
        for pool, number in seats.items():
            ledger.try_changes(pool, record._get_tried_changes(pool, number, today))
        at_once = []
        while len(at_once) < MOST_AT_ONCE:
            foreseen = record._foresee_ledgers({record: ledger}).get(record)
            due = foreseen and foreseen.due
            if not due or (due.kind, due.on) != ("raise", today):
                return at_once, foreseen
            at_once.append(foreseen)
            ledger.try_billed(due, foreseen.owed)
            ledger.look_from(today)
        return at_once, None

    def _get_tried_changes(self, pool, number, today):
        noted = pool.change_ids._get_changes().get(pool, [])
        last = noted[-1].seats if noted else 0
        window = fields.Date.add(today, days=self.company_id.correction_window_days)
        new = [SeatChange(today, number, window, False)] if number != last else []
        return noted + new

    def _make_counted(self, ledger, due, basis, pool, count):
        """Make the lines of what was counted, and of what would be there besides."""
        more = self.env.context.get("more_units")
        if isinstance(more, MoreUnits):
            number = more.counts.get((self.id, pool.id or False), 0)
            count = self._add_units(due, basis, pool, count, number)
        return super()._make_counted(ledger, due, basis, pool, count)

    def _add_units(self, due, basis, pool, count, number):
        """Return ``count`` as if there were ``number`` more from now on: those come too
        late for what is counted at a moment that has passed, and raise a highest number
        only as far as they are above it."""
        if not number or not self._is_still_counted(due):
            return count
        quantity = count.quantity + number
        if due.moment == "peak":
            last = due.spans[-1][1]
            request = CountRequest(self, basis, pool, last, last, "end", [(last, last)])
            [staying] = self._count_units([request])
            quantity = max(count.quantity, staying.quantity + number)
        return count._replace(quantity=max(quantity, 0))

    def _is_still_counted(self, due):
        today = self.company_id._get_today()
        if due.moment == "peak":
            return due.spans[-1][1] >= today
        if due.moment == "end":
            return due.spans[0][0] >= today
        return due.spans[0][0] > today
