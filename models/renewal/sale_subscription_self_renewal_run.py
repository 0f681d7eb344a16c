import logging
from datetime import timedelta

from odoo import api, models
from odoo.fields import Domain

from ..core.jobs import BUSY_ERRORS, do_together, work_in_chunks
from .sale_subscription_self_renewal import SELF_CHOICES

_logger = logging.getLogger(__name__)

# Subscriptions that the job renews in one transaction, as one call by hand does. With a
# tenth it took a third longer, for what is read again after each commit.
CHUNK = 1000
# Days before a renewal from which on it is looked whether it will work.
AHEAD = timedelta(days=30)


class SaleSubscription(models.Model):
    """The job that renews what renews by itself."""

    _inherit = "sale.subscription"

    @api.model
    def _cron_renew(self):
        """Renew what is due, in chunks that are committed one by one: after a run that
        was killed the next one continues, and two runs renew nothing twice."""
        is_done = work_in_chunks(
            self,
            self._get_self_renewal_domain(),
            CHUNK,
            lambda chunk: chunk._renew_by_itself(),
        )
        if is_done:
            self._foresee_self_renewals()

    @api.model
    def _foresee_self_renewals(self):
        """Note what is in the way of those that renew soon, first come first served, so
        that notices and lists tell it while there is time; forget it of those that do
        not any more, since somebody chose otherwise or renewed them by hand."""
        due, ahead = map(self._get_self_renewal_domain, (timedelta(), AHEAD))
        noted = Domain("self_renewal_problem", "!=", False)
        self.search(noted & ~ahead)._note_self_renewal({})
        soon = self.search(ahead & ~due, order="date, id")
        plan = self.env["subscription.renewal"]._preview(
            soon._prepare_self_requests(), allow_partial=True
        )
        soon._note_self_renewal(plan.refusals)

    @api.model
    def _get_self_renewal_domain(self, ahead=timedelta()):
        """Return the domain of what is to renew by itself today: from so many days
        before the end as its company says until the end of its grace period.

        :param ahead: how much earlier than that
        """
        days = self.env["res.company"]._get_term_days()
        companies = self.env["res.company"].sudo().browse(days).filtered("active")
        due = Domain.OR(
            Domain("company_id", "=", company.id)
            & Domain("date", ">=", term.graced)
            & Domain("date", "<=", term.today + self_days + ahead)
            for company in companies
            for term in [days[company.id]]
            for self_days in [timedelta(days=company.self_renewal_days)]
        )
        return (
            due
            & Domain("in_progress", "=", True)
            & Domain("active", "=", True)
            & Domain("managing_partner_id", "!=", False)
            & Domain("renewal_choice", "in", SELF_CHOICES)
            & Domain("is_renewal_refused", "=", False)
            & Domain("renewal_ids", "not any", [("state", "=", "scheduled")])
        )

    def _renew_by_itself(self):
        """Renew these together, each wholly or not at all, or one by one where that
        fails. Why one is not renewed is kept on it."""
        do_together(
            self._get_self_renewable(),
            lambda ready: ready._renew_together(),
            lambda one, error: one._cannot_renew(error),
        )

    def _renew_together(self):
        _renewals, refusals = self.env["subscription.renewal"]._schedule(
            self._prepare_self_requests(), allow_partial=True
        )
        self._note_self_renewal(refusals)

    def _prepare_self_requests(self):
        """Return ``{subscription: TermRequest}`` of what these renew by themselves."""
        return {
            record: record._prepare_term_request(
                record._get_whole_years(), record.renewal_choice
            )._replace(is_by_itself=True)
            for record in self
        }

    def _cannot_renew(self, error):
        """Keep the ``error`` for which this was not renewed."""
        if isinstance(error, BUSY_ERRORS):
            _logger.info("Subscription %s waits for another transaction", self.id)
            return
        _logger.exception("Subscription %s cannot renew by itself", self.id)
        text = self.env["subscription.renewal"]._get_error_text(error)
        self._note_self_renewal({self: text})

    def _note_self_renewal(self, refusals):
        """Keep why these were not renewed, ``{subscription: text}``."""
        for record in self:
            problem = refusals.get(record) or False
            if problem != (record.self_renewal_problem or False):
                record._set({"self_renewal_problem": problem})

    def _get_self_renewable(self):
        """Return those of these that may renew now. A hook: lower folders leave out
        those whose clients have to be told first."""
        return self
