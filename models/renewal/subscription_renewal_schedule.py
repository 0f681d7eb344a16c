from odoo import Command, api, models
from odoo.exceptions import UserError
from odoo.tools import split_every

from ...terms import get_term_end

# Renewals that are scheduled between two reports of progress.
CHUNK = 100
# How much of the work is done after each step of scheduling, in per cent.
CHECKED, INSERTED, TAKEN, LOGGED, STARTED = 20, 55, 65, 70, 90


class SubscriptionRenewal(models.Model):
    """How the next terms are scheduled."""

    _inherit = "subscription.renewal"

    @api.model
    def _schedule(self, requests, *, allow_partial=False, progress=None):
        """Schedule the next terms of subscriptions and take their licences. Every door
        leads here; terms that start today or earlier start at once.

        :param dict requests: ``{subscription: {"date_start": date, "years": int,
            "seats": {pool: seats, None without limit}}}``, first come first served
        :param bool allow_partial: renew those that can be, instead of none
        :param progress: called now and then with how much of the work is done, in per
            cent; the rest is the caller's
        :return: the renewals, and ``{subscription: refusal}`` of the others
        :raise UserError: a line for each subscription that cannot be renewed
        :raise LicenceRefusal: a line for each stock that falls short
        """
        report = progress or (lambda percent: None)
        subscriptions = self.env["sale.subscription"].union(*requests)
        subscriptions.check_access("write")
        subscriptions.sudo()._lock_exclusive("renewal_ids")
        open_requests, refusals = self._split_requests(requests)
        if refusals and not allow_partial:
            raise UserError("\n".join(refusals.values()))
        needs = self._get_needs(open_requests)
        if allow_partial:
            refusals |= self.env["subscription.licence.account"]._get_shortfalls(needs)
        report(CHECKED)
        renewals = self._insert_renewals(
            [
                dict(request, subscription=subscription.sudo())
                for subscription, request in open_requests.items()
                if subscription not in refusals
            ],
            report,
        )
        renewals._consume_licences(needs)
        report(TAKEN)
        renewals._log_event("renewed")
        report(LOGGED)
        renewals.filtered(lambda renewal: not renewal.can_cancel)._apply()
        # What was put off until the end is part of the work.
        self.env.flush_all()
        report(STARTED)
        return renewals.sudo(self.env.su), refusals

    @api.model
    def _insert_renewals(self, requests, report):
        """Insert the renewals of ``requests``, those of :meth:`_schedule` with their
        ``subscription``, and ``report`` how far it is."""
        # What was cancelled in this transaction makes room for what is renewed anew.
        self.flush_model(["state"])
        prices = self._get_prices(
            {request["subscription"]: request for request in requests}
        )
        renewals = self.sudo().browse()
        for chunk in split_every(CHUNK, requests):
            renewals += renewals._add(
                [
                    self._prepare_values(request, prices[request["subscription"]])
                    for request in chunk
                ]
            )
            share = len(renewals) / len(requests)
            report(round(CHECKED + share * (INSERTED - CHECKED)))
        return renewals

    @api.model
    def _prepare_values(self, request, prices):
        subscription, years = request["subscription"], request["years"]
        licences = subscription._get_licences(request["seats"], years)
        return {
            "state": "scheduled",
            "subscription_id": subscription.id,
            "currency_id": subscription.currency_id.id,
            "previous_end": subscription.date,
            "date_start": request["date_start"],
            "date_end": get_term_end(request["date_start"], years),
            "years": years,
            "user_id": self.env.uid,
            "line_ids": [
                Command.create(
                    {
                        "pool_id": pool.id,
                        "module_id": pool.module_id.id,
                        "seats": seats or 0,
                        "is_unlimited": seats is None,
                        "licences": licences.get(pool, 0),
                        "price_unit": prices.get(pool.module_id, 0),
                    }
                )
                for pool, seats in request["seats"].items()
            ],
        }

    def _consume_licences(self, needs):
        """Take the licences of these renewals.

        :param dict needs: as :meth:`_get_needs` has it
        """
        self.env["subscription.licence.account"]._post(
            [
                {
                    "account_id": account.id,
                    "kind": "renewal",
                    "quantity": -licences,
                    "subscription_id": renewal.subscription_id.id,
                    "renewal_id": renewal.id,
                }
                for renewal in self
                for account, licences in needs[renewal.subscription_id].items()
            ]
        )
