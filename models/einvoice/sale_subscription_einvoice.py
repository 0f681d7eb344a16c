from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..billing.invoice_builder import has_invoice
from ..billing.owed import Obstacle
from .gap_finder import GapFinder
from .gap_words import describe
from .gaps import pack

HELD, NOTICE = "einvoice", "einvoice_notice"


class SaleSubscription(models.Model):
    """Invoices that lack data of electronic ones: held back, or listed."""

    _inherit = "sale.subscription"

    @api.model
    def _plan_statements(self, dues):
        """Hold back what lacks data, where the company wants that."""
        plans, obstacles = super()._plan_statements(dues)
        held = self._find_held(plans)
        for record in held:
            del plans[record]
        return plans, {**obstacles, **held}

    @api.model
    def _find_held(self, plans):
        """Return why those of ``plans`` are held back that are."""
        finder = GapFinder()
        held = {}
        for record, some in plans.items():
            if record.company_id.einvoice_policy == "hold":
                payers = {plan.payer for plan in some if has_invoice(plan)}
                gaps = [gap for one in payers for gap in finder.find_gaps(record, one)]
                if gaps:
                    held[record] = Obstacle(HELD, pack(dict.fromkeys(gaps)))
        return held

    def _note_problems(self, obstacles):
        """List those of these as well whose last invoice went out without its
        electronic one."""
        billed = self - self.browse().union(*obstacles)
        notices = billed._find_einvoice_notices()
        super()._note_problems({**notices, **obstacles})

    def _find_einvoice_notices(self):
        """Return what those of these lack whose companies post what lacks data, and
        that were billed to somebody for whom it matters."""
        records = self.filtered(
            lambda record: (
                record.company_id.einvoice_policy == "post"
                and record.company_id._is_french()
            )
        )
        finder = GapFinder()
        found = {
            record: finder.find_gaps(record, payer)
            for record, payer in records._get_last_payers().items()
        }
        return {
            record: Obstacle(NOTICE, pack(gaps))
            for record, gaps in found.items()
            if gaps
        }

    def _get_last_payers(self):
        """Return ``{subscription: who was billed last}``."""
        if not self:
            return {}
        statements = self.env["subscription.statement"]
        statements.flush_model()
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT ON (subscription_id) subscription_id, payer_id"
                " FROM subscription_statement"
                " WHERE subscription_id IN %s AND move_id IS NOT NULL"
                " AND state <> 'void' ORDER BY subscription_id, id DESC",
                tuple(self.ids),
            )
        )
        payers = self.env["res.partner"].sudo().browse({row[1] for row in rows})
        by_id = {payer.id: payer for payer in payers}
        records = {record.id: record for record in self}
        return {records[row[0]]: by_id[row[1]] for row in rows}


class SubscriptionBillingRun(models.Model):
    """Notices whose cause was mended end with the next run."""

    _inherit = "subscription.billing.run"

    def _bill_licences(self):
        super()._bill_licences()
        self.env["subscription.billing.problem"]._review_notices()


class SubscriptionLicenceAccount(models.Model):
    """Licences on account whose invoice lacks data."""

    _inherit = "subscription.licence.account"

    @api.model
    def _make_on_account(self, company, partner, month, charges):
        """Make the invoice of one partner and month.

        :raise UserError: when it is held back, naming what is missing
        """
        if company.einvoice_policy == "hold":
            if gaps := GapFinder().find_of_partner(company, partner):
                raise UserError(
                    self.env._(
                        "It is held back, since the electronic invoice lacks data."
                        " %(missing)s",
                        missing=describe(self.env, gaps),
                    )
                )
        return super()._make_on_account(company, partner, month, charges)


class ResPartner(models.Model):
    """Partners whose licences were billed without an electronic invoice."""

    _inherit = "res.partner"

    def _note_billing_problem(self, company, error):
        """Keep why licences on account could not be billed, or what their electronic
        invoice lacked."""
        gaps = []
        if error is None and company.einvoice_policy == "post":
            gaps = GapFinder().find_of_partner(company, self)
        if not gaps:
            super()._note_billing_problem(company, error)
            return
        # sudo: problems are kept by the program alone.
        problems = self.env["subscription.billing.problem"].sudo()
        problems._note_of_partner(self, company, Obstacle(NOTICE, pack(gaps)))
