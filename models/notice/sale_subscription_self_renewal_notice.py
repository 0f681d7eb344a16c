from odoo import models

from ...notices import get_legal_window


class SaleSubscription(models.Model):
    """Clients who may refuse by law are told before their subscription renews by
    itself, and have until the last day to refuse."""

    _inherit = "sale.subscription"

    def _get_self_renewable(self):
        """Leave out those whose clients may still refuse, or could not be told that
        they may."""
        ready = super()._get_self_renewable()
        owed = ready.filtered("company_id.legal_notice")
        open_ = owed.filtered(lambda record: record._is_refusal_open())
        untold = (owed - open_) - (owed - open_)._get_legally_told()
        untold._note_self_renewal(
            {
                record: self.env._(
                    "The client could not be told that it may refuse, as the law asks."
                    " Look at the notices, then renew it by hand."
                )
                for record in untold
            }
        )
        return ready - open_ - untold

    def _is_refusal_open(self):
        """Return whether the last day to refuse the renewal has not passed."""
        company = self.company_id
        window = get_legal_window(self.date, company.legal_refusal_days)
        return company._get_today() <= window[-1]

    def _get_legally_told(self):
        """Return those of these whose clients were told in this term that they may
        refuse its renewal."""
        # sudo: notices are read by nobody but their partner.
        lines = (
            self.env["subscription.notice.line"]
            .sudo()
            .search(
                [
                    ("subscription_id", "in", self.ids),
                    ("kind", "=", "legal"),
                    ("notice_id.state", "=", "sent"),
                ]
            )
        )
        told = {(line.subscription_id.id, line.term_end) for line in lines}
        return self.filtered(lambda record: (record.id, record.date) in told)
