from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from ...models.einvoice.gaps import Gap, pack, unpack
from ..common.billing_player import CasePlayer
from ..common.document import make_case
from ..common.einvoice import BUYER_SIREN, EInvoiceCase, find

ALL = "SIREN, street, postal code, city, country"


@tagged("post_install", "-at_install")
class TestEInvoiceMissing(EInvoiceCase):
    """What an electronic invoice lacks is found before it is posted, and listed."""

    def _hold(self):
        self.company.einvoice_policy = "hold"

    # ------------------------------------------------------------------ posted

    def test_posted_without(self):
        move = self._play().move_id
        self.assertEqual(move.state, "posted")
        self.assertEqual(move.einvoice_state, "incomplete")
        self.assertEqual(move.einvoice_missing, f"Client 1: {ALL}")
        problem = self._find_problems()
        self.assertEqual(problem.code, "einvoice_notice")
        self.assertIn(f"Client 1: {ALL}", problem.reason)
        self.assertIn("was billed", problem.reason)
        subscription = problem.subscription_id
        self.assertTrue(subscription.has_billing_notice)
        self.assertEqual(len(subscription.activity_ids), 1)
        opened = problem.action_open_missing()
        self.assertEqual(
            (opened["res_model"], opened["res_id"]),
            ("res.partner", self.player.clients["Client 1"].id),
        )
        self.assertEqual(move.action_open_einvoice_gap()["res_id"], opened["res_id"])

    def test_solved_by_the_next_run(self):
        """It keeps since when it is known, and ends when data are there."""
        move = self._play().move_id
        problem = self._find_problems()
        since = problem.since
        self.assertEqual(len(problem), 1)
        self.run_job("2026-01-02")
        self.assertEqual(self._find_problems(), problem)
        self.assertEqual(problem.since, since)
        self._complete("Client 1")
        self.run_job("2026-01-03")
        self.assertFalse(self._find_problems())
        self.assertFalse(problem.subscription_id.activity_ids)
        self.assertEqual(move.einvoice_state, "complete")

    def test_solved_by_trying_again(self):
        self._play()
        problem = self._find_problems()
        self._complete("Client 1")
        problem.action_retry()
        self.assertTrue(problem.solved_at)

    def test_nothing_missing(self):
        move = self._play_known()
        self.assertFalse(self._find_problems())
        self.assertEqual(move.einvoice_state, "complete")
        self.assertFalse(move.einvoice_missing)

    def test_other_problems_win(self):
        """What could not be billed is said first."""
        self._play({"fails": "no product"})
        self.assertEqual(self._find_problems().code, "product")

    # ------------------------------------------------------------------ held back

    def test_held_back(self):
        self._hold()
        self.assertFalse(self._play())
        problem = self._find_problems()
        self.assertEqual(problem.code, "einvoice")
        self.assertIn(f"Client 1: {ALL}", problem.reason)
        self.assertFalse(problem.subscription_id.has_billing_notice)
        foreseen = problem.subscription_id._foresee()[problem.subscription_id]
        self.assertEqual(foreseen.obstacle.code, "einvoice")
        self._complete("Client 1")
        with freeze_time("2026-01-02 10:00:00"):
            problem.action_retry()
        self.assertTrue(problem.solved_at)
        move = problem.subscription_id.statement_ids.move_id
        self.assertEqual(move.state, "posted")

    def test_others_are_billed(self):
        self._hold()
        moves = self._play_known(
            {}, {"id": "S2", "client": "Client 2", "payer": "Client 2"}
        )
        self.assertEqual(moves.partner_id.name, "Client 1")
        self.assertEqual(self._find_problems().client_id.name, "Client 2")

    def test_posting_by_hand(self):
        self.company.billing_mode = "post"
        move = self._play().move_id
        move.button_draft()
        self._hold()
        with self.assertRaisesRegex(UserError, f"held back.*Client 1: {ALL}"):
            move.action_post()
        self._complete("Client 1")
        move.action_post()
        self.assertEqual(move.state, "posted")

    # ------------------------------------------------------------------ what is missing

    def _describe(self, move):
        move.invalidate_recordset(["einvoice_missing"])
        return move.einvoice_missing

    def test_what_is_missing(self):
        """Each field is named, with the record where it is entered."""
        move = self._play_known()
        client, company = self.player.clients["Client 1"], self.company
        seller = company.partner_id
        for record, values, said in (
            (client, {"company_registry": "12345678900011", "vat": False}, "SIREN"),
            (client, {"company_registry": False, "vat": False}, "SIREN"),
            (client, {"street": False}, "street"),
            (client, {"zip": False, "city": False}, "postal code, city"),
            (seller, {"vat": False, "company_registry": "123456782"}, "VAT number"),
            (company, {"document_penalty": False}, "late payment penalties"),
            (company, {"document_recovery_fee": 0}, "recovery fee"),
            (
                company,
                {"document_no_discount": False},
                "whether paying early gives a discount",
            ),
        ):
            with self.subTest(values):
                before = {name: record[name] for name in values}
                record.write(values)
                self.assertEqual(self._describe(move), f"{record.display_name}: {said}")
                self.assertTrue(move.action_open_einvoice_gap()["res_model"])
                record.write(before)
        self.assertFalse(self._describe(move))

    def test_numbers_of_invoices(self):
        """A journal whose numbers the rules do not allow is named before the next one
        is given."""
        move = self._play_known()
        journal = move.journal_id
        self.assertEqual(journal._find_number_gaps(), [])
        move.button_draft()
        move.name = "INV 2026 / 1"
        move.action_post()
        self.assertIn("at most 35 letters", self._describe(move))
        self.assertEqual(len(journal._find_number_gaps()), 1)
        self._hold()
        self.run_job("2026-02-01")
        self.assertIn("at most 35 letters", self._find_problems().reason)

    def test_not_for_these(self):
        """Private and foreign buyers need no SIREN, nor do buyers of other sellers."""
        self._hold()
        move = self._play_known()
        client = self.player.clients["Client 1"]
        client.write({"company_registry": False, "vat": False})
        self.assertTrue(self._describe(move))
        client.is_company = False
        self.assertFalse(self._describe(move))
        number = "0477472701"
        client.write(
            {
                "is_company": True,
                "country_id": self.env.ref("base.be").id,
                "company_registry": number,
                "vat": f"BE{number}",
            }
        )
        self.assertFalse(self._describe(move))
        self.run_job("2026-02-01")
        self.assertFalse(self._find_problems())

    def test_payer_is_who_matters(self):
        """Of what a partner pays, the partner's data are looked at."""
        partner = {"payer": "Partner P"}
        self._hold()
        moves = self._play_known({**partner}, known=["Partner P"])
        self.assertEqual(moves.partner_id.name, "Partner P")
        self.assertFalse(self._find_problems())

    def test_credit_note_names_its_invoice(self):
        move = self._play_known()
        note = move._reverse_moves([{"invoice_date": "2026-01-20"}])
        note.action_post()
        self.assertEqual(note.einvoice_state, "complete")
        note.reversed_entry_id = False
        self.assertFalse(note.einvoice_state)

    def test_settings(self):
        settings = self.env["subscription.settings"].with_company(self.company)
        shown = settings.create({"einvoice_policy": "hold"})
        self.assertEqual(self.company.einvoice_policy, "hold")
        self.assertTrue(shown.is_einvoice_seller)
        self.assertFalse(shown.einvoice_seller_missing)
        self.company.document_penalty = False
        shown.invalidate_recordset()
        self.assertIn("late payment penalties", shown.einvoice_seller_missing)

    # ------------------------------------------------------------------ many

    def test_no_query_for_each(self):
        """Twice as many invoices are looked at with as many queries."""
        subscriptions = [
            {"id": f"S{n}", "client": f"Client {n}", "payer": f"Client {n}"}
            for n in range(1, 9)
        ]
        self._play(*subscriptions)
        records = self.env["sale.subscription"].concat(
            *self.player.subscriptions.values()
        )
        counts = []
        for some in (records[:1], records[:4], records):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            notices = some.sudo()._find_einvoice_notices()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(len(notices), len(some))
        self.assertEqual(counts[1], counts[2], counts)

    def test_packed(self):
        gaps = [Gap("res.partner", 3, "siren"), Gap("res.company", 1, "PMT")]
        self.assertEqual(unpack(pack(gaps)), gaps)
        self.assertEqual(unpack(False), [])

    def test_who_may_not_see_the_record(self):
        """A partner's staff reads what is missing, not of whom it may not know."""
        self._play()
        problem = self._find_problems()
        south = self.player.clients["North"].copy({"is_managing_partner": True})
        user = self._create_user("sven", "standard", south)
        reader = problem.with_user(user)
        text = reader._get_reason_text(problem.code, problem.detail)
        self.assertIn(f"The buyer: {ALL}", text)
        self.assertNotIn("Client 1", text)

    # ------------------------------------------------------------------ on account

    def _take_on_account(self, known=False):
        """Bill licences that a partner took on account, and return its invoice."""
        case = make_case(paid_by="licences", events=[{"on": "2026-02-01", "do": "run"}])
        entry = {"on": "2026-01-03", "licences": "5", "kind": "on_account"}
        case["given"]["subscriptions"] = []
        case["given"]["ledger"] = {
            "partner": "Partner P",
            "billing": "on_account",
            "entries": [entry],
            "prices": [["2020-01-01", "100.00"]],
            "tax": "20",
        }
        self.player = CasePlayer(self, case)
        partner = self.player.get_partner("Partner P")
        if known:
            self.make_french(partner, BUYER_SIREN)
        self.player.play()
        return self.env["account.move"].search(
            [("company_id", "=", self.company.id), ("partner_id", "=", partner.id)]
        )

    def test_licences_on_account(self):
        move = self._take_on_account()
        self.assertEqual(move.einvoice_missing, f"Partner P: {ALL}")
        problem = self._find_problems()
        self.assertEqual(problem.code, "einvoice_notice")
        self.run_job("2026-02-02")
        self.assertEqual(self._find_problems(), problem)
        self._complete("Partner P")
        self.run_job("2026-02-03")
        self.assertTrue(problem.solved_at)

    def test_licences_on_account_held_back(self):
        self._hold()
        self.assertFalse(self._take_on_account())
        problem = self._find_problems()
        self.assertEqual(problem.code, "error")
        self.assertIn(f"Partner P: {ALL}", problem.reason)
        self._complete("Partner P")
        self.run_job("2026-02-02")
        self.assertTrue(problem.solved_at)

    def test_licences_on_account_complete(self):
        move = self._take_on_account(known=True)
        self.assertEqual(move.einvoice_state, "complete")
        self.assertFalse(self._find_problems())
        root, errors = self._export(move)
        self.assertEqual(errors, set())
        self.assertEqual(
            find(root, "ram:BillingSpecifiedPeriod//udt:DateTimeString"),
            ["20260103", "20260103", "20260101", "20260131"],
        )
