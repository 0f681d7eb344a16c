from odoo import api, models


class SubscriptionRenewal(models.Model):
    """What next terms are billed by."""

    _inherit = "subscription.renewal"

    @api.model
    def _insert_renewals(self, terms, report):
        """Fix the prices that the renewal showed, where they are fixed for a term."""
        renewals = super()._insert_renewals(terms, report)
        subscriptions = self.env["sale.subscription"]
        requests = {subscription: term.request for subscription, term in terms.items()}
        subscriptions._fix_offered(subscriptions._get_offers(requests).values())
        return renewals

    def _started(self, pools):
        """Note the contracted seats with which terms start."""
        super()._started(pools)
        noted = self.filtered("subscription_id.billing_terms_ids")
        self.env["subscription.seat.pool"]._note_starts(
            {
                pool: renewal._prepare_start()
                for renewal in noted
                for pool in renewal.subscription_id.seat_pool_ids
            }
        )
        noted.subscription_id._sync_lines()
        noted.subscription_id._plan_billing()

    def _prepare_start(self):
        """Return the first day of the term, the day from which its correction window
        counts, and the one from which on it took licences."""
        renewed_on = self.company_id._get_day_of(self.create_date)
        return self.date_start, renewed_on, self.date_start
