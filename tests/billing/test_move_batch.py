import os
import random
from collections import Counter
from copy import deepcopy
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

from ...models.billing.batch_taxes import BatchTaxes
from ..common.moves import MoveDrawer, build_taxes, read_moves

# How many batches are drawn, and of how many moves.
DRAWS = 120 if "PMS_ALL" in os.environ else 12
MOVES = 8


class Undone(Exception):
    """Raised to roll back what was done."""


@tagged("post_install", "-at_install")
class TestMoveBatch(AccountTestInvoicingCommon):
    """Moves of ``_create_batch`` equal those of ``create``, whatever is on them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.company.tax_exigibility = True
        cls.taxes = build_taxes(cls)
        cls.products = cls.product_a | cls.product_b
        revenue = cls.company_data["default_account_revenue"]
        cls.accounts = revenue | cls.copy_account(revenue)
        cls.discount_account = cls.copy_account(revenue)
        cls.move_types = {"invoice": "out_invoice", "credit note": "out_refund"}
        cls.currencies = {
            "company": cls.company.currency_id,
            "foreign": cls.setup_other_currency("EUR"),
            "without cents": cls.setup_other_currency("JPY", rounding=1.0),
        }
        cls.partners = {
            "company": cls.partner_a,
            "mapped": cls.partner_b,
            "contact": cls.env["res.partner"].create(
                {"name": "Contact", "parent_id": cls.partner_b.id}
            ),
        }
        cls.positions = {
            "none": cls.env["account.fiscal.position"],
            "mapped": cls.fiscal_pos_a,
        }
        cls.terms = cls._build_terms()
        cls.distributions = cls._build_distributions()

    @classmethod
    def _build_terms(cls):
        term = cls.env["account.payment.term"]
        discounts = term.create(
            [
                {
                    "name": computation,
                    "early_discount": True,
                    "discount_days": 10,
                    "early_pay_discount_computation": computation,
                    "line_ids": [Command.create({"nb_days": 30})],
                }
                for computation in ("included", "excluded", "mixed")
            ]
        )
        return {
            "none": term,
            "immediate": cls.pay_terms_a,
            "two parts": cls.pay_terms_b,
            **{term.name: term for term in discounts},
        }

    @classmethod
    def _build_distributions(cls):
        plan = cls.env["account.analytic.plan"].create({"name": "Plan"})
        one, two = cls.env["account.analytic.account"].create(
            [{"name": name, "plan_id": plan.id} for name in ("One", "Two")]
        )
        return {
            "none": False,
            "nothing": {},
            "one": {str(one.id): 100},
            "two": {str(one.id): 33.333, str(two.id): 66.667},
        }

    def setUp(self):
        super().setUp()
        self.seen = Counter()

    # ------------------------------------------------------------------- helpers

    def create_plainly(self, vals_list):
        """Create the moves the way that is compared."""
        model = self.env["account.move"].with_context(
            mail_create_nosubscribe=True, mail_create_nolog=True
        )
        return model.create(vals_list).with_env(self.env)

    def create_batch(self, vals_list):
        moves, self.ordinary = self.env["account.move"]._create_batch(vals_list)
        return moves

    def play(self, create, vals_list):
        """Return what is stored of the moves before and after they are posted, or why
        they are refused; nothing of it stays, so that the next ones get the same
        numbers."""
        self.env.cr.cache.clear()
        try:
            with self.env.cr.savepoint():
                moves = create(deepcopy(vals_list))
                drafts = read_moves(moves)
                posted = moves.filtered(lambda move: move.amount_total >= 0)
                posted.action_post()
                played = drafts, read_moves(moves)
                self.seen["posted"] += len(posted)
                raise Undone
        except Undone:
            self.env.cr.cache.clear()
            return played
        except UserError as error:
            return str(error)

    def set_up_company(self, number):
        """Set what the company decides about taxes, for the draw of that number."""
        company = self.company
        methods = ("round_globally", "round_per_line")
        company.tax_calculation_rounding_method = methods[number % 2]
        company.account_storno = number % 8 == 5
        discounts = number % 8 in (2, 3) and self.discount_account
        company.account_discount_expense_allocation_id = discounts

    def get_vals(self, *lines, **vals):
        """Return the values of an invoice with ``lines``, of 10.00 unless told."""
        line = {
            "product_id": self.product_a.id,
            "name": "A line",
            "quantity": 1,
            "price_unit": 10.0,
            "tax_ids": [Command.set(self.taxes["excluded"].ids)],
            "account_id": self.accounts[0].id,
            "analytic_distribution": False,
        }
        return {
            "move_type": "out_invoice",
            "company_id": self.company.id,
            "partner_id": self.partner_a.id,
            "currency_id": self.company.currency_id.id,
            "invoice_payment_term_id": False,
            "invoice_line_ids": [Command.create({**line, **own}) for own in lines],
            **vals,
        }

    def watch(self, method):
        """Return what counts the calls of ``method`` of lines."""
        lines = self.env.registry["account.move.line"]
        original = getattr(lines, method)
        return patch.object(lines, method, autospec=True, side_effect=original)

    # --------------------------------------------------------------------- tests

    def test_moves_equal_those_of_create(self):
        """Draft and posted, in every stored field of moves, lines and analytic lines,
        over all that was drawn."""
        for seed in range(DRAWS):
            self.set_up_company(seed)
            drawer = MoveDrawer(self, random.Random(seed), self.seen)
            vals_list = [drawer.draw_move() for _number in range(MOVES)]
            with self.subTest(seed=seed):
                self.compare(vals_list)
        self.assert_all_seen()

    def compare(self, vals_list):
        """Check that both ways make the same of ``vals_list``. What Odoo refuses to
        create is compared one by one: a refusal must be the same."""
        expected = self.play(self.create_plainly, vals_list)
        found = self.play(self.create_batch, vals_list)
        if expected == found and isinstance(expected, str):
            self.seen["refused"] += len(vals_list) == 1
            for vals in vals_list if len(vals_list) > 1 else []:
                self.compare([vals])
            return
        self.assertEqual(type(expected), type(found), (expected, found))
        self.seen["ordinary"] += self.ordinary
        self.seen["foreseen"] += len(vals_list) - self.ordinary
        self.assert_same(expected, found)

    def assert_same(self, expected, found):
        for wanted, had in zip(expected, found, strict=True):
            for part, others in zip(wanted, had, strict=True):
                self.assertEqual(len(part), len(others))
                for one, other in zip(part, others, strict=True):
                    self.assertEqual(one, other)

    def assert_all_seen(self):
        """Both paths were taken often, and each feature at least a few times."""
        seen, total = self.seen, DRAWS * MOVES
        taken = seen["ordinary"] + seen["foreseen"]
        self.assertEqual(taken + seen["refused"], total, seen)
        self.assertLess(seen["refused"], total * 0.05, seen)
        self.assertGreater(seen["ordinary"], total * 0.2, seen)
        self.assertGreater(seen["foreseen"], total * 0.4, seen)
        self.assertGreater(seen["posted"], total * 1.6, seen)
        drawn = {
            "type": self.move_types,
            "currency": self.currencies,
            "partner": self.partners,
            "position": self.positions,
            "terms": self.terms,
            "analytic": self.distributions,
            "tax": [*self.taxes, "none"],
        }
        names = {f"{kind}: {name}" for kind in drawn for name in drawn[kind]}
        names |= {"discount", "negative quantity", "text", "sequence", "spoilt"}
        self.assertFalse([name for name in names if seen[name] < 5], seen)

    def test_odoo_writes_no_line_again(self):
        """Odoo finds all lines as it wants them: that is what is gained."""
        rate = self.taxes["included"] | self.taxes["reverse charge"]
        vals = self.get_vals(
            {},
            {"price_unit": 12.0, "tax_ids": [Command.set(rate.ids)]},
            {"analytic_distribution": self.distributions["two"]},
            currency_id=self.currencies["foreign"].id,
            invoice_date="2017-02-28",
        )
        for create, writes, creates in (
            (self.create_plainly, True, 3),
            (self.create_batch, False, 2),
        ):
            with self.subTest(create.__name__), self.watch("write") as write:
                with self.watch("create") as made:
                    create([deepcopy(vals) for _number in range(3)])
                    self.env.flush_all()
                written = [
                    vals for call in write.call_args_list for vals in call.args[1:]
                ]
                self.assertEqual(any("balance" in vals for vals in written), writes)
                self.assertEqual(made.call_count, creates)

    def test_odoo_mends_what_was_computed_wrongly(self):
        """So a module that computes something else is not overruled."""
        vals_list = [
            self.get_vals(
                {"tax_ids": [Command.set(self.taxes[name].ids)]},
                currency_id=self.currencies["foreign"].id,
                invoice_payment_term_id=self.pay_terms_b.id,
            )
            for name in ("excluded", "included", "reverse charge", "in parts")
        ]
        expected = self.play(self.create_plainly, vals_list)
        with patch.object(BatchTaxes, "_get_rate", return_value=7.0) as rate:
            found = self.play(self.create_batch, vals_list)
        self.assertEqual(rate.call_count, 4)
        self.assert_same(expected, found)

    def test_values_stay_as_they_are(self):
        vals = self.get_vals({})
        note = {"display_type": "line_note", "name": "A note"}
        vals["invoice_line_ids"].append(Command.create(note))
        before = deepcopy(vals)
        moves, ordinary = self.env["account.move"]._create_batch([vals])
        self.assertEqual((len(moves), ordinary), (1, 0))
        self.assertEqual(vals, before)
        self.assertEqual(moves.amount_total, 12.0)

    def test_moves_keep_their_order(self):
        """Also where some take the ordinary path, which is counted."""
        cash = {"invoice_cash_rounding_id": self.cash_rounding_a.id}
        vals_list = [
            self.get_vals({"price_unit": price}, **(cash if price % 2 else {}))
            for price in range(1, 8)
        ]
        # Tests create moves without messages; others do not.
        model = self.env(context={})["account.move"]
        moves, ordinary = model._create_batch(vals_list)
        self.assertEqual(ordinary, 4)
        self.assertEqual(moves.mapped("amount_untaxed"), [*map(float, range(1, 8))])
        self.assertEqual(moves.env, model.env)

    def test_nothing_is_created_of_nothing(self):
        moves, ordinary = self.env["account.move"]._create_batch([])
        self.assertEqual((moves, ordinary), (self.env["account.move"], 0))

    def test_what_create_refuses_is_refused(self):
        """With the same words."""
        archived = self.copy_account(self.accounts[0])
        country = self.env.ref("base.nz")
        group = self.env["account.tax.group"].create(
            {"name": "Elsewhere", "country_id": country.id}
        )
        foreign = self.taxes["excluded"].copy(
            {"country_id": country.id, "tax_group_id": group.id}
        )
        for name, vals in (
            ("tax of another country", {"tax_ids": [Command.set(foreign.ids)]}),
            ("off balance", {"account_id": archived.id}),
        ):
            archived.account_type = "off_balance"
            with self.subTest(name):
                messages = []
                for create in (self.create_plainly, self.create_batch):
                    with self.assertRaises(UserError) as caught, self.cr.savepoint():
                        create([self.get_vals({}, vals)])
                    messages.append(str(caught.exception))
                self.assertEqual(*messages)
