from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from ...exceptions import LicenceRefusal
from ..common.licence import LicenceCase
from ..common.subscription import create_module

TRANSFER = "subscription.licence.transfer"


@tagged("post_install", "-at_install")
class TestLicenceTransfer(LicenceCase):
    """North has 20 licences of Expenses, its reseller Reef 5 of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_staff()
        cls._give(cls.reef, 5)

    def _open_stocks(self, login, partner, **defaults):
        context = {"default_partner_id": partner.id, "lang": "en_US"}
        context |= {f"default_{name}": value for name, value in defaults.items()}
        wizard = self.env[TRANSFER].with_user(self.staff[login])
        return Form(wizard.with_context(**context))

    def _get_line(self, form, module=None):
        module = module or self.expenses
        (line,) = [
            line for line in form.line_ids._records if line["module_id"] == module.id
        ]
        return line

    def _type(self, form, quantity, module=None):
        """Type the licences of a module; return what the line says then."""
        index = form.line_ids._records.index(self._get_line(form, module))
        with form.line_ids.edit(index) as line:
            line.quantity = quantity
        line = self._get_line(form, module)
        return line["from_text"], line["to_text"], line["is_short"]

    def _transfer(self, form):
        return form.save().action_transfer()

    def test_archived_companies_are_given_none(self):
        """The wizard says so while it is filled in, and gives none; what is left can
        be taken back."""
        self.env.cr.execute(
            "UPDATE res_partner SET active = FALSE WHERE id = %s", [self.reef.id]
        )
        self.env.invalidate_all()
        for login in ("boss", "north"):
            with self.subTest(login=login):
                form = self._open_stocks(login, self.reef)
                self.assertIn("Reef is archived", form.refusal)
                accounts = self._get_accounts().with_user(self.staff[login])
                with self.assertRaisesRegex(UserError, "archived"):
                    accounts._give(self.reef, {self.expenses: 3}, self.company)
                self.assertEqual(self._get_balance(self.reef), 5)
        form = self._open_stocks("north", self.reef, direction="take_back")
        self._type(form, 5)
        self._transfer(form)
        self.assertEqual(self._get_balance(self.reef), 0)

    def test_words_and_stocks_follow_who_gives(self):
        vendor = self.company.name
        cases = [
            # who, partner, choices, title, route, from, to
            ("boss", self.north, {}, "Give licences to North",
             f"From {vendor} to North", "No limit", "15 → 18"),
            ("north", self.reef, {}, "Allocate licences to reseller Reef",
             "From North to Reef", "15 → 12", "5 → 8"),
            ("boss", self.reef, {}, "Allocate licences to reseller Reef",
             "From North to Reef", "15 → 12", "5 → 8"),
            ("boss", self.reef, {"from_vendor": True}, "Give licences to Reef",
             f"From {vendor} to Reef", "No limit", "5 → 8"),
            ("north", self.reef, {"direction": "take_back"},
             "Take licences back from Reef", "From Reef to North", "5 → 2",
             "15 → 18"),
            ("boss", self.north, {"direction": "take_back"},
             "Take licences back from North", f"From North to {vendor}", "15 → 12",
             "No limit"),
        ]  # fmt: skip
        for login, partner, choices, title, route, giver, taker in cases:
            with self.subTest(login=login, partner=partner.name, **choices):
                form = self._open_stocks(login, partner)
                for name, value in choices.items():
                    setattr(form, name, value)
                self.assertEqual(form.title, title)
                self.assertEqual(form.route, route)
                self.assertFalse(form.refusal)
                self.assertEqual(self._type(form, 3), (giver, taker, False))

    def test_licences_are_moved_as_shown(self):
        cases = [
            # who, partner, direction, balances of North and Reef then
            ("boss", self.north, "give", 18, 5),
            ("north", self.reef, "give", 15, 8),
            ("north", self.reef, "take_back", 18, 5),
            ("boss", self.north, "take_back", 15, 5),
        ]
        for login, partner, direction, north, reef in cases:
            with self.subTest(login=login, direction=direction):
                form = self._open_stocks(login, partner, direction=direction)
                self._type(form, 3)
                action = self._transfer(form)
                self.assertEqual(self._get_balance(self.north), north)
                self.assertEqual(self._get_balance(self.reef), reef)
                stock = north if partner == self.north else reef
                message = f"Expenses: {stock} in stock"
                self.assertEqual(action["params"]["message"], message)
        self._check_adds_up()

    def test_every_licensed_module_is_proposed(self):
        travel = create_module(self.env, "Travel")
        form = self._open_stocks("boss", self.north)
        modules = {line["module_id"] for line in form.line_ids._records}
        self.assertLessEqual({self.expenses.id, self.time.id, travel.id}, modules)
        self.assertNotIn(self.base.id, modules)
        self._type(form, 2)
        self._type(form, 1.5, travel)
        self._transfer(form)
        self.assertEqual(self._get_balance(self.north), 17)
        self.assertEqual(self._get_balance(self.north, travel), 1.5)
        self.assertFalse(self._get_account(self.north, self.time))

    def test_modules_of_another_company_are_not_proposed(self):
        boss = self.staff["boss"]
        other = self.env["res.company"].create({"name": "Second Vendor"})
        boss.company_ids |= other
        travel = create_module(self.env, "Travel")
        travel.company_id = other
        wizard = self.env[TRANSFER].with_user(boss)
        wizard = wizard.with_context(allowed_company_ids=boss.company_ids.ids)
        for company, own in [(self.company, travel.browse()), (other, travel)]:
            vals = {"partner_id": self.north.id, "company_id": company.id}
            proposed = wizard.create(vals).line_ids.module_id
            self.assertIn(self.expenses, proposed)
            self.assertEqual(proposed & travel, own)

    def test_what_a_stock_lacks_is_shown_and_refused(self):
        for direction, given, text in [
            ("give", 16, "15, 1 missing"),
            ("take_back", 7.5, "5, 2.5 missing"),
        ]:
            with self.subTest(direction=direction):
                form = self._open_stocks("north", self.reef, direction=direction)
                before, _, is_short = self._type(form, given)
                self.assertEqual((before, is_short), (text, True))
                self.assertTrue(form.is_short)
                with self.assertRaises(LicenceRefusal):
                    self._transfer(form)

    def test_who_is_billed_later_lacks_only_what_is_taken_back(self):
        (self.north | self.reef).licence_billing = "on_account"
        form = self._open_stocks("north", self.reef)
        self.assertEqual(self._type(form, 16), ("15 → 0", "5 → 21", False))
        form.direction = "take_back"
        self.assertEqual(self._type(form, 6)[::2], ("5, 1 missing", True))

    def test_wrong_partners_are_refused_in_words(self):
        cases = [
            # the vendor's administrator and a client
            ("boss", self.acme, "does not manage clients"),
            ("north", self.acme, "does not manage clients"),
            # one's own stock is the vendor's to fill, the reseller's North's
            ("north", self.north, "ask the vendor"),
            ("reef", self.reef, "ask North"),
        ]
        for login, partner, words in cases:
            with self.subTest(login=login, partner=partner.name):
                form = self._open_stocks(login, partner)
                self.assertIn(words, form.refusal)
                wizard = form.save()
                wizard.line_ids.quantity = 1
                with self.assertRaisesRegex(UserError, words):
                    wizard.action_transfer()

    def test_numbers_that_mean_nothing_are_refused(self):
        for quantity, words in [(0, "at least one module"), (-1, "above 0")]:
            with self.subTest(quantity=quantity):
                form = self._open_stocks("north", self.reef)
                self._type(form, quantity)
                with self.assertRaisesRegex(UserError, words):
                    self._transfer(form)

    def test_partners_out_of_reach(self):
        for login in ("south", "reef", "accountant", "intern", "portal"):
            with self.subTest(login=login), self.assertRaises(AccessError):
                self._open_stocks(login, self.north)
        wizard = self._open_stocks("north", self.reef).save()
        for login in ("south", "reef", "boss"):
            with self.subTest(login=login), self.assertRaises(AccessError):
                wizard.with_user(self.staff[login]).action_transfer()

    def test_only_the_vendor_passes_the_partner_above(self):
        wizard = self.env[TRANSFER].with_user(self.staff["north"])
        wizard = wizard.create({"partner_id": self.reef.id, "from_vendor": True})
        self.assertFalse(wizard.may_choose_vendor)
        self.assertFalse(wizard.is_from_vendor)
        line = wizard.line_ids.filtered(lambda line: line.module_id == self.expenses)
        line.quantity = 1
        wizard.action_transfer()
        self.assertEqual(self._get_balance(self.north), 14)
        self.assertEqual(self._get_balance(self.reef), 6)
        self.assertFalse(self._open_stocks("north", self.reef).may_choose_vendor)
        self.assertTrue(self._open_stocks("boss", self.reef).may_choose_vendor)
