import ast

from odoo.tests import TransactionCase, freeze_time, tagged
from odoo.tools import file_open, file_path
from odoo.tools.convert import convert_file

from .common.subscription import ADDON, get_request

STATES = {
    "running": ["elan", "coop", "mousses", "opaline", "aurelien", "briselames"],
    "ending": ["vasseur", "cevennes"],
    "ended": ["voilerie", "librairie", "maraval"],
    "renewed": ["camille"],
    "not_started": ["wibaut", "ecluse"],
}
# What the README promises of pools: "client module".
POOL_STATES = {
    "vasseur base": "warning",
    "vasseur tbox": "full",
    "elan base": "full",
    "opaline base": "over",
    "mousses tsend": "unavailable",
    "coop base": "ok",
    "voilerie base": "ok",
    "librairie base": "unavailable",
    "wibaut base": "unavailable",
}


@tagged("-at_install", "post_install")
class TestDemo(TransactionCase):
    """The demo data load on any day, and show every state of terms and stocks."""

    def _load_demo(self):
        """Load the files of the demo, into a database that has none of it."""
        self.env["res.lang"]._activate_lang("fr_FR")
        if self._find("partner_nord"):
            self.skipTest("the database has the demo data")
        with file_open(f"{ADDON}/__manifest__.py") as manifest:
            names = ast.literal_eval(manifest.read())["demo"]
        for name in names:
            path = file_path(f"{ADDON}/{name}")
            convert_file(self.env, ADDON, name, {}, "init", pathname=path)
        self.env.flush_all()
        self.env.invalidate_all()

    def _find(self, name):
        return self.env.ref(f"{ADDON}.demo_{name}", raise_if_not_found=False)

    def _verify_terms(self):
        for state, clients in STATES.items():
            terms = self.env["sale.subscription"].union(
                *(self._find(f"subscription_{client}") for client in clients)
            )
            for term in terms:
                self.assertEqual(term.renewal_state, state, term.client_id.name)
            found = terms.search([("renewal_state", "=", state)])
            self.assertLessEqual(terms, found)
        self.assertFalse(self._find("subscription_coop").takes_licences)
        self.assertTrue(self._find("subscription_maraval").has_running_seats)
        self.assertFalse(self._find("subscription_librairie").has_running_seats)

    def _verify_pools(self):
        for name, state in POOL_STATES.items():
            client, code = name.split()
            pools = self._find(f"subscription_{client}").seat_pool_ids
            pool = pools.filtered(
                lambda pool, code=code: (
                    pool.is_base if code == "base" else pool.module_id.code == code
                )
            )
            self.assertEqual(pool.state, state, name)

    def _verify_stocks(self):
        accounts = self.env["subscription.licence.account"].search([])
        for account in accounts:
            self.assertAlmostEqual(
                account.balance, sum(account.move_ids.mapped("quantity")), 2
            )
        kinds = accounts.move_ids._fields["kind"].get_values(self.env)
        self.assertEqual(set(accounts.move_ids.mapped("kind")), set(kinds))
        self.assertNotIn("__system__", accounts.move_ids.user_id.mapped("login"))
        stocked = accounts.filtered(lambda account: account.balance > 0)
        names = ("partner_nord", "partner_sud", "reseller_littoral")
        for name in names:
            self.assertIn(self._find(name), stocked.partner_id)
        on_account = self._find("reseller_garrigue").licence_account_ids
        self.assertEqual(set(on_account.mapped("balance")), {0})

    def _verify_renewals(self):
        """Nordelis can renew all that its dashboard counts."""
        nord = self._find("user_nord")
        terms = self.env["sale.subscription"].with_user(nord)
        terms = terms.search([("renewal_state", "in", ["ending", "ended"])])
        self.assertEqual(len(terms), 3)
        _, refusals = (
            self.env["subscription.renewal"]
            .with_user(nord)
            ._schedule({term: get_request(term) for term in terms})
        )
        self.assertFalse(refusals)

    def _verify_demo(self):
        self._load_demo()
        self._verify_terms()
        self._verify_pools()
        self._verify_stocks()
        self._verify_renewals()

    @freeze_time("2028-02-29 12:00")
    def test_the_demo_loads_on_leap_day(self):
        self._verify_demo()

    @freeze_time("2027-01-31 12:00")
    def test_the_demo_loads_at_the_end_of_a_long_month(self):
        self._verify_demo()

    @freeze_time("2026-12-31 23:30")
    def test_the_demo_loads_when_the_company_has_tomorrow_already(self):
        self._verify_demo()
