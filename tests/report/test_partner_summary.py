from datetime import date
from types import SimpleNamespace

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import BaseCase, Form, tagged
from odoo.tools import mute_logger

from ...report.partner_summary import get_highest
from ..common.access import MUTED
from ..common.document import RUN, SUMMARY, DocumentCase, make_pool
from ..common.paper import needs_renderer
from ..common.subscription import SubscriptionCase, create_yearly_plan, renew

MODEL = "subscription.partner.summary"


def make_line(first, last, quantity):
    return SimpleNamespace(
        date_first=date(2026, 1, first),
        date_last=date(2026, 1, last),
        quantity=quantity,
    )


@tagged("post_install", "-at_install")
class TestHighest(BaseCase):
    def test_highest(self):
        for lines, highest in (
            ([], 0),
            ([(1, 31, 10)], 10),
            # Weeks do not add up, raised seats do.
            ([(1, 7, 10), (8, 14, 10), (15, 21, 9)], 10),
            ([(1, 31, 10), (12, 31, 3)], 13),
            # Days that are credited count no more.
            ([(1, 31, 10), (1, 31, -4)], 6),
            ([(1, 31, 10), (12, 31, -4)], 10),
        ):
            with self.subTest(lines):
                found = get_highest([make_line(*line) for line in lines])
                self.assertEqual(found, highest)


@needs_renderer
@tagged("post_install", "-at_install")
class TestPartnerSummary(DocumentCase):
    def _create_summary(self, partner="North", month="2026-01", user=None):
        wizards = self.env[MODEL]
        wizards = wizards.with_user(user) if user else wizards
        return wizards.create(
            {
                "partner_id": self.player.clients[partner].id,
                "month": month,
                "company_id": self.company.id,
            }
        )

    def _get_rows(self, wizard):
        return {
            row.get("section") or (row["name"], row["invoices"]): row
            for row in wizard._get_summary().get_rows()
        }

    def test_clients(self):
        """Clients with their modules, two currencies, what was raised and credited."""
        statements = self._play(
            {"pools": [make_pool(), make_pool("Time", 2, 0)]},
            {
                **{"id": "S2", "client": "Client 2", "payer": "Client 2"},
                **{"currency": "USD", "rates": [["2025-12-01", "1.25"]]},
            },
            {"id": "S3", "client": "Client 3", "payer": "Client 3"},
            {"id": "S4", "client": "Client 4", "payer": "Partner P"},
            events=[
                RUN,
                {"on": "2026-01-12", "do": "raise", "module": "Expenses", "seats": 13},
                {"on": "2026-01-12", "do": "run"},
                {"on": "2026-02-01", "do": "run"},
            ],
            **{"raise": "now"},
        )
        third = statements.filtered(
            lambda one: one.client_id.name == "Client 3" and one.date_first.month == 1
        )
        third.move_id._reverse_moves([{"invoice_date": "2026-01-20"}]).action_post()
        wizard = self._create_summary()
        summary = wizard._get_summary()
        names = [row.get("section") or row["name"] for row in summary.get_rows()]
        self.assertEqual(
            names,
            ["Client 1", "Expenses", "Time", "Client 2", "Expenses", "Client 3"]
            + ["Expenses"],
        )
        rows = summary.get_rows()
        first, raised = [
            one.move_id.name for one in statements if one.client_id.name == "Client 1"
        ][:2]
        self.assertEqual(
            {**rows[1], "amount": rows[1]["amount"].replace("\N{NO-BREAK SPACE}", "")},
            {
                **{"name": "Expenses", "contracted": "13", "billed": "13"},
                **{"taken": "", "on_account": "", "invoices": f"{first}\n{raised}"},
                "amount": "358.05€",
            },
        )
        self.assertEqual((rows[2]["billed"], rows[2]["contracted"]), ("2", "2"))
        self.assertIn("$", rows[4]["amount"])
        self.assertEqual((rows[6]["billed"], rows[6]["amount"]), ("", ""))
        self.assertIn("(credited)", rows[6]["invoices"])
        totals = dict(summary.get_totals())
        self.assertEqual(set(totals), {"EUR", "USD"})
        self.assertIn("418.05", totals["EUR"])
        invoices = [row["name"] for row in summary.get_invoices()]
        self.assertEqual(len(invoices), 7)
        (page,) = self._print(SUMMARY, wizard)
        self._assert_on(
            page,
            "Summary of January 2026",
            "Client 3",
            "358.05",
            "418.05",
            "Total in USD",
            "Page 1 of 1",
        )
        self.assertNotIn("Client 4", page)

    def test_month(self):
        self._play(events=[RUN, {"on": "2026-02-01", "do": "run"}])
        for month, billed in (("2025-12", None), ("2026-02", "10")):
            wizard = self.env[MODEL].create(
                {"partner_id": self.player.clients["North"].id, "month": "2026-01"}
            )
            wizard.company_id = self.company
            self.env.cr.execute(
                "UPDATE subscription_partner_summary SET month = %s WHERE id = %s",
                [month, wizard.id],
            )
            wizard.invalidate_recordset()
            rows = wizard._get_summary().get_rows()
            self.assertEqual(rows[1]["billed"] if rows else None, billed, month)
        self.assertIn("February", wizard._get_month_text())

    def test_reseller(self):
        """A partner's summary has the clients of its resellers, with whose they are;
        a reseller's has its own alone."""
        self._play(
            {"payer": "Partner P"},
            {"id": "S2", "client": "Client 2", "payer": "Client 2"},
        )
        reseller, north = (self.player.clients[name] for name in ("Partner P", "North"))
        reseller.managing_partner_id = north
        sections = [
            row["section"]
            for row in self._create_summary()._get_summary().get_rows()
            if "section" in row
        ]
        self.assertEqual(sections, ["Client 1 (Partner P)", "Client 2"])
        rows = self._create_summary("Partner P")._get_summary().get_rows()
        self.assertEqual(rows[0]["section"], "Client 1")
        # Once it has gone to another partner, so has its summary.
        users = self._create_readers()
        wizard = self._create_summary("Partner P", user=users["north"])
        self.assertTrue(wizard._get_summary().get_rows())
        reseller.managing_partner_id = users["south"].partner_id.commercial_partner_id
        with self.assertRaises(AccessError):
            self._print(SUMMARY, wizard, users["north"])

    def test_draft_and_void(self):
        statement = self._play(events=[{**RUN, "draft": True}])
        (client, row) = self._create_summary()._get_summary().get_rows()
        self.assertEqual((row["billed"], row["invoices"]), ("10", "Draft"))
        statement.move_id.button_cancel()
        (client, row) = self._create_summary()._get_summary().get_rows()
        self.assertEqual((row["billed"], row["amount"], row["invoices"]), ("", "", ""))

    def test_nothing(self):
        self._play()
        wizard = self._create_summary("North")
        wizard.partner_id = wizard.partner_id.copy(
            {"name": "West", "is_managing_partner": True}
        )
        self.assertIn("Nothing was billed", self._print(SUMMARY, wizard)[0])

    # ------------------------------------------------------------------ access

    @mute_logger(*MUTED)
    def test_who_may_print(self):
        """Staff sees its own clients, whatever partner and wizard it names."""
        self._play(
            {}, {"id": "S2", "client": "Client 2", "payer": "Partner P", "pools": []}
        )
        users = self._create_readers()
        own = self._create_summary(user=users["north"])
        self.assertIn("Client 1", self._print(SUMMARY, own, users["north"])[0])
        by_admin = self._create_summary(user=users["admin"])
        self.assertIn("Client 1", self._print(SUMMARY, by_admin, users["admin"])[0])
        for role in ("south", "accountant"):
            with self.subTest(role), self.assertRaises(AccessError):
                self._create_summary(user=users[role])
                self.env.flush_all()
            with self.subTest(role), self.assertRaises(AccessError):
                self._print(SUMMARY, own, users[role])
        with self.assertRaises(AccessError):
            self._print(SUMMARY, by_admin, users["north"])

    def test_client_that_went(self):
        """Its statements are the new partner's to read, and no name stays behind."""
        self._play()
        users = self._create_readers()
        wizard = self._create_summary(user=users["north"])
        client = self.player.clients["Client 1"]
        client.managing_partner_id = users["south"].partner_id.commercial_partner_id
        (page,) = self._print(SUMMARY, wizard, users["north"])
        self.assertNotIn("Client 1", page)
        self.assertIn("Client 1", self._print(SUMMARY, self._create_summary())[0])

    def test_form(self):
        """Staff finds its own company and the month before chosen."""
        self._play()
        user = self._create_readers()["north"]
        with Form(self.env[MODEL].with_user(user)) as form:
            self.assertEqual(form.partner_id.name, "North")
        # Somebody else's company may have another month already.
        months = self.env[MODEL].with_user(user)._get_months()
        self.assertEqual(form.month, months[1][0])
        self.assertEqual(len(dict(months)), 36)
        action = form.record.action_print()
        self.assertEqual(action["report_name"], SUMMARY)


