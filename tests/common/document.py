"""Documents of what was billed: clients with statements, and their pages."""

from copy import deepcopy

from freezegun import freeze_time

from odoo import Command
from odoo.tests import new_test_user

from .billing import BillingCase
from .billing_player import CasePlayer
from .paper import PaperMixin, read_pages
from .subscription import ADDON, make_accountant

INVOICE = "account.report_invoice_with_payments"
STATEMENT = f"{ADDON}.report_statement"
SUMMARY = f"{ADDON}.report_partner_summary"
OFFER = f"{ADDON}.report_renewal_offer"
PLAN = {
    "basis": "contracted",
    "timing": "pre",
    "interval": [1, "month"],
    "proration": "prorate",
    "raise": "next",
    "aligned": False,
    "paid_by": "period",
    "zero": "none",
    "window_days": 7,
}
SUBSCRIPTION = {
    "id": "S1",
    "client": "Client 1",
    "payer": "Client 1",
    "start": "2026-01-01",
    "end": "2026-12-31",
}
RUN = {"on": "2026-01-01", "do": "run"}


def make_pool(module="Expenses", seats=10, assigned=7, **vals):
    """Return a pool as cases have it."""
    return {
        "module": module,
        "seats": seats,
        "price": "30.00",
        "tax": "20",
        "assigned": assigned,
        **vals,
    }


def make_case(*subscriptions, events=(RUN,), **plan):
    """Return a case of billing: of each of ``subscriptions`` what differs from
    ``SUBSCRIPTION``, and what differs from ``PLAN``."""
    company = {"currency": "EUR", "tax_rounding": "per_line", "tz": "Europe/Paris"}
    given = {
        "company": company,
        "plan": {**PLAN, **plan},
        "subscriptions": [
            {"pools": [make_pool()], **SUBSCRIPTION, **vals} for vals in subscriptions
        ],
        "events": [*events],
    }
    return {"id": "D1", "title": "Documents", "given": deepcopy(given)}


class DocumentCase(PaperMixin, BillingCase):
    """A company that bills in euros, and what it prints."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.default"].set("res.partner", "lang", "en_US")
        cls.env.user.lang = "en_US"
        cls.env = cls.env(context=dict(cls.env.context, lang="en_US"))
        cls.company = cls.create_billing_company("Biller SAS").with_env(cls.env)
        cls.tax = cls.create_tax(cls.company, 20, name="20 %")
        cls.reports = cls.env["ir.actions.report"].with_context(
            force_report_rendering=True
        )

    def get_company(self, _currency, _tz):
        return self.company

    def get_tax(self, _company, _amount, _include):
        return self.tax

    def _play(self, *subscriptions, **options):
        """Play a case, keep its player, and return the statements in their order."""
        self.player = CasePlayer(self, make_case(*(subscriptions or [{}]), **options))
        self.player.play()
        return self.env["subscription.statement"].search(
            [("company_id", "=", self.company.id)], order="id"
        )

    def _render(self, report, records, user=None, on="2026-01-20"):
        """Return the PDF of ``records`` as ``user`` prints them on a day."""
        reports = self.reports.with_user(user) if user else self.reports
        if user:
            self.env.flush_all()
            self.env.invalidate_all()
        with freeze_time(f"{on} 10:00:00"):
            content, _kind = reports._render_qweb_pdf(report, records.ids)
        return content

    def _print(self, report, records, user=None, on="2026-01-20"):
        """Return the text of each page."""
        return read_pages(self._render(report, records, user, on))

    def _create_user(self, login, group, partner):
        """Create a user of ``partner`` who works in the company that bills."""
        return new_test_user(
            self.env,
            login,
            group if "." in group else f"{ADDON}.group_{group}",
            email=f"{login}@users.test",
            parent_id=partner.id,
            lang="en_US",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )

    def _create_readers(self):
        """Return ``{name: user}``: who looks after Client 1, and who does not."""
        clients = self.player.clients
        south = clients["North"].copy({"name": "South", "is_managing_partner": True})
        firm = self.env["res.partner"].create({"name": "Firm", "is_company": True})
        users = {
            "admin": self._create_user("vera", "admin", self.company.partner_id),
            "north": self._create_user("nora", "standard", clients["North"]),
            "south": self._create_user("sven", "standard", south),
            "accountant": self._create_user("alma", "accountant", firm),
            "stranger": self._create_user("stan", "accountant", firm),
            "billing": self._create_user(
                "bill", "account.group_account_invoice", self.company.partner_id
            ),
        }
        make_accountant(self.env, users["accountant"], clients["Client 1"])
        return users
