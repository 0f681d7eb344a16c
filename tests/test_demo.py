import ast
import threading
from datetime import datetime, timedelta

from odoo import fields
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


# Every state that a screen shows, by model and field.
SHOWN = {
    ("subscription.statement", "basis"): {"contracted", "in_use", "members", "teams"},
    ("subscription.statement", "kind"): {"period", "raise", "closing", "on_account"},
    ("subscription.delivery", "failure"): {"address", "mail", "bounce"},
    ("subscription.delivery", "channel"): {"email", "portal"},
    ("subscription.request", "kind"): {"seats", "plan", "renewal", "partner", "module"},
    ("sale.subscription", "renewal_state"): {
        *("not_started", "running", "ending", "ended", "renewed"),
    },
    ("account.move", "einvoice_state"): {"complete", "incomplete"},
    ("subscription.notice", "kind"): {"renewal", "over", "usage"},
    ("subscription.alert", "level"): {"warning", "full"},
    ("sale.subscription", "renewal_choice"): {"by_hand", "same", "in_use", "none"},
    ("res.users", "login"): {"vendor", "nord", "client", "member"},
}
# What each role has a screen of.
LOOKED_AT = (
    *("sale.subscription", "subscription.member", "subscription.request"),
    *("subscription.statement", "subscription.delivery", "account.move"),
    *("subscription.seat", "subscription.audit"),
)
# States that no day of the demo can end in.
PASSING = {
    ("subscription.billing.run", "open"): "the job is at work, or was killed",
    ("subscription.notice", "to_send"): "the job sends what it has just noted",
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
        by_hand = accounts.move_ids.filtered(
            lambda move: not move.renewal_id.is_by_itself
        )
        self.assertNotIn("__system__", by_hand.user_id.mapped("login"))
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

    def _verify_states(self):
        for (model, field), states in SHOWN.items():
            found = set(self.env[model].search([]).mapped(field))
            self.assertLessEqual(states, found, f"{model}.{field}")
        self._verify_every_state()
        self.assertTrue(
            self.env["subscription.removal"].search([("is_open", "=", True)])
        )
        subscriptions = self.env["sale.subscription"]
        self.assertTrue(subscriptions.search([("is_paused", "=", True)]))
        self.assertTrue(subscriptions.search([("self_renewal_problem", "!=", False)]))
        self.assertTrue(subscriptions.search([("is_renewal_refused", "=", True)]))
        problems = self.env["subscription.billing.problem"].search([])
        self.assertLessEqual(
            {"product", "einvoice_notice"}, set(problems.mapped("code"))
        )
        members = self.env["subscription.member"].search([("joined_at", "!=", False)])
        self.assertTrue(members.filtered("unseen_days"))
        self.assertTrue(members.filtered(lambda one: not one.last_sign_in_at))

    def _verify_every_state(self):
        """Each model of ours has a record in each of its states."""
        for name, model in self.env.registry.items():
            field = model._fields.get("state")
            is_ours = model._original_module == ADDON and not model._transient
            if not is_ours or model._abstract or field is None:
                continue
            records = self.env[name].with_context(active_test=False).search([])
            missing = set(field.get_values(self.env)) - set(records.mapped("state"))
            passing = {state for model, state in PASSING if model == name}
            self.assertLessEqual(missing, passing, name)

    def _verify_invoices(self):
        moves = self.env["account.move"].search([("statement_ids", "!=", False)])
        today = self._find("subscription_vasseur").company_id._get_today()
        self.assertEqual(set(moves.mapped("state")), {"posted", "cancel"})
        unpaid = moves.filtered(lambda move: move.payment_state == "not_paid")
        self.assertTrue(unpaid.filtered(lambda move: move.invoice_date_due < today))
        self.assertTrue(moves.filtered(lambda move: move.payment_state == "reversed"))
        self.assertTrue(moves.filtered(lambda move: move.payment_state == "partial"))
        paid = moves.filtered(lambda move: move.payment_state in ("paid", "in_payment"))
        self.assertGreater(len(paid), len(moves) / 2)
        for client in ("vasseur", "elan"):
            own = moves.filtered(
                lambda move, client=client: (
                    move.commercial_partner_id == self._find(f"client_{client}")
                )
            )
            self.assertGreater(len(own), 1, "the accountant has invoices to look at")
        months = {date.strftime("%Y-%m") for date in moves.mapped("invoice_date")}
        self.assertGreaterEqual(len(months), 12)

    def _verify_language(self):
        """French clients are billed in French."""
        statements = self._find("subscription_oyats").statement_ids
        self.assertTrue(
            statements.line_ids.filtered(lambda line: "Notes de frais" in line.name)
        )
        rows = self.env["subscription.statement.row"].search([])
        self.assertIn("Administrateur", rows.mapped("role"))
        self.assertNotIn("Administrator", rows.mapped("role"))

    def _verify_screens(self):
        """Whoever logs in has something to look at."""
        for login in ("vendor", "nord", "sud", "littoral", "accountant"):
            for model in LOOKED_AT:
                records = self.env[model].with_user(self._find(f"user_{login}"))
                self.assertTrue(records.search([], limit=1), f"{login}: {model}")

    def _verify_history(self):
        """Everything is dated on the day on which it happened, none of it later."""
        now = fields.Datetime.now()
        seats = self.env["subscription.seat"].search([])
        for months in range(12):
            since = now - timedelta(days=30 * (months + 1))
            lately = [at for at in seats.mapped("granted_at") if at > since]
            self.assertTrue(lately)
        self.assertTrue(seats.filtered(lambda seat: not seat.released_at))
        self.assertGreater(len(seats.filtered("released_at")), 5)
        for model, field in (
            ("subscription.seat", "granted_at"),
            ("subscription.log", "date"),
            ("subscription.licence.move", "date"),
            ("subscription.statement", "create_date"),
            ("mail.message", "date"),
        ):
            dates = self.env[model].search([]).mapped(field)
            self.assertLessEqual(max(dates), now + timedelta(minutes=1), model)
        old = seats.filtered(lambda seat: seat.granted_at < now - timedelta(days=300))
        for seat in old:
            self.assertEqual(seat.create_date.date(), seat.granted_at.date())
        waiting = [("state", "=", "outgoing")]
        self.assertFalse(self.env["mail.mail"].search_count(waiting))

    def _verify_demo(self):
        self._load_demo()
        self.assertEqual(fields.Datetime.now(), datetime.now().replace(microsecond=0))
        self._verify_states()
        self._verify_invoices()
        self._verify_language()
        self._verify_screens()
        self._verify_history()
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

    def test_the_clock_is_turned_back_for_its_thread_alone(self):
        from ..demo.story.clock import turned

        past, seen = datetime(2020, 2, 29, 8), []
        with turned(self.env.cr) as set_clock:
            set_clock(past)
            other = threading.Thread(target=lambda: seen.append(fields.Date.today()))
            other.start()
            other.join()
            self.assertEqual(fields.Datetime.now(), past)
            self.assertEqual(fields.Date.today(), past.date())
            self.assertEqual(fields.Date.context_today(self.env.user), past.date())
            self.assertEqual(self.env.cr.now(), past)
            partner = self.env["res.partner"].create({"name": "Early"})
            self.assertEqual(partner.create_date, past)
            self.assertIsInstance(past, type(fields.Datetime.to_datetime(past)))
            set_clock(None)
            self.assertNotEqual(fields.Date.today(), past.date())
        self.assertGreater(seen[0], past.date())
        self.assertGreater(self.env.cr.now(), past)
