from collections import defaultdict

from odoo import api, models


class SaleSubscription(models.Model):
    """Who pays for subscriptions: the client, its managing partner, or the tier
    above."""

    _inherit = "sale.subscription"

    @api.model
    def _get_payers(self, asked):
        """Return ``{(subscription, day): payer}``, an empty one where there is none.

        :param asked: ``{(subscription, day): billing terms of that day}``
        """
        clients = self.env["res.partner"].union(*(key[0].client_id for key in asked))
        history = self._get_management_history(clients)
        return {
            (record, day): record._get_payer(terms.billing_payer, day, history)
            for (record, day), terms in asked.items()
        }

    def _get_payer(self, kind, day, history):
        if kind == "client":
            return self.client_id
        manager = self._get_manager_on(self.client_id, day, history)
        if kind == "tier":
            above = self._get_manager_on(manager, day, history)
            return above or manager
        return manager

    def _get_manager_on(self, partner, day, history):
        """Return who managed ``partner`` on ``day`` of the company of this
        subscription, the first one after it where there was none: nobody else could be
        billed."""
        for moment, before in history.get(partner, ()):
            if before and self.company_id._get_day_of(moment) > day:
                return before
        return partner.managing_partner_id

    @api.model
    def _get_management_history(self, clients):
        """Return ``{client: [(moment, who managed it before)]}`` of ``clients`` and of
        who is, or was, above them, from the audit trail: which day that was depends on
        the company that bills."""
        # sudo: who is to pay is the same whoever asks.
        log = self.env["subscription.log"].sudo()
        history = defaultdict(list)
        asked = clients
        while asked:
            entries = log.search(
                [("event", "=", "managing_partner"), ("client_id", "in", asked.ids)],
                order="date, id",
            )
            for entry in entries:
                change = entry.date, entry.old_managing_partner_id
                history[entry.client_id].append(change)
            above = asked.managing_partner_id | entries.old_managing_partner_id
            asked = above - clients
            clients |= above
        return history