@needs_renderer
@tagged("post_install", "-at_install")
class TestSummaryOfLicences(SubscriptionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.yearly = create_yearly_plan(cls.env, "Yearly", {cls.expenses: 4})
        cls.env = cls.env(context=dict(cls.env.context, lang="en_US"))
        for partner in (cls.north, cls.acme):
            partner.lang = "en_US"

    def _get_rows(self, partner, user=None):
        wizards = self.env["subscription.partner.summary"]
        wizards = wizards.with_user(user) if user else wizards
        months = wizards._get_months()
        wizard = wizards.create({"partner_id": partner.id, "month": months[0][0]})
        return wizard._get_summary().get_rows()

    def _get_row(self):
        """Return the row of what North's licences were taken for."""
        (row,) = [row for row in self._get_rows(self.north) if row.get("taken")]
        return row

    @freeze_time("2026-11-30 10:00:00")
    def test_taken(self):
        """For the rest of the running term, and for the next one."""
        self.env["subscription.licence.account"]._give(
            self.north, {self.expenses: 9}, self.env.company
        )
        renew(self._create_term(self.acme))
        row = self._get_row()
        self.assertEqual((row["name"], row["taken"]), ("Expenses", "4.36"))
        self.assertEqual((row["on_account"], row["billed"]), ("", ""))

    @freeze_time("2026-11-30 10:00:00")
    def test_on_account(self):
        self.north.licence_billing = "on_account"
        renewal = renew(self._create_term(self.acme))
        row = self._get_row()
        self.assertEqual((row["taken"], row["on_account"]), ("4.36", "4.36"))
        # What came back is not taken.
        renewal.action_cancel()
        row = self._get_row()
        self.assertEqual((row["taken"], row["on_account"]), ("0.36", "0.36"))

    def test_former_client(self):
        """The ledger keeps what a client took that went to another partner: its name is
        hidden."""
        self.north.licence_billing = "on_account"
        renew(self._create_term(self.acme))
        user = self._create_user("nora", "standard", self.north)
        self.acme.managing_partner_id = self.south
        self.env.flush_all()
        self.env.invalidate_all()
        rows = self._get_rows(self.north, user)
        self.assertIn("Former clients", [row.get("section") for row in rows])
        self.assertNotIn("Acme", str(rows))
