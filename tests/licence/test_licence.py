from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from ...exceptions import LicenceRefusal
from ...models.licence.stock_key import StockKey
from ..common.licence import StockCase
from ..common.subscription import create_module, create_yearly_plan, renew

MUTED = ("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")


@freeze_time("2026-03-15")
@tagged("post_install", "-at_install")
class TestLicence(StockCase):
    """Licences go down the chain of partners and back; the ledger has every one."""

    # ------------------------------------------------------------------ the ledger

    def test_an_entry_names_its_cause_and_its_author(self):
        move = self._get_stock("boss")._give(
            self.south, {self.expenses: 3}, self.company
        )
        self.assertEqual(move.kind, "given")
        self.assertEqual(move.quantity, 3)
        self.assertEqual(move.partner_id, self.south)
        self.assertEqual(move.module_id, self.expenses)
        self.assertEqual(move.company_id, self.company)
        self.assertEqual(move.user_id, self.staff["boss"])
        self.assertEqual(move.user_name, self.staff["boss"].name)
        self.assertEqual(str(move.date), "2026-03-15 00:00:00")
        self.assertFalse(move.counterpart_id)
        self.assertFalse(move.subscription_id or move.renewal_id or move.sale_line_id)

    def test_the_name_of_the_author_outlives_the_user(self):
        self._get_stock("boss")._give(self.south, {self.expenses: 3}, self.company)
        move = self._get_account(self.south).move_ids
        name = self.staff["boss"].name
        self.staff["boss"].name = "Somebody else"
        self.assertEqual(move.user_name, name)

    def test_an_allocation_is_an_entry_in_both_stocks(self):
        moves = self._get_stock("north")._give(
            self.reef, {self.expenses: 8}, self.company
        )
        self.assertEqual(
            {
                (m.partner_id.name, m.counterpart_id.name, m.kind, m.quantity)
                for m in moves
            },
            {
                ("North", "Reef", "allocated", -8.0),
                ("Reef", "North", "allocated", 8.0),
            },
        )
        self.assertEqual(moves.user_id, self.staff["north"])
        self.assertEqual(self._get_balance(self.north), 12)
        self.assertEqual(self._get_balance(self.reef), 8)
        self._check_adds_up()

    def test_several_modules_move_together_or_not_at_all(self):
        self._give(self.north, 2, self.time)
        before = self._get_ledger()
        with self.assertRaises(LicenceRefusal) as refusal:
            self.accounts._give(
                self.reef, {self.expenses: 21, self.time: 3}, self.company
            )
        self.assertEqual(len(str(refusal.exception).splitlines()), 2)
        self.assertEqual(self._get_ledger(), before)
        self.accounts._give(self.reef, {self.expenses: 20, self.time: 2}, self.company)
        self.assertEqual(self._get_balance(self.reef, self.time), 2)
        self._check_adds_up()

    def test_the_vendor_may_give_to_a_reseller_past_its_partner(self):
        self._give(self.reef, 5, from_vendor=True)
        self.assertEqual(self._get_balance(self.north), 20)
        self.assertEqual(self._get_balance(self.reef), 5)

    def test_the_database_keeps_balances_above_zero(self):
        account = self._get_account(self.north)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.env.cr.execute(
                "UPDATE subscription_licence_move SET balance = -1"
                " WHERE account_id = %s",
                [account.id],
            )

    def test_the_database_keeps_one_entry_of_each_number(self):
        account = self._get_account(self.north)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.moves._add(
                [
                    {
                        "account_id": account.id,
                        "number": account.move_ids[0].number,
                        "date": "2026-01-31",
                        "kind": "given",
                        "quantity": 1,
                        "balance": 1,
                    }
                ]
            )

    def test_entries_say_what_they_leave(self):
        account = self._get_account(self.north)
        self._give(self.reef, 5)
        self._give(self.north, 0.25)
        moves = account.move_ids.sorted("number")
        self.assertEqual(moves.mapped("number"), list(range(1, len(moves) + 1)))
        self.assertEqual(moves[-3:].mapped("balance"), [20, 15, 15.25])

    def test_stocks_are_found_by_what_is_in_them(self):
        self._give(self.reef, 20)
        north, reef = map(self._get_account, (self.north, self.reef))
        stocks = north | reef
        for operator, value, found in (
            ("=", 0, north),
            ("!=", 0, reef),
            (">", 0, reef),
            (">=", 20, reef),
            ("<", 20, north),
            ("<=", 20, stocks),
            ("in", [0, 20], stocks),
            ("not in", [20], north),
        ):
            with self.subTest(operator=operator, value=value):
                domain = [("balance", operator, value), ("id", "in", stocks.ids)]
                self.assertEqual(self.accounts.search(domain), found)
                self.assertEqual(stocks.filtered_domain(domain[:1]), found)
        self.assertEqual(
            self.accounts.search([("id", "in", stocks.ids)], order="balance"), stocks
        )
        groups = self.accounts._read_group(
            [("id", "in", stocks.ids)], ["module_id"], ["balance:sum"]
        )
        self.assertEqual(groups, [(self.expenses, 20)])

    def test_what_a_partner_has_is_known_at_once(self):
        self.assertFalse(self.south.licence_account_ids)
        self.assertFalse(self.south.licence_balance)
        self._give(self.south, 3)
        self.assertEqual(len(self.south.licence_account_ids), 1)
        self.assertEqual(self.south.licence_balance, f"{self.expenses.name} 3")
        self._give(self.south, 2)
        self.assertEqual(self.south.licence_balance, f"{self.expenses.name} 5")
        self.assertEqual(self.south.licence_account_ids.billing, "prepaid")
        self.south.licence_billing = "on_account"
        self.assertEqual(self.south.licence_account_ids.billing, "on_account")

    def test_a_stock_is_opened_once(self):
        key = StockKey(self.south, self.time, self.company)
        first = self.accounts._open_stocks([key, key])
        self.assertEqual(self.accounts._open_stocks([key]), first)
        self.assertEqual(len(self._get_account(self.south, self.time)), 1)
        self.assertEqual(self.accounts._open_stocks([]), {})

    # ------------------------------------------------------------------ taking back

    def test_stocks_are_opened_in_the_order_of_their_keys(self):
        """So two transactions that open the same ones do not wait for each other."""
        modules = [create_module(self.env, f"Module {number}") for number in range(8)]
        keys = [StockKey(self.south, module, self.company) for module in modules]
        stocks = self.accounts._open_stocks(keys[::-1])
        ids = [stocks[key].id for key in keys]
        self.assertEqual(ids, sorted(ids))

    def test_a_stock_that_was_opened_is_among_those_of_the_partner(self):
        self.assertFalse(self.south.licence_account_ids)
        key = StockKey(self.south, self.expenses, self.company)
        stock = self.accounts._open_stocks([key])[key]
        self.assertEqual(self.south.licence_account_ids, stock)

    def test_a_partner_takes_back_what_it_allocated(self):
        self._give(self.reef, 8)
        since = self.moves.search([])
        self._get_stock("north")._take_back(self.reef, {self.expenses: 3}, self.company)
        self.assertEqual(
            self._get_entries(since),
            [("taken_back", "Reef", -3.0), ("taken_back", "North", 3.0)],
        )
        self.assertEqual(self._get_balance(self.north), 15)

    def test_a_partner_takes_back_no_more_than_it_allocated(self):
        self._give(self.reef, 8)
        self._give(self.reef, 4, from_vendor=True)
        north = self._get_stock("north")
        before = self._get_ledger()
        with self.assertRaises(LicenceRefusal) as refusal:
            north._take_back(self.reef, {self.expenses: 9}, self.company)
        for word in ("Reef", "8 licences of Expenses", "North", "9", "vendor"):
            self.assertIn(word, str(refusal.exception))
        self.assertEqual(self._get_ledger(), before)
        north._take_back(self.reef, {self.expenses: 8}, self.company)
        with self.assertRaises(LicenceRefusal):
            north._take_back(self.reef, {self.expenses: 0.01}, self.company)
        self.assertEqual(self._get_balance(self.reef), 4)

    def test_what_a_reseller_has_used_is_not_taken_back(self):
        self._give(self.reef, 8)
        self._create_subscription(self.coral, self.yearly, date_start="2026-03-15")
        self.assertEqual(self._get_balance(self.reef), 3)
        before = self._get_ledger()
        with self.assertRaises(LicenceRefusal) as refusal:
            self._take_back(self.reef, 4)
        self.assertEqual(
            str(refusal.exception),
            "Reef: 4 licences of Expenses cannot be taken back. Left in stock: 3; the"
            " others were used or allocated. Take back fewer, or ask Reef to cancel"
            " renewals that have not started.",
        )
        self.assertEqual(self._get_ledger(), before)
        self._take_back(self.reef, 3)

    def test_the_vendor_takes_back_any(self):
        self._give(self.reef, 8)
        self._give(self.reef, 4, from_vendor=True)
        self._get_stock("boss")._take_back(
            self.reef, {self.expenses: 12}, self.company, to_vendor=True
        )
        self.assertEqual(self._get_balance(self.reef), 0)
        self.assertEqual(self._get_balance(self.north), 12)

    def test_nothing_is_taken_back_on_account(self):
        self._give(self.reef, 8)
        self._give(self.cove, 8)
        self.reef.licence_billing = "on_account"
        self.assertEqual(self._get_balance(self.reef), 0)
        before = self._get_ledger()
        for options in ({}, {"to_vendor": True}):
            with self.subTest(**options), self.assertRaises(LicenceRefusal):
                self._take_back(self.reef, 1, **options)
        self.assertEqual(self._get_ledger(), before)

    def test_what_is_not_sold_by_the_licence_any_more_can_be_taken_back(self):
        self.expenses.is_licensed = False
        self._take_back(self.north, 20)
        self.assertEqual(self._get_balance(self.north), 0)

    # ------------------------------------------------------------------ refusals

    def test_a_refusal_says_what_is_left_what_is_missing_and_what_to_do(self):
        self._give(self.reef, 3.5)
        with self.assertRaises(LicenceRefusal) as refusal:
            self._give(self.cove, 5)
        text = str(refusal.exception)
        for part in (
            "Reef, licences of Expenses: 3.5 in stock",
            "5 needed",
            "1.5 missing",
            "Contact North (north@partners.test, +44 20 7946 0001)",
            "choose fewer",
        ):
            self.assertIn(part, text)
        with self.assertRaises(LicenceRefusal) as refusal:
            self._give(self.reef, 17)
        self.assertIn("Contact Vendor (hello@vendor.test", str(refusal.exception))

    def test_a_partner_is_sent_to_the_vendor_that_the_stock_is_of(self):
        other = self.env["res.company"].create({"name": "Second Vendor"})
        with self.assertRaises(LicenceRefusal) as refusal:
            self._give(self.reef, 1, company=other)
        self.assertIn("Contact Second Vendor", str(refusal.exception))

    def test_a_refusal_to_who_can_give_more_says_so(self):
        self._give(self.reef, 3)
        for role, contact in (
            ("boss", "Give Reef more first"),
            ("north", "Give Reef more first"),
            ("reef", "Contact North"),
        ):
            with self.subTest(role=role), self.assertRaises(LicenceRefusal) as refusal:
                self._get_stock(role)._post(
                    [
                        {
                            "account_id": self._get_account(self.reef).id,
                            "kind": "allocated",
                            "quantity": -4,
                            "counterpart_id": self.north.id,
                        }
                    ]
                )
            self.assertIn(contact, str(refusal.exception))

    def test_numbers_are_written_without_noise(self):
        for number, text in [
            (3, "3"),
            (3.0000000001, "3"),
            (2.9999999999, "3"),
            (0.1 + 0.2, "0.3"),
            (1234.5, "1,234.5"),
            (0, "0"),
        ]:
            with self.subTest(number=number):
                self.assertEqual(self.accounts._format(number), text)

    # ------------------------------------------------------------------ quantities

    def test_quantities(self):
        for quantity in (0, -1, -0.01, 0.004, 1e-9, float("nan"), float("inf"), 1e300):
            for act in (self._give, self._take_back):
                before = self._get_ledger()
                with self.subTest(quantity=quantity, act=act.__name__):
                    with self.assertRaises(UserError) as refusal:
                        act(self.north, quantity)
                    self.assertIn("Expenses", str(refusal.exception))
                    self.assertEqual(self._get_ledger(), before)
        for quantity, moved in [
            (0.005, 0.01),
            (0.01, 0.01),
            (0.1 + 0.2, 0.3),
            (2.675, 2.68),
            (1e9, 1e9),
        ]:
            with self.subTest(quantity=quantity):
                self._give(self.south, quantity)
                account = self._get_account(self.south)
                self.assertEqual(account.balance, moved)
                self._check_adds_up()
                self._take_back(self.south, quantity)
                self.assertEqual(account.balance, 0)

    def test_hundredths_add_up_exactly(self):
        for _ in range(10):
            self._give(self.reef, 0.1)
        self.assertEqual(self._get_balance(self.reef), 1)
        self.assertEqual(self._get_balance(self.north), 19)
        self._take_back(self.reef, 1)
        self.assertEqual(self._get_balance(self.reef), 0)

    def test_nothing_is_asked_for(self):
        for act in (self.accounts._give, self.accounts._take_back):
            with self.assertRaises(UserError):
                act(self.north, {}, self.company)

    def test_modules_that_are_not_sold_by_the_licence(self):
        for module in (self.base, self.time):
            module.is_licensed = False
            with self.subTest(module=module.name):
                with self.assertRaises(UserError) as refusal:
                    self._give(self.north, 1, module)
                self.assertIn(module.name, str(refusal.exception))

    def test_who_manages_nobody_has_no_licences(self):
        contact = self._create_contact("Nora", self.north)
        for partner in (self.acme, self.dune, contact):
            with self.subTest(partner=partner.name):
                with self.assertRaises(UserError) as refusal:
                    self._give(partner, 1)
                self.assertIn(partner.name, str(refusal.exception))
        self.assertFalse(self._get_account(self.acme))

    # ------------------------------------------------------------------ on account

    def test_who_is_billed_later_is_given_what_is_missing(self):
        self.north.licence_billing = "on_account"
        since = self.moves.search([])
        self._give(self.reef, 25)
        self.assertEqual(
            self._get_entries(since),
            [
                ("on_account", "North", 5.0),
                ("allocated", "North", -25.0),
                ("allocated", "Reef", 25.0),
            ],
        )
        self.assertEqual(self._get_balance(self.north), 0)
        self._check_adds_up()

    def test_a_term_on_account_says_for_which_subscription(self):
        self.south.licence_billing = "on_account"
        since = self.moves.search([])
        term = self._create_subscription(
            self.bolt, self.yearly, date_start="2026-03-15"
        )
        moves = self.moves.search([]) - since
        self.assertEqual(
            self._get_entries(since),
            [("on_account", "South", 5.0), ("raise", "South", -5.0)],
        )
        self.assertEqual(moves.subscription_id, term)
        self.assertEqual(len(moves.filtered("subscription_id")), 2)

    def test_a_cancelled_renewal_takes_back_what_was_on_account(self):
        self._give(self.south, 7)
        self.south.licence_billing = "on_account"
        term = self._create_subscription(
            self.bolt, self.yearly, date_start="2026-03-15"
        )
        since = self.moves.search([])
        renewal = renew(term)
        self.assertEqual(
            self._get_entries(since),
            [("on_account", "South", 3.0), ("renewal", "South", -5.0)],
        )
        # Whatever was decided for the future meanwhile.
        for billing in ("on_account", "prepaid"):
            with self.subTest(billing=billing):
                self.south.licence_billing = billing
                since = self.moves.search([])
                renewal.action_cancel()
                self.assertEqual(
                    self._get_entries(since),
                    [("returned", "South", 5.0), ("on_account", "South", -3.0)],
                )
                reversed_kinds = (self.moves.search([]) - since).reversed_id
                self.assertEqual(
                    set(reversed_kinds.mapped("kind")), {"on_account", "renewal"}
                )
                self.assertEqual(self._get_balance(self.south), 2)
                self._check_adds_up()
            self.south.licence_billing = "on_account"
            renewal = renew(term)
        self.south.licence_billing = "prepaid"

    def test_back_to_prepaid_nothing_is_given_on_account(self):
        self.south.licence_billing = "on_account"
        self._create_subscription(self.bolt, self.yearly, date_start="2026-03-15")
        self.south.licence_billing = "prepaid"
        before = self._get_ledger()
        with self.assertRaises(LicenceRefusal):
            self._create_subscription(self.bolt, self.yearly, date_start="2026-03-15")
        self.assertEqual(self._get_ledger(), before)

    def test_only_the_vendor_says_who_is_billed_later(self):
        for role in ("north", "reef", "vendor staff", "intern"):
            partner = self.reef.with_user(self.staff[role])
            with self.subTest(role=role), mute_logger(*MUTED):
                with self.assertRaises(AccessError):
                    partner.licence_billing = "on_account"
                # What stays as it is may be written, as screens do.
                if role == "north":
                    partner.licence_billing = "prepaid"
        self.reef.with_user(self.staff["boss"]).licence_billing = "on_account"
        with self.assertRaises(AccessError), mute_logger(*MUTED):
            self.reef.with_user(self.staff["north"]).licence_billing = "prepaid"

    def test_nobody_is_made_billed_later_by_a_default(self):
        north = self.env["res.partner"].with_user(self.staff["north"])
        vals = {"name": "Pier", "is_company": True, "is_managing_partner": True}
        with self.assertRaises(AccessError):
            north.create({**vals, "licence_billing": "on_account"})
        in_context = north.with_context(default_licence_billing="on_account")
        self.assertEqual(in_context.create(vals).licence_billing, "prepaid")
        self.env["ir.default"].with_user(self.staff["north"]).set(
            "res.partner", "licence_billing", "on_account", user_id=True
        )
        self.assertEqual(north.create(vals).licence_billing, "prepaid")
        result = north.load(
            ["name", "is_company", "licence_billing"], [["Pier", "1", "on_account"]]
        )
        self.assertFalse(result["ids"])
        self.assertIn("Only the vendor", str(result["messages"]))

    def test_a_copied_partner_has_a_prepaid_stock(self):
        self.reef.licence_billing = "on_account"
        self.assertEqual(self.reef.copy().licence_billing, "prepaid")

    # ------------------------------------------------------------------ names

    def test_names(self):
        account = self._get_account(self.north)
        self.assertEqual(account.display_name, "Expenses · North")
        self.assertEqual(account.move_ids.display_name, "Given by the vendor")
        found = self.accounts.name_search("North")
        self.assertIn(account.id, [record_id for record_id, _ in found])

    # ------------------------------------------------------------------ what stays

    def test_a_partner_with_a_stock_cannot_be_deleted(self):
        pier = self._create_partner("Pier")
        self._give(pier, 1)
        self._take_back(pier, 1)
        with self.assertRaises(UserError) as refusal:
            pier.unlink()
        self.assertIn("Pier: the ledger", str(refusal.exception))
        pier.active = False
        self.assertEqual(len(self._get_account(pier)), 1)

    def test_a_module_in_a_stock_cannot_be_deleted(self):
        module = create_module(self.env, "Travel")
        self._give(self.south, 1, module)
        with self.assertRaises(UserError) as refusal:
            module.unlink()
        self.assertIn("Travel", str(refusal.exception))
        self.assertIn("Archive", str(refusal.exception))

    def test_a_reseller_that_moves_keeps_its_stock(self):
        self._give(self.reef, 8)
        before = self._get_ledger()
        self.reef.managing_partner_id = self.south
        self.assertEqual(self._get_ledger(), before)
        take = {self.expenses: 1}
        with mute_logger(*MUTED), self.assertRaises(AccessError):
            self._get_stock("north")._take_back(self.reef, take, self.company)
        # It allocated none of them.
        with self.assertRaises(LicenceRefusal) as refusal:
            self._get_stock("south")._take_back(self.reef, take, self.company)
        self.assertIn("has 0 licences of Expenses from South", str(refusal.exception))
        self._get_stock("boss")._take_back(
            self.reef, {self.expenses: 8}, self.company, to_vendor=True
        )
        self.assertEqual(self._get_balance(self.reef), 0)
        self.assertEqual(self._get_balance(self.north), 12)

    def test_a_reseller_that_moves_takes_from_the_new_partner(self):
        self._give(self.south, 5)
        self.reef.managing_partner_id = self.south
        self._give(self.reef, 5)
        self.assertEqual(self._get_balance(self.south), 0)
        self.assertEqual(self._get_balance(self.north), 20)

    # ------------------------------------------------------------------ merged

    def test_stocks_of_merged_partners_add_up(self):
        self._give(self.south, 3)
        self._give(self.south, 4, self.time)
        self._give(self.reef, 6)
        self._merge(self.north, self.south)
        self.assertFalse(self.south.exists())
        self.assertEqual(self._get_balance(self.north), 17)
        self.assertEqual(self._get_balance(self.north, self.time), 4)
        self.assertEqual(len(self._get_account(self.north)), 1)
        self.assertEqual(self._get_account(self.north).move_ids.partner_id, self.north)
        self._check_adds_up()

    def test_a_partner_is_merged_with_its_reseller(self):
        dory = self._create_partner("Dory", managing_partner_id=self.cove.id)
        self._give(self.reef, 6)
        self._give(self.cove, 5)
        self._give(dory, 2)
        self._merge(self.reef, self.cove)
        self.assertEqual(self._get_balance(self.reef), 4)
        self.assertEqual(self._get_balance(dory), 2)
        # What Cove allocated, Reef may take back now.
        self._get_stock("reef")._take_back(dory, {self.expenses: 2}, self.company)
        self.assertEqual(self._get_balance(self.reef), 6)
        self._check_adds_up()

    def test_entries_of_a_merged_ledger_are_numbered_by_their_age(self):
        """And are read so at once, by who has read them before."""
        self._give(self.south, 3)
        self._give(self.reef, 6)
        stock = self._get_account(self.north)
        moves = (stock | self._get_account(self.south)).move_ids.sorted("id")
        self.assertEqual(moves.mapped("balance"), [20, 3, 14])
        self._get_account(self.south)._merge_into(self.north)
        self.assertEqual(moves.account_id, stock)
        self.assertEqual(moves.mapped("number"), [1, 2, 3])
        self.assertEqual(moves.mapped("balance"), [20, 23, 17])
        self.assertEqual(stock.balance, 17)

    def test_paths_of_entries_follow_a_merge_by_whole_ids(self):
        """1/15/ is not a path through 5."""
        moves = self.moves.browse()
        for path in (
            f"{self.south.id}/{self.reef.id}/",
            f"{self.north.id}/{self.south.id}/{self.reef.id}/",
            f"{self.north.id}/1{self.south.id}/",
        ):
            move = self._give(self.reef, 1, from_vendor=True)
            move._set({"management_path": path})
            moves |= move
        self.moves._replace_in_paths(self.south, self.cove)
        self.assertEqual(
            [move.management_path for move in moves],
            [
                f"{self.cove.id}/{self.reef.id}/",
                f"{self.north.id}/{self.cove.id}/{self.reef.id}/",
                f"{self.north.id}/1{self.south.id}/",
            ],
        )

    # ------------------------------------------------------------------ two companies

    def test_each_company_has_its_own_stocks(self):
        other = self.env["res.company"].create({"name": "Second Vendor"})
        self._give(self.north, 7, company=other)
        self.assertEqual(self._get_balance(self.north), 20)
        self.assertEqual(self._get_balance(self.north, company=other), 7)
        with self.assertRaises(LicenceRefusal):
            self._give(self.reef, 8, company=other)
        self._give(self.reef, 7, company=other)
        self.assertEqual(self._get_balance(self.north), 20)
        # Who works in one company sees its stocks.
        seen = self._get_stock("north").search([])
        self.assertEqual(seen.company_id, self.company)

    def test_a_term_takes_from_the_stock_of_its_company(self):
        other = self.env["res.company"].create({"name": "Second Vendor"})
        self._give(self.north, 7, company=other)
        plan = create_yearly_plan(self.env, "Other", {self.expenses: 5})
        self._create_subscription(
            self.acme, plan, company_id=other.id, date_start="2026-03-15"
        )
        self.assertEqual(self._get_balance(self.north, company=other), 2)
        self.assertEqual(self._get_balance(self.north), 20)
