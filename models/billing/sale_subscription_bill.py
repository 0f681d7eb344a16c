import logging

from odoo import api, models
from odoo.exceptions import UserError

from ..core.jobs import BUSY_ERRORS
from .owed import Obstacle

_logger = logging.getLogger(__name__)


class Tally:
    """What billing some subscriptions came to."""

    def __init__(self):
        """Begin with nothing."""
        self.statements = 0
        self.invoices = 0
        self.ordinary = 0
        # {subscription: Obstacle} of those that could not be billed
        self.obstacles = {}

    def note(self, statements, ordinary):
        """Add what one transaction made."""
        self.statements += len(statements)
        self.invoices += len(statements.move_id)
        self.ordinary += ordinary


class SaleSubscription(models.Model):
    """Billing what is due: all invoices of periods are made here."""

    _inherit = "sale.subscription"

    def _bill(self, days=None):
        """Bill what is due of these, which the caller has locked: period by period, as
        runs in time would have. One that fails does not stop the others.

        :param dict days: ``{subscription: the day up to which}``, by default today
        :return: a ``Tally``
        """
        tally = Tally()
        # sudo: the job bills for all; callers check who else may.
        waiting = self.sudo()
        while waiting:
            waiting = waiting._bill_safely(tally, days)
        records = self.sudo()
        records._note_problems(tally.obstacles)
        records._plan_billing()
        return tally

    def _bill_safely(self, tally, days):
        """Bill the first thing that is due of each of these, in one go if that works,
        else without those that fail. Return those that may have more."""
        try:
            with self.env.cr.savepoint():
                plans, obstacles = self._plan_due(days)
                made = self._make_planned(plans)
        except BUSY_ERRORS:
            raise
        except Exception as error:
            self.env.invalidate_all(flush=False)
            return self._bill_others(tally, days, error)
        tally.obstacles |= obstacles
        for statements, ordinary in made:
            tally.note(statements, ordinary)
        return self.browse().union(*plans)

    def _bill_others(self, tally, days, error):
        """Bill these without the ones that fail, alone or together."""
        if len(self) == 1:
            if not isinstance(error, UserError):
                _logger.exception("Subscription %s cannot be billed", self.id)
            text = self.env["subscription.renewal"]._get_error_text(error)
            tally.obstacles[self] = Obstacle("error", text)
            return self.browse()
        failing = self._probe(days)
        if not failing:
            # They fail only together: halves have less in common.
            middle = len(self) // 2
            halves = (self[:middle], self[middle:])
            return self.browse().union(
                *(half._bill_safely(tally, days) for half in halves)
            )
        for record in failing:
            record._bill_safely(tally, days)
        rest = self - failing
        return rest._bill_safely(tally, days) if rest else rest

    def _probe(self, days):
        """Return which of these fail by themselves, by trying halves; nothing stays."""
        try:
            with self.env.cr.savepoint() as savepoint:
                plans, _obstacles = self._plan_due(days)
                self._make_planned(plans)
                self.env.flush_all()
                savepoint.rollback()
            self.env.invalidate_all(flush=False)
            return self.browse()
        except BUSY_ERRORS:
            raise
        except Exception:
            self.env.invalidate_all(flush=False)
            if len(self) == 1:
                return self
            middle = len(self) // 2
            return self[:middle]._probe(days) | self[middle:]._probe(days)

    def _plan_due(self, days):
        """Return the plans of the first thing that is due of each of these, and what is
        in the way of others."""
        dues = {
            record: (ledger, due[0])
            for record, ledger in self._load_ledgers(days).items()
            for due in [ledger.get_due()]
            if due
        }
        return self._plan_statements(dues)

    @api.model
    def _make_planned(self, plans):
        """Make the statements of ``plans``, ``{subscription: [Planned]}``; return what
        ``subscription.statement._make`` does, a pair for each company."""
        flat = [plan for some in plans.values() for plan in some]
        companies = dict.fromkeys(plan.subscription.company_id for plan in flat)
        statements = self.env["subscription.statement"]
        made = [
            statements._make(
                [plan for plan in flat if plan.subscription.company_id == one]
            )
            for one in companies
        ]
        # What fails shall fail here, and not at the end of the transaction.
        self.env.flush_all()
        self.env["subscription.statement.row"]._check_sums()
        return made
