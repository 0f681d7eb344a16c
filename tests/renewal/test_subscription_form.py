"""What the form of a subscription shows, by its state and by who looks."""

from lxml import etree

from odoo.tests import Form, tagged
from odoo.tools.safe_eval import safe_eval

from ..common.licence import LicenceCase
from ..common.subscription import ADDON, renew
from ..common.view import ViewMixin

MENU = "o_in_form_menu"
SEVERITIES = ("danger", "warning", "info", "success")


@tagged("post_install", "-at_install")
class TestSubscriptionForm(ViewMixin, LicenceCase):
    """Acme's term of 2026 runs. It is 15 March 2026."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = cls._create_user_of_each_role()
        cls._make_accountant(cls.users["accountant"], cls.acme)
        cls._give(cls.north, 200)
        cls.term = cls._create_term(cls.acme)

    # ------------------------------------------------------------------ helpers

    def _is_shown(self, node, record):
        """Return whether the web client shows ``node`` on the form of ``record``."""
        values = {
            name: record[name].ids or False
            if field.relational
            else record[name] or False
            for name, field in record._fields.items()
            if name in (node.get("invisible") or "")
        }
        return not safe_eval(node.get("invisible") or "False", values)

    def _get_buttons(self, record, role):
        """Return the names of the buttons in the header, and of those in its menu."""
        record = record.with_user(self.users[role])
        arch = self._get_arch(record._name, "form", role)
        nodes = [
            node
            for node in arch.xpath("//header/button")
            if self._is_shown(node, record)
        ]
        shown = [
            node.get("name") for node in nodes if MENU not in node.get("class", "")
        ]
        menu = [node.get("name") for node in nodes if MENU in node.get("class", "")]
        return shown, menu

    def _get_states(self):
        """Return subscriptions of Acme, by how they stand."""
        terms = {
            "draft": self._create_subscription(
                self.acme, self.yearly, running=False, date_start="2026-05-01"
            ),
            "running": self._create_term(self.acme, "2026-01-01"),
            "ending": self._create_term(self.acme, "2025-04-01"),
            "ended": self._create_term(self.acme, "2025-03-02"),
            "renewed": self._create_term(self.acme, "2025-04-01"),
            "paused": self._create_term(self.acme, "2025-04-01"),
            "closed": self._create_term(self.acme, "2026-01-01"),
        }
        renew(terms["renewed"])
        terms["paused"].action_pause()
        terms["closed"]._close()
        return terms

    def _get_own_views(self):
        data = self.env["ir.model.data"].search(
            [("module", "=", ADDON), ("model", "=", "ir.ui.view")]
        )
        views = self.env["ir.ui.view"].browse(data.mapped("res_id"))
        return views.filtered(lambda view: view.type in ("form", "list", "kanban"))

    # ------------------------------------------------------------------ buttons

    def test_two_buttons_stay_and_the_rest_is_in_the_menu(self):
        expected = {
            "draft": ["action_start"],
            "running": ["action_add_users", "action_renew"],
            "ending": ["action_renew", "action_add_users"],
            "ended": ["action_renew", "action_add_users"],
            "renewed": ["action_add_users"],
            "paused": ["action_resume", "action_renew"],
            "closed": [],
        }
        for state, term in self._get_states().items():
            for role in ("admin", "standard"):
                with self.subTest(state=state, role=role):
                    shown, menu = self._get_buttons(term, role)
                    self.assertEqual(sorted(shown), sorted(expected[state]))
                    closing = term.in_progress
                    self.assertEqual("action_close_subscription" in menu, closing)
                    self.assertIn("action_invite_accountant", menu)
            with self.subTest(state=state, role="accountant"):
                self.assertEqual(self._get_buttons(term, "accountant"), ([], []))

    def test_one_button_at_most_is_the_main_one(self):
        main = {
            "draft": ["action_start"],
            "running": ["action_add_users"],
            "ending": ["action_renew"],
            "ended": ["action_renew"],
            "renewed": ["action_add_users"],
            "paused": ["action_resume"],
            "closed": [],
        }
        for state, term in self._get_states().items():
            for role in self.users:
                expected = main[state] if role != "accountant" else []
                with self.subTest(state=state, role=role):
                    self.assertEqual(self._get_main_buttons(term, role), expected)

    def _get_main_buttons(self, record, role):
        """Return the names of the primary buttons on the form of ``record``, those of
        the cards in it included."""
        record = record.with_user(self.users[role])
        arch = self._get_arch(record._name, "form", role)
        cards = self._get_arch(
            "subscription.seat.pool",
            "kanban",
            role,
            "subscription_seat_pool_view_kanban",
        )
        self.assertFalse(cards.xpath("//button[contains(@class, 'btn-primary')]"))
        return [
            node.get("name")
            for node in arch.xpath("//button[contains(@class, 'btn-primary')]")
            if MENU not in node.get("class") and self._is_shown(node, record)
        ]

    def test_the_header_is_one_with_a_menu(self):
        arch = self._get_arch("sale.subscription", "form", "standard")
        self.assertEqual(arch.get("js_class"), "form_menu")
        [close] = arch.xpath("//header/button[@name='action_close_subscription']")
        self.assertEqual(close.get("string"), "Close subscription")

    # ------------------------------------------------------------------ what it says

    def test_each_severity_has_one_banner(self):
        for role in self.users:
            arch = self._get_arch("sale.subscription", "form", role)
            for severity in SEVERITIES:
                with self.subTest(role=role, severity=severity):
                    path = f"//sheet//div[contains(@class, 'alert-{severity}')]"
                    self.assertEqual(len(arch.xpath(path)), 1)

    def test_the_client_is_the_title(self):
        arch = self._get_arch("sale.subscription", "form", "standard")
        [title] = arch.xpath("//div[contains(@class, 'oe_title')]")
        names = [node.get("name") for node in title.xpath("./h1[@name='client']/field")]
        self.assertEqual(sorted(names), ["client_id", "partner_id"])
        [number] = title.xpath(".//field[@name='name']")
        self.assertIn("text-muted", number.getparent().get("class"))
        draft = self._create_subscription(self.acme, self.yearly, running=False)
        for term in (draft, self.term):
            fields = title.xpath("./h1[@name='client']/field")
            shown = [node for node in fields if self._is_shown(node, term)]
            self.assertEqual(len(shown), 1, "one of them is the title")

    def test_the_dates_of_the_current_term_come_first(self):
        arch = self._get_arch("sale.subscription", "form", "standard")
        group = arch.xpath("//group[@name='left_group']")[0]
        names = [node.get("name") for node in group if node.get("name") != "client_id"]
        self.assertEqual(names[:3], ["term_start", "date_start", "date"])
        term = self._create_term(self.acme, "2024-04-01")
        renew(term, from_today=True)
        self.assertGreater(term.term_start, term.date_start)
        shown = [node.get("name") for node in group[:2] if self._is_shown(node, term)]
        self.assertEqual(shown, ["term_start"])
        listed = self._get_arch(
            "sale.subscription",
            "list",
            "standard",
            "sale_subscription_view_list_managed",
        )
        [start] = listed.xpath("//field[@string='Start']")
        self.assertEqual(start.get("name"), "term_start")

    def test_lists_in_the_form_leave_out_what_is_said_elsewhere(self):
        """All columns are wider than the form on a screen of 1,400 px."""
        arch = self._get_arch("sale.subscription", "form", "standard")
        [terms] = arch.xpath("//field[@name='renewal_ids']")
        self.assertIn("default_subscription_id", terms.get("context"))
        columns = self._get_arch("subscription.renewal", "list", "standard")
        for name in ("years", "user_id"):
            [node] = columns.xpath(f"//field[@name='{name}']")
            self.assertIn("default_subscription_id", node.get("column_invisible"))
        [total] = arch.xpath("//list/field[@name='price_total']")
        self.assertEqual(total.get("optional"), "hide")

    def test_cards_say_the_stage_only_where_nothing_runs(self):
        arch = self._get_arch(
            "sale.subscription",
            "kanban",
            "standard",
            "sale_subscription_view_kanban_managed",
        )
        [stage] = arch.xpath("//field[@name='stage_id']")
        draft = self._create_subscription(self.acme, self.yearly, running=False)
        self.assertFalse(self._is_shown(stage, self.term))
        self.assertTrue(self._is_shown(stage, draft))
        self.assertTrue(arch.xpath("//field[@name='seat_count_text']"))

    def test_seats_in_use_are_said_of_how_many(self):
        self.assertEqual(self.subscription.seat_count_text, "0 of 5 seats")
        self._grant(self.expenses_pool, self._create_members(self.acme, 1))
        self.assertEqual(self.subscription.seat_count_text, "2 of 5 seats")
        self.base_pool.is_unlimited = True
        self.assertEqual(self.subscription.seat_count_text, "2 in use")

    # ------------------------------------------------------------------ questions

    def test_cancelling_a_renewal_names_the_client_and_its_licences(self):
        term = self._create_term(self.acme, "2025-04-01")
        renew(term)
        term = term.with_user(self.users["standard"])
        params = term.action_ask_cancel_renewal()["params"]
        self.assertEqual(params["yes"], "Cancel the renewal of Acme (5 licences)")
        self.assertEqual(params["no"], "Keep it")
        self.assertEqual(term.renewal_state, "renewed")
        renewal = self.env[params["model"]].browse(params["ids"])
        getattr(renewal.with_user(term.env.user), params["method"])()
        self.assertEqual(term.renewal_state, "ending")

    def test_closing_names_the_client(self):
        action = self.term.action_close_subscription()
        self.assertEqual(action["name"], "Close the subscription of Acme")
        arch = self._get_arch("close.reason.wizard", "form", "standard")
        texts = [node.get("string") for node in arch.xpath("//footer/button")]
        self.assertEqual(texts, ["Close the subscription", "Keep it running"])

    def test_no_question_is_answered_with_ok_or_cancel(self):
        views = self._get_own_views()
        buttons = [
            node
            for view in views
            for node in etree.fromstring(view.arch_db).iter("button")
            if node.get("confirm")
        ]
        self.assertGreater(len(buttons), 5)
        for node in buttons:
            with self.subTest(button=node.get("name")):
                self.assertTrue(node.get("confirm-label"))
                self.assertTrue(node.get("cancel-label"))

    # ------------------------------------------------------------------ limits

    def test_unlimited_is_offered_to_whom_it_is_not_refused(self):
        view = "subscription_seat_pool_view_form"
        pool = self._get_pool(self.term, self.expenses)
        for role, offered in (("admin", True), ("standard", False)):
            with self.subTest(role=role):
                own = pool.with_user(self.users[role])
                arch = self._get_arch(pool._name, "form", role, view)
                [node] = arch.xpath("//field[@name='is_unlimited']")
                self.assertEqual(self._is_shown(node, own), offered)
        billed = self.expenses_pool.with_user(self.users["standard"])
        self.assertFalse(billed.is_limit_required, "it takes no licences")
        new = billed.new({"subscription_id": self.term.id, "module_id": self.time.id})
        self.assertTrue(new.is_limit_required)

    def test_no_list_shows_rows_that_are_not_there(self):
        for view in self._get_own_views():
            with self.subTest(view=view.name):
                self.assertNotIn('sample="1"', view.arch_db)

    # ------------------------------------------------------------------ clients

    def test_a_client_without_a_subscription_gets_one(self):
        fir = self._create_client("Fir", self.north)
        arch = self._get_arch("res.partner", "form", "standard")
        [header] = arch.xpath("//form/header")
        [button] = header.xpath("./button[@name='action_create_subscription']")
        self.assertIn("btn-primary", button.get("class"))
        for partner, shown in ((fir, True), (self.acme, False), (self.north, False)):
            with self.subTest(partner=partner.name):
                partner = partner.with_user(self.users["standard"])
                self.assertEqual(self._is_shown(header, partner), shown)
        action = fir.with_user(self.users["standard"]).action_create_subscription()
        model = self.env[action["res_model"]].with_user(self.users["standard"])
        with Form(model.with_context(**action["context"])) as form:
            form.template_id = self.yearly
        self.assertEqual(form.record.client_id, fir)
        accountant = self._get_arch("res.partner", "form", "accountant")
        self.assertFalse(accountant.xpath("//form/header"))
