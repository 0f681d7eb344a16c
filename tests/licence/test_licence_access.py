from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ...exceptions import LicenceRefusal
from ..common.licence import ACCOUNT, MOVE, LicenceCase
from ..common.subscription import create_plan, renew

RENEWAL = "subscription.renewal"
SUBSCRIPTION = "sale.subscription"
MUTED = ("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")


class LicenceAccessCase(LicenceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_staff()

    def _as(self, user, records):
        """Return ``records`` as ``user`` has them, in a call of its own."""
        self.env.flush_all()
        self.env.invalidate_all()
        return records.with_user(self.staff[user])


@tagged("post_install", "-at_install")
class TestResellersOwn(LicenceAccessCase):
    """Reef uses the software itself: its subscription takes the licences of North, of
    which its staff neither uses nor learns anything."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.own = cls._create_subscription(cls.reef, cls.yearly)
        cls.pool = cls._get_pool(cls.own, cls.expenses)
        cls.left = cls._get_account(cls.north).balance

    def _check_refused(self, call):
        """Check that ``call`` names who is to be asked, and no figure."""
        ledger = self._get_ledger()
        with self.assertRaises(LicenceRefusal) as caught, self.env.cr.savepoint():
            call()
        self._check_tells_nothing(str(caught.exception))
        self.assertEqual(self._get_ledger(), ledger)

    def _check_tells_nothing(self, text):
        self.assertIn("Ask North", text)
        self.assertNotIn(f"{self.left:g}", text)

    def test_its_staff_neither_starts_nor_raises_it(self):
        draft = self._create_subscription(self.reef, self.yearly, running=False)
        self._check_refused(self._as("reef", draft).action_start_subscription)
        pool = self._as("reef", self.pool)
        self._check_refused(lambda: pool.write({"seat_limit": 6}))
        values = pool.onchange({"seat_limit": 6}, ["seat_limit"], {"licence_text": {}})
        self._check_tells_nothing(values["value"]["licence_text"])

    def test_its_staff_does_not_renew_it(self):
        ledger = self._get_ledger()
        with self.assertRaises(UserError) as caught:
            renew(self.own, self.staff["reef"])
        self._check_tells_nothing(str(caught.exception))
        self.assertEqual(self._get_ledger(), ledger)

    def test_its_staff_does_not_cancel_what_the_partner_above_renewed(self):
        self._as("north", self.own).action_start_subscription()
        renewal = renew(self.own, self.staff["north"])
        for call in (
            lambda: self._as("reef", renewal).action_cancel(),
            lambda: self._as("reef", self.own).action_cancel_renewal(),
        ):
            self._check_refused(call)
        self._as("north", renewal).action_cancel()
        self.assertEqual(renewal.state, "cancelled")

    def test_no_figure_is_shown(self):
        key = self.pool._get_stock_key()
        stocks = self._as("reef", self.env["subscription.licence.account"])
        (stock,) = stocks._find_stocks([key]).values()
        self.assertEqual(stock.balance, 0)
        (stock,) = self._as("north", stocks)._find_stocks([key]).values()
        self.assertEqual(stock.balance, self.left)

    def test_the_partner_above_does_it(self):
        self._as("north", self.pool).seat_limit = 6
        renewal = renew(self.own, self.staff["north"])
        self.assertEqual(renewal.licences, 6)
        self.assertLess(self._get_balance(self.north), self.left - 6)

    def test_it_runs_what_takes_no_licences(self):
        plan = create_plan(self.env, "Monthly", {self.base: 3, self.expenses: 2})
        term = self._create_subscription(self.reef, plan, running=False)
        term = self._as("reef", term)
        term.action_start_subscription()
        self._get_pool(term, self.expenses).seat_limit = 9
        self.assertTrue(term.in_progress)


@tagged("post_install", "-at_install")
class TestLicenceAccess(LicenceAccessCase):
    def test_a_reseller_knows_the_partner_above_by_name_alone(self):
        self._give(self.reef, 8)
        term = self._create_subscription(self.coral, self.yearly)
        moves = self._as("reef", self.env[MOVE]).search([("kind", "=", "allocated")])
        (move,) = moves.read(["partner_id", "counterpart_id", "quantity"])
        names = move["partner_id"][1], move["counterpart_id"][1]
        self.assertEqual((*names, move["quantity"]), ("Reef", "North", 8))
        for model, path in [
            (ACCOUNT, "managing_partner_id"),
            (MOVE, "counterpart_id"),
            (SUBSCRIPTION, "top_partner_id"),
        ]:
            records = self._as("reef", self.env[model])
            for name in ("email", "licence_account_ids.balance", "licence_billing"):
                with self.subTest(model=model, path=path, name=name):
                    domain = [(f"{path}.{name}", "!=", False)]
                    self.assertFalse(records.search(domain))
        (values,) = self._as("reef", term).read(["top_partner_id", "reseller_id"])
        self.assertEqual(values["top_partner_id"][1], "North")

    def test_lists_with_the_partner_above_are_exported(self):
        self._give(self.reef, 8)
        self._create_subscription(self.coral, self.yearly)
        for model, name, expected in [
            (ACCOUNT, "managing_partner_id", ["North"]),
            (MOVE, "counterpart_id", ["", "North"]),
            (SUBSCRIPTION, "top_partner_id", ["North"]),
        ]:
            with self.subTest(model=model):
                records = self._as("reef", self.env[model]).search([])
                rows = records.export_data([name])["datas"]
                self.assertEqual([row[0] for row in rows], expected)

    @mute_logger(*MUTED)
    def test_nothing_out_of_reach_is_exported(self):
        self._give(self.reef, 8)
        self._give(self.south, 8)
        term = self._create_subscription(self.bolt, self.yearly)
        for records, name in [
            (term, "top_partner_id"),
            (self._get_account(self.south), "partner_id"),
            (self._get_account(self.north), "partner_id"),
        ]:
            for path in (name, f"{name}/email"):
                with self.subTest(model=records._name, path=path):
                    with self.assertRaises(AccessError):
                        self._as("reef", records).export_data([path])
        own = self._as("reef", self._get_account(self.reef))
        with self.assertRaises(AccessError):
            own.export_data(["managing_partner_id/email"])

    def test_a_client_that_moves_leaves_the_stock_behind(self):
        """What South did for Bolt is not told to North, which runs it now, nor what
        North does to South."""
        self._give(self.south, 20)
        term = self._create_subscription(self.bolt, self.yearly)
        renew(term, self.staff["south"])
        left = self._get_balance(self.south)
        self.bolt.managing_partner_id = self.north
        renewal = self._as("north", term).renewal_id
        self.assertEqual(renewal.state, "scheduled")
        self.assertFalse(renewal.move_ids)
        self.assertFalse(
            self._as("north", self.env[MOVE]).search([("client_id", "=", self.bolt.id)])
        )
        with self.assertRaises(UserError) as caught:
            renew(term, self.staff["north"])
        self.assertNotIn("south", str(caught.exception).lower())
        self.assertFalse(self._as("south", self.env[RENEWAL]).search([]))
        own = self._as("south", self.env[MOVE]).search([("renewal_id", "!=", False)])
        self.assertEqual(own.mapped("quantity"), [-5])
        self._as("north", term).action_cancel_renewal()
        self.assertEqual(self._get_balance(self.south), left + 5)
        self.assertEqual(renew(term, self.staff["north"]).state, "scheduled")
        self.assertEqual(self._get_balance(self.south), left + 5)

    @mute_logger(*MUTED)
    def test_a_renewal_is_cancelled_by_who_runs_it(self):
        self._give(self.reef, 20)
        term = self._create_subscription(self.coral, self.yearly)
        renewal = renew(term)
        for user in ("south", "accountant", "intern", "portal"):
            with self.subTest(user=user):
                with self.assertRaises(AccessError):
                    self._as(user, renewal).action_cancel()
                with self.assertRaises(UserError):
                    self._as(user, term).action_cancel_renewal()
        self.assertEqual(renewal.state, "scheduled")
        self._as("reef", renewal).action_cancel()
        self.assertEqual(renewal.state, "cancelled")

    def test_figures_of_the_dashboard_are_of_ones_own(self):
        self._give(self.reef, 7)
        self._give(self.south, 31)
        self._create_subscription(self.acme, self.yearly)
        left = self._get_balance(self.north)
        for user, stock in {"north": left, "reef": 7, "south": 31}.items():
            with self.subTest(user=user):
                tiles = self._as(user, self.env[SUBSCRIPTION]).get_dashboard()["tiles"]
                details = {tile["name"]: tile["details"] for tile in tiles}
                values = [detail["value"] for detail in details["licences"]]
                self.assertEqual(values, [stock])
        for user in ("accountant", "intern", "portal"):
            with self.subTest(user=user):
                tiles = self._as(user, self.env[SUBSCRIPTION]).get_dashboard()["tiles"]
                self.assertNotIn("licences", [tile["name"] for tile in tiles])

    @mute_logger(*MUTED)
    def test_upstreams_job_is_not_called_from_outside(self):
        method = self.env.registry[SUBSCRIPTION].cron_subscription_management
        self.assertTrue(method._api_private)


@tagged("post_install", "-at_install")
class TestSalespeople(LicenceAccessCase):
    """The vendor's salespeople, without a role of this module, run the subscriptions of
    the vendor's own customers as before."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.staff["sales"] = new_test_user(
            cls.env,
            "sales",
            "sales_team.group_sale_salesman",
            email="sales@vendor.test",
            lang="en_US",
        )
        cls.monthly = create_plan(cls.env, "Monthly", {cls.base: 3, cls.expenses: 2})

    def _create_own(self, plan, client=None):
        pricelist = self.env["product.pricelist"].search([], limit=1)
        return self._as("sales", self.env[SUBSCRIPTION]).create(
            {
                "partner_id": (client or self.dune).id,
                "template_id": plan.id,
                "pricelist_id": pricelist.id,
            }
        )

    def test_life_of_a_subscription(self):
        for plan in (self.monthly, self.yearly):
            with self.subTest(plan=plan.name):
                term = self._create_own(plan)
                self.assertTrue(term.seat_pool_ids)
                term.action_start_subscription()
                term.write({"date_start": "2026-02-01", "description": "Changed"})
                term.date = "2027-06-30"
                term.template_id = self.yearly
                term.copy()
                term.close_subscription()
                term.active = False
                self.assertFalse(term.in_progress)

    def test_what_is_new_can_be_deleted(self):
        term = self._create_own(self.yearly)
        term.seat_pool_ids.sudo().seat_limit = 0
        term.unlink()
        self.assertFalse(term.exists())

    def test_a_renewed_one_is_read(self):
        term = self._create_subscription(self.acme, self.yearly)
        renew(term)
        term = self._as("sales", term)
        self.assertEqual(term.renewal_state, "renewed")
        self.assertIn("Renewed", term.renewal_text)
        self.assertEqual(term.renewal_id.state, "scheduled")
        term.description = "Changed"

    @mute_logger(*MUTED)
    def test_the_ledger_is_none_of_their_business(self):
        for model in (ACCOUNT, MOVE):
            with self.subTest(model=model), self.assertRaises(AccessError):
                self._as("sales", self.env[model]).search([])
        north = self._as("sales", self.north)
        self.assertFalse(north.licence_balance)
        term = self._create_subscription(self.acme, self.yearly)
        renewal = renew(term)
        for records, values in [
            (renewal, {"state": "cancelled"}),
            (self.yearly.plan_line_ids, {"seat_limit": 9}),
            (term.seat_pool_ids, {"seat_limit": 9}),
            (self.expenses, {"is_licensed": False}),
        ]:
            with self.subTest(model=records._name), self.assertRaises(UserError):
                self._as("sales", records).write(values)
