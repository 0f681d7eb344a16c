import math

from odoo import Command, api, models
from odoo.exceptions import UserError
from odoo.tools import split_every

# Renewals that are scheduled between two reports of progress.
CHUNK = 100
# How much of the work is done after each step of scheduling, in per cent.
CHECKED, INSERTED, TAKEN, LOGGED, STARTED = 20, 55, 65, 70, 90


class SubscriptionRenewal(models.Model):
    """How the next terms are scheduled."""

    _inherit = "subscription.renewal"

    @api.model
    def _schedule(self, requests, *, allow_partial=False, progress=None):
        """Schedule the next terms of subscriptions and take their licences. All
        renewals are made here; terms that start today or earlier start at once.

        :param dict requests: ``{subscription: TermRequest}``, first come first served
        :param bool allow_partial: renew those that can be, instead of none
        :param progress: called now and then with how much of the work is done, in per
            cent; the rest is the caller's
        :return: the renewals, and ``{subscription: refusal}`` of the others
        :raise UserError: a line for each subscription that cannot be renewed
        :raise LicenceRefusal: a line for each stock that falls short
        """
        report = progress or (lambda percent: None)
        plan = self._plan_schedule(requests, allow_partial)
        report(CHECKED)
        renewals = self._insert_renewals(plan.terms, report)
        renewals._consume_licences(plan.needs)
        report(TAKEN)
        renewals._log_event("renewed")
        report(LOGGED)
        renewals.filtered(lambda renewal: not renewal.can_cancel)._apply()
        # What was put off until the end is part of the work.
        self.env.flush_all()
        report(STARTED)
        return renewals.sudo(self.env.su), plan.refusals

    @api.model
    def _plan_schedule(self, requests, allow_partial):
        """Lock the subscriptions of ``requests`` and return the ``RenewalPlan``.

        Stocks are locked here only where it depends on them who is renewed; otherwise
        the ledger locks and checks them when the licences are taken.

        :raise UserError: a line for each subscription that cannot be renewed, unless
            ``allow_partial``
        """
        subscriptions = self.env["sale.subscription"].union(*requests)
        subscriptions.check_access("write")
        # Another one that renews the same subscriptions waits, and then sees these
        # renewals. sudo: the fresh look must see all, not the user's alone.
        subscriptions.sudo()._lock_exclusive("renewal_ids")
        refusals = self._get_refusals(requests)
        if refusals and not allow_partial:
            raise UserError("\n".join(refusals.values()))
        stocks = self.env["subscription.licence.account"]
        plan = self._plan_terms(requests, refusals, stocks._open_stocks)
        if not allow_partial:
            return plan
        return plan.without(stocks._lock_and_allocate(plan.needs))

    @api.model
    def _insert_renewals(self, terms, report):
        """Insert the renewals of ``terms`` and ``report`` how far it is.

        :param dict terms: ``{subscription: PlannedTerm}``
        """
        # What was cancelled in this transaction makes room for what is renewed anew.
        self.flush_model(["state"])
        # sudo: no user may create renewals otherwise than here.
        renewals = self.sudo().browse()
        for chunk in split_every(CHUNK, terms.items()):
            renewals += renewals._add(
                [
                    self._prepare_values(subscription, term)
                    for subscription, term in chunk
                ]
            )
            share = len(renewals) / len(terms)
            report(round(CHECKED + share * (INSERTED - CHECKED)))
        return renewals

    @api.model
    def _prepare_values(self, subscription, term):
        """Return the values of the renewal of ``subscription``, a ``PlannedTerm``."""
        # sudo: the user need not read what is copied.
        subscription, request = subscription.sudo(), term.request
        return {
            "state": "scheduled",
            "subscription_id": subscription.id,
            "currency_id": subscription.currency_id.id,
            "previous_end": subscription.date,
            "date_start": request.date_start,
            "date_end": request.date_end,
            "years": request.years,
            "user_id": not request.is_by_itself and self.env.uid,
            "is_by_itself": request.is_by_itself,
            "line_ids": [
                Command.create(self._prepare_line_values(line)) for line in term.lines
            ],
        }

    @api.model
    def _prepare_line_values(self, line):
        """Return the values of a renewal line for ``line``, a ``PlannedSeats``."""
        is_unlimited = line.seats == math.inf
        return {
            "pool_id": line.pool.id,
            "module_id": line.pool.module_id.id,
            "seats": 0 if is_unlimited else line.seats,
            "is_unlimited": is_unlimited,
            "licences": line.licences,
            "price_unit": line.price_unit or 0,
        }

    def _consume_licences(self, needs):
        """Take the licences of these renewals.

        :param dict needs: ``{subscription: {stock: licences}}``
        """
        seats = {
            (line.renewal_id, line.module_id): line.seats for line in self.line_ids
        }
        self.env["subscription.licence.account"]._post(
            [
                {
                    "account_id": stock.id,
                    "kind": "renewal",
                    "quantity": -licences,
                    "subscription_id": renewal.subscription_id.id,
                    "renewal_id": renewal.id,
                    "seats": seats[renewal, stock.module_id],
                    "date_first": renewal.date_start,
                    "date_last": renewal.date_end,
                }
                for renewal in self
                for stock, licences in needs[renewal.subscription_id].items()
            ]
        )
