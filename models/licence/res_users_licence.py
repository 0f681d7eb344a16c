from odoo import models
from odoo.fields import Domain


class ResUsers(models.Model):
    """What users know of the ledgers of licences."""

    _inherit = "res.users"

    def _get_competitor_domain(self):
        """Add the contacts of companies that have, or had, a stock of licences."""
        stocked = Domain("commercial_partner_id.licence_account_ids", "!=", False)
        return super()._get_competitor_domain() | stocked

    def _get_dealt_companies(self, companies):
        """Add those of ``companies`` that the user's own had licences from, or gave
        some to."""
        # sudo: dealings of the past count, whoever manages the company now.
        moves = self.env["subscription.licence.move"].sudo()
        own_company = self.partner_id.sudo().commercial_partner_id
        found = moves._read_group(
            [
                ("partner_id", "=", own_company.id),
                ("counterpart_id", "in", companies.ids),
            ],
            ["counterpart_id"],
        )
        dealt = companies.browse(counterpart.id for (counterpart,) in found)
        return super()._get_dealt_companies(companies) | dealt

    def _get_ledger_domain(self):
        """Return the domain of the entries of ledgers of licences that this user may
        read: those of its own company, and those of companies below it at the time of
        the entry. What a reseller had from another partner stays hidden.
        """
        domain = self._get_client_domain("partner_id", managed=True)
        if not self._is_partner_staff():
            return domain
        scope = self._get_scope() or "/"
        own = int(scope.split("/")[-2] or 0)
        return domain & (
            Domain("partner_id", "=", own)
            | Domain("management_path", "=like", f"{own}/%")
            | Domain("management_path", "=like", f"%/{own}/%")
        )
