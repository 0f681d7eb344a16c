import json
from copy import deepcopy
from datetime import date, datetime
from pathlib import Path
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common.billing import BillingCase
from ..common.billing_player import CasePlayer
from ..common.subscription import SubscriptionCase, create_yearly_plan, renew

CASES = {
    case["id"]: case
    for case in json.loads((Path(__file__).parent / "cases.json").read_text())
}
RECONCILIATION = "subscription.reconciliation"
FIGURES = ("contracted", "assigned", "billed", "difference", "state")


@tagged("post_install", "-at_install")
class TestReconciliation(BillingCase):
    """Ten contracted seats a month, of which seven are assigned, from 1 January on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.create_billing_company()

    def get_company(self, _currency, _tz):
        return self.company

    def get_tax(self, company, amount, include):
        taxes = self.env["account.tax"]
        name = f"{amount} {include}"
        found = taxes.search([("name", "=", name), ("company_id", "=", company.id)])
        return found or self.create_tax(
            company, amount, name=name, price_include_override=include
        )

    def play(self, *events, base="A01", **plan):
        """Play the case ``base`` with other ``events``, and keep its subscription."""
        case = deepcopy(CASES[base])
        # Codes of modules begin with it.
        self.played = getattr(self, "played", 0) + 1
        case["id"] = f"{base}-{self.played}"
        case["given"]["plan"].update(plan)
        case["given"]["events"] = list(events)
        player = CasePlayer(self, case)
        player.play()
        self.subscription = player.subscriptions["S1"]
        self.pool = self.subscription.seat_pool_ids
        return player

    def look(self, day, today=None, row_id=None):
        """Return ``FIGURES`` of ``day``, looked at ``today``, by default that day."""
        self.env.flush_all()
        self.env[RECONCILIATION].invalidate_model()
        with freeze_time(f"{today or day} 12:00:00"):
            rows = self.env[RECONCILIATION].with_context(reconciliation_date=day)
            row = rows.browse(row_id or self.pool.id)
            [values] = row.read([*FIGURES])
        return tuple(values[name] for name in FIGURES)

    def test_what_was_billed_is_equal(self):
        self.play({"on": "2026-01-01", "do": "run"})
        self.assertEqual(self.look("2026-01-15"), (10, 7, 10, 0, "equal"))
        self.assertEqual(self.look("2026-01-31"), (10, 7, 10, 0, "equal"))
        # Due on 1 February, and not billed
        self.assertEqual(self.look("2026-02-01"), (10, 7, 0, 10, "difference"))
        # Not due yet on 15 January
        self.assertEqual(self.look("2026-02-01", "2026-01-15"), (10, 7, 0, 0, "later"))
        # Nothing before the beginning
        self.assertEqual(self.look("2025-12-31"), (0, 0, 0, 0, "none"))

    def test_what_is_due_and_not_billed_is_a_difference(self):
        self.play()
        self.assertEqual(self.look("2026-01-15"), (10, 7, 0, 10, "difference"))

    def test_post_paid_is_billed_later(self):
        self.play(base="A02")
        self.assertEqual(self.look("2026-01-15")[2:], (0, 0, "later"))
        # On the day after, the job did not run.
        seats = self.pool.seat_limit
        found = self.look("2026-01-15", "2026-02-01")
        self.assertEqual(found[2:], (0, seats, "difference"))

    def test_a_raise_is_billed_with_the_next_invoice(self):
        raised = {"on": "2026-01-10", "do": "raise", "module": "Expenses", "seats": 12}
        self.play({"on": "2026-01-01", "do": "run"}, raised)
        self.assertEqual(self.look("2026-01-09"), (10, 7, 10, 0, "equal"))
        self.assertEqual(self.look("2026-01-10"), (12, 7, 10, 2, "difference"))
        with freeze_time("2026-02-01 10:00:00"):
            self.bill()
        for day, seats in (("2026-01-09", 10), ("2026-01-10", 12), ("2026-02-01", 12)):
            found = self.look(day, "2026-02-02")
            self.assertEqual(found, (seats, 7, seats, 0, "equal"))

    def test_credit_notes_and_cancelled_invoices_reduce_what_was_billed(self):
        self.play({"on": "2026-01-01", "do": "run"})
        invoice = self.subscription.statement_ids.move_id
        self.credit(invoice, 3)
        self.assertEqual(self.look("2026-01-15"), (10, 7, 7, 3, "difference"))
        self.credit(invoice, 7)
        self.assertEqual(self.subscription.statement_ids.state, "credited")
        self.assertEqual(self.look("2026-01-15"), (10, 7, 0, 10, "difference"))

    def credit(self, invoice, seats):
        """Post a credit note of ``seats`` of the only line of ``invoice``."""
        with freeze_time("2026-01-12 12:00:00"):
            note = invoice._reverse_moves([{"invoice_date": date(2026, 1, 12)}])
            note.invoice_line_ids.filtered("product_id").quantity = seats
            # A draft credits nothing.
            before = self.look("2026-01-15")
            note.action_post()
            self.assertEqual(self.look("2026-01-15")[2], before[2] - seats)

    def test_a_cancelled_invoice_bills_nothing(self):
        self.play({"on": "2026-01-01", "do": "run"})
        with freeze_time("2026-01-15 12:00:00"):
            self.subscription.statement_ids.move_id.button_draft()
            self.assertEqual(self.look("2026-01-15"), (10, 7, 10, 0, "equal"))
            self.subscription.statement_ids.move_id.button_cancel()
        self.assertEqual(self.look("2026-01-15"), (10, 7, 0, 10, "difference"))

    def test_paused_days_were_billed_too_much_until_they_are_credited(self):
        self.play(
            {"on": "2026-01-01", "do": "run"},
            {"on": "2026-01-10", "do": "pause"},
            {"on": "2026-01-20", "do": "resume"},
        )
        for day, difference in (("09", 0), ("10", -10), ("19", -10), ("20", 0)):
            found = self.look(f"2026-01-{day}", "2026-01-20")
            self.assertEqual(found[2:4], (10, difference), day)
        with freeze_time("2026-02-01 10:00:00"):
            self.bill()
        self.assertEqual(self.look("2026-01-10", "2026-02-01")[2:], (0, 0, "none"))

    def test_after_the_last_day_nothing_is_to_be_billed(self):
        self.play({"on": "2026-12-31", "do": "run"})
        self.assertEqual(self.look("2026-12-31")[2:], (10, 0, "equal"))
        self.assertEqual(self.look("2027-01-01")[2:], (0, 0, "none"))

    def test_included_pools_are_not_billed(self):
        self.play()
        self.pool.is_billed = False
        self.assertEqual(self.look("2026-01-15"), (10, 7, 0, 0, "none"))

    def test_members_and_teams_are_counted_without_module(self):
        for base, count in (("A05", "members"), ("A07", "teams")):
            self.play(*CASES[base]["given"]["events"], base=base)
            row_id = -self.subscription.id
            day = CASES[base]["given"]["events"][-1]["on"]
            figures = self.look(day, row_id=row_id)
            billed = self.subscription.statement_ids.line_ids.filtered(
                lambda line, count=count: line.kind == count
            )
            with self.subTest(count):
                self.assertTrue(billed)
                self.assertEqual(figures[2], billed[-1:].quantity)
                self.assertEqual(figures[1:4], (figures[2], figures[2], 0))

    def test_a_day_ends_in_the_time_zone_of_the_company(self):
        """23:30 in Paris on 20 January is 22:30 in UTC, 00:30 is 23:30 of the same
        day in UTC."""
        self.play()
        members = self.env["subscription.member"].search(
            [("client_id", "=", self.subscription.client_id.id)], limit=2
        )
        seats = self.pool.seat_ids.filtered(lambda seat: seat.member_id in members)
        for seat, moment in zip(
            seats, ("2026-01-20 22:30", "2026-01-20 23:30"), strict=True
        ):
            with freeze_time(moment):
                seat._release("removed")
        self.assertEqual(
            [self.look(f"2026-01-{day}")[1] for day in (19, 20, 21)], [7, 6, 5]
        )

    def test_differences_come_first(self):
        self.play()
        first = self.pool
        self.play({"on": "2026-01-01", "do": "run"})
        with freeze_time("2026-01-15 12:00:00"):
            # The run billed the first one as well: void that.
            first.subscription_id.statement_ids.move_id.button_draft()
            first.subscription_id.statement_ids.move_id.button_cancel()
            rows = self.env[RECONCILIATION].search(
                [("company_id", "=", self.company.id)]
            )
        gaps = rows.with_context(reconciliation_date="2026-01-15").mapped("gap")
        self.assertEqual(rows[0].id, first.id)
        self.assertEqual(gaps, sorted(gaps, reverse=True))

    def test_what_explains_it(self):
        """Each button opens what was counted."""
        self.play({"on": "2026-01-01", "do": "run"})
        row = self.env[RECONCILIATION].browse(self.pool.id)
        row = row.with_context(reconciliation_date="2026-01-15")
        changes, seats, lines, moves = (
            self.env[action["res_model"]].search(action["domain"])
            for action in (
                row.action_open_changes(),
                row.action_open_assigned(),
                row.action_open_lines(),
                row.action_open_moves(),
            )
        )
        self.assertEqual(changes.mapped("seats"), [10])
        self.assertEqual(len(seats), 7)
        self.assertEqual(lines, self.subscription.statement_ids.line_ids)
        self.assertFalse(moves)
        later = row.with_context(reconciliation_date="2026-02-15").action_open_lines()
        self.assertFalse(
            self.env["subscription.statement.line"].search(later["domain"])
        )


@tagged("post_install", "-at_install")
class TestReconciliationReaders(SubscriptionCase):
    """Licences, and who reads what: Acme's terms take licences from North's stock."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            "north": cls._create_user("nora", "standard", cls.north),
            "south": cls._create_user("sven", "standard", cls.south),
            "accountant": cls._create_user("alma", "accountant", cls.dune),
        }
        cls._make_accountant(cls.users["accountant"], cls.acme)
        cls.expenses.is_licensed = True
        with freeze_time("2026-01-01 12:00:00"):
            cls.env["subscription.licence.account"]._give(
                cls.north, {cls.expenses: 20}, cls.env.company
            )
            cls.yearly = create_yearly_plan(cls.env, "Yearly", {cls.expenses: 2})
            cls.yearly.paid_by = "licences"
            cls.term = cls._create_term(cls.acme, plan=cls.yearly)
        cls.pool = cls._get_pool(cls.term, cls.expenses)

    def _look(self, day, role=None, names=("contracted", "licences", "difference")):
        self.env.flush_all()
        self.env[RECONCILIATION].invalidate_model()
        rows = self.env[RECONCILIATION].with_context(reconciliation_date=day)
        if role:
            rows = rows.with_user(self.users[role])
        [values] = rows.browse(self.pool.id).read([*names])
        return tuple(values[name] for name in names)

    def test_licences_of_each_term(self):
        with freeze_time("2026-07-02 12:00:00"):
            self.pool.seat_limit = 4
            # 2 seats for a year, 2 for 183 of 365 days
            self.assertEqual(self._look("2026-07-01"), (2, 3.01, 0))
            self.assertEqual(self._look("2026-07-02"), (4, 3.01, 0))
        with freeze_time("2026-12-01 12:00:00"):
            renew(self.term)
            self.assertEqual(self._look("2026-12-31"), (4, 3.01, 0))
        with freeze_time("2027-01-01 12:00:00"):
            crons = type(self.env["ir.cron"])
            with patch.object(crons, "_commit_progress", return_value=1000.0):
                self.env["subscription.renewal"]._cron_apply()
            self.assertEqual(self._look("2027-01-01"), (4, 4, 0))
            self.assertEqual(self._look("2026-12-31"), (4, 3.01, 0))

    def test_seats_without_licences_are_a_difference(self):
        self.env.cr.execute(
            "DELETE FROM subscription_licence_move WHERE subscription_id = %s",
            [self.term.id],
        )
        with freeze_time("2026-06-01 12:00:00"):
            self.assertEqual(self._look("2026-06-01"), (2, 0, 2))

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_who_reads_what(self):
        """The clients of the user, and licences for who may read ledgers."""
        names = ("contracted", "assigned")
        for role in ("north", "accountant"):
            with self.subTest(role=role):
                self.assertEqual(self._look("2026-06-01", role, names)[0], 2)
        with self.assertRaises(AccessError):
            self._look("2026-06-01", "south", names)
        with self.assertRaises(AccessError):
            self._look("2026-06-01", "accountant")
        rows = self.env[RECONCILIATION].with_user(self.users["south"])
        self.assertNotIn(self.acme, rows.search([]).client_id)
        foreign = rows.browse(self.pool.id)
        for call in (foreign.action_open_lines, foreign.action_open_moves):
            with self.assertRaises(AccessError):
                call()

    def test_odd_days(self):
        rows = self.env[RECONCILIATION]
        for day in ("9999-12-31", "2026-02-30", "x", 7, []):
            with self.subTest(day), self.assertRaises(ValidationError):
                rows.with_context(reconciliation_date=day).search([])
        with self.assertRaises(ValidationError):
            wizards = self.env[f"{RECONCILIATION}.date"]
            wizards.create({"date": "9999-12-31"}).action_open()

    def test_wizard(self):
        wizard = self.env[f"{RECONCILIATION}.date"].create({"date": "2026-06-01"})
        action = wizard.action_open()
        self.assertEqual(action["res_model"], RECONCILIATION)
        rows = self.env[RECONCILIATION].with_context(**action["context"])
        self.assertEqual(rows.browse(self.pool.id).contracted, 2)
        self.assertEqual(rows._get_day(), date(2026, 6, 1))

    def test_groups(self):
        rows = self.env[RECONCILIATION]
        domain = [("client_id", "=", self.acme.id)]
        sums = ["contracted:sum", "licences:sum"]
        found = rows.search(domain)
        modules = found.grouped("module_id")
        self.assertGreater(len(modules), 1)
        self.assertCountEqual(
            rows._read_group(domain, ["module_id"], sums),
            [
                (
                    module,
                    sum(some.mapped("contracted")),
                    sum(some.mapped("licences")),
                )
                for module, some in modules.items()
            ],
        )
        mixed = rows._read_group(domain, ["client_id"], sums)
        self.assertEqual(mixed, [(self.acme, False, False)], "no sum over modules")

    def test_queries(self):
        """Ten times as many rows are read by as many queries, and counted once."""
        rows = self.env[RECONCILIATION].with_user(self.users["north"])

        def read():
            rows.search_read([], ["client_id", "module_id", "billed", "difference"])

        read()
        few = self._count_queries(read)
        with freeze_time("2026-01-02 12:00:00"):
            self._create_terms(10, plan=self.plan)
        self.assertEqual(self._count_queries(read), few)
        self.assertLessEqual(few, 3)

    def test_moment(self):
        """What is assigned today is what is assigned now."""
        with freeze_time(datetime(2026, 3, 1, 9)):
            member = self._create_member("Ann")
            self._grant(self.pool, member)
            self.assertEqual(self._look("2026-02-28", names=("assigned",)), (0,))
            self.assertEqual(self._look(None, names=("assigned",)), (1,))
            self._get_seats([("member_id", "=", member.id)])._release("removed")
            self.assertEqual(self._look(None, names=("assigned",)), (0,))
