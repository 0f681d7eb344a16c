"""The screens of terms, licences and renewals: what they show whom, at what cost."""

from lxml import etree

from odoo.exceptions import UserError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools.safe_eval import safe_eval

from ..common.licence import ACCOUNT, MOVE, LicenceCase
from ..common.subscription import ADDON, renew
from ..common.view import ViewMixin

SUBSCRIPTION = "sale.subscription"
RENEWAL = "subscription.renewal"
ROLES = ("admin", "standard", "accountant")
# Whom each screen is for.
ACTIONS = {
    "sale_subscription_to_renew_action": ROLES,
    "sale_subscription_managed_action": ROLES,
    "res_partner_client_action": ROLES,
    "res_partner_managing_action": ("admin", "standard"),
    "subscription_renewal_action": ROLES,
    "subscription_licence_account_action": ("admin", "standard"),
    "subscription_licence_move_action": ("admin", "standard"),
}
# Clients of North whose term is in each state on 15 March 2026, by the start of the
# year that it runs.
STARTS = {
    "ended": "2025-03-01",
    "ending": "2025-05-01",
    "running": "2026-01-01",
    "not_started": "2026-04-01",
    "renewed": "2025-04-01",
}
MANY = 20


@tagged("post_install", "-at_install")
@freeze_time("2026-03-15")
class TestTermViews(ViewMixin, LicenceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._give(cls.north, 1000)
        cls._give(cls.reef, 4)
        cls._give(cls.south, 7)
        cls.users = cls._create_user_of_each_role()
        cls.terms = {
            state: cls._create_client_term(state.title(), start)
            for state, start in STARTS.items()
        }
        renew(cls.terms["renewed"])
        clients = [term.client_id for term in cls.terms.values()]
        cls._make_accountant(cls.users["accountant"], *clients)

    @classmethod
    def _create_client_term(cls, name, start, manager=None):
        client = cls._create_client(name, manager or cls.north)
        return cls._create_term(client, start)

    # ------------------------------------------------------------------ helpers

    def _get_action(self, name):
        return self.env.ref(f"{ADDON}.{name}")

    def _get_views(self, action, user):
        """Return ``{type: arch}`` of the views of ``action`` as ``user`` gets them."""
        model = self.env[action.res_model].with_user(user)
        views = model.get_views([*action.views, (action.search_view_id.id, "search")])
        return {
            view_type: etree.fromstring(view["arch"])
            for view_type, view in views["views"].items()
        }

    def _read(self, records, arch):
        """Read ``records`` as the web client does to show them in ``arch``."""
        return records.web_read(self._get_spec(arch, records.fields_get()))

    # ------------------------------------------------------------------ every screen

    def test_every_view_opens_for_everybody_whom_it_is_for(self):
        for name, roles in ACTIONS.items():
            action = self._get_action(name)
            for role in roles:
                user = self.users[role]
                for view_type, arch in self._get_views(action, user).items():
                    with self.subTest(action=name, role=role, view=view_type):
                        self._open(action, user, view_type, arch)

    def _open(self, action, user, view_type, arch):
        model = self.env[action.res_model].with_user(user)
        records = model.search(self._evaluate(action.domain, user), limit=5)
        self.assertTrue(records)
        if view_type == "form":
            view = {kind: view for view, kind in action.views}["form"]
            self.assertTrue(Form(records[0], view=view))
        elif view_type in ("pivot", "graph"):
            names = [
                ":".join(filter(None, [node.get("name"), node.get("interval")]))
                for node in arch.iter("field")
                if node.get("type") != "measure"
            ]
            model.formatted_read_group([], names, ["quantity:sum"])
        elif view_type == "calendar":
            names = {node.get("name") for node in arch.iter("field")}
            dates = {arch.get("date_start"), arch.get("color")} - {None}
            records.read([*names, *dates])
        elif view_type != "search":
            self._read(records, arch)

    def test_every_filter_and_grouping_works_for_everybody_whom_it_is_for(self):
        for name, roles in ACTIONS.items():
            action = self._get_action(name)
            for role in roles:
                user = self.users[role]
                model = self.env[action.res_model].with_user(user)
                for node in self._get_views(action, user)["search"].iter("filter"):
                    with self.subTest(action=name, role=role, filter=node.get("name")):
                        self._apply(model, node, user)

    def _apply(self, model, node, user):
        context = self._evaluate(node.get("context", "{}"), user)
        group_by = context.get("group_by")
        domain = self._evaluate(node.get("domain"), user)
        model.search(domain, limit=5)
        model.formatted_read_group(domain, [group_by] if group_by else [], ["__count"])

    def test_accountants_read_and_nothing_else(self):
        for model, view_type, view in [
            (SUBSCRIPTION, "form", False),
            (SUBSCRIPTION, "list", "sale_subscription_view_list_to_renew"),
            (SUBSCRIPTION, "list", "sale_subscription_view_list_managed"),
            (RENEWAL, "list", False),
            (RENEWAL, "form", False),
            ("res.partner", "list", "res_partner_view_list_client"),
        ]:
            for role in ("standard", "accountant"):
                arch = self._get_arch(model, view_type, role, view)
                names = {node.get("name") for node in arch.iter("button")}
                names &= {
                    "action_renew",
                    "action_ask_cancel",
                    "action_ask_cancel_renewal",
                }
                with self.subTest(model=model, view=view or view_type, role=role):
                    self.assertEqual(bool(names), role == "standard")

    def test_accountants_have_no_menu_to_licences(self):
        for role in ROLES:
            menus = self.env["ir.ui.menu"].with_user(self.users[role]).load_menus(False)
            seen = self._get_action("menu_licence").id in menus
            self.assertEqual(seen, role != "accountant", role)
            self.assertIn(self._get_action("menu_to_renew").id, menus)
            self.assertIn(self._get_action("menu_dashboard").id, menus)

    def test_the_dashboard_comes_first(self):
        menus = self.env["ir.ui.menu"].with_user(self.users["standard"])
        children = menus.load_menus(False)[self._get_action("menu_root").id]["children"]
        self.assertEqual(children[0], self._get_action("menu_dashboard").id)

    # ------------------------------------------------------------------ terms

    def test_terms_are_found_and_grouped_by_their_state(self):
        search = self._get_arch(
            SUBSCRIPTION, "search", "standard", "sale_subscription_view_search_managed"
        )
        user = self.users["standard"]
        model = self.env[SUBSCRIPTION].with_user(user)
        domains = {
            node.get("name"): self._evaluate(node.get("domain"), user)
            for node in search.iter("filter")
        }
        expected = {
            "not_started": ["not_started"],
            "term_running": ["running"],
            "term_ending": ["ending"],
            "term_ended": ["ended"],
            "term_renewed": ["renewed"],
            "to_renew": ["ended", "ending"],
        }
        ours = [("client_id", "!=", self.acme.id)]
        for name, states in expected.items():
            with self.subTest(filter=name):
                found = model.search(domains[name] + ours)
                terms = [self.terms[state].id for state in states]
                self.assertEqual(sorted(found.ids), sorted(terms))
        groups = model.formatted_read_group(ours, ["renewal_state"], ["__count"])
        counts = {group["renewal_state"]: group["__count"] for group in groups}
        self.assertEqual(counts, dict.fromkeys(STARTS, 1))

    def test_the_list_to_renew_has_its_columns_and_totals(self):
        arch = self._get_arch(
            SUBSCRIPTION, "list", "standard", "sale_subscription_view_list_to_renew"
        )
        columns = [
            node.get("name")
            for node in arch.iter("field")
            if not node.get("column_invisible") and node.get("optional") != "hide"
        ]
        self.assertEqual(
            columns,
            [
                "client_id",
                "name",
                "reseller_id",
                "term_start",
                "date",
                "term_years",
                "licences_to_renew",
                "renewal_state",
            ],
        )
        self.assertTrue(arch.xpath("//field[@name='licences_to_renew']/@sum"))
        action = self._get_action("sale_subscription_to_renew_action")
        self.assertEqual(action.path, "clients-to-renew")
        self.assertIn("search_default_to_renew", action.context)
        row = self._read(self.terms["ended"], arch)[0]
        self.assertEqual(str(row["term_start"]), "2025-03-01")
        self.assertEqual(str(row["date"]), "2026-02-28")
        self.assertEqual(row["term_years"], 1)
        self.assertEqual(row["licences_to_renew"], 5)

    def test_terms_are_counted_and_added_up_by_partner_and_reseller(self):
        self._create_client_term("Cove", "2026-01-01", self.reef)
        model = self.env[SUBSCRIPTION].with_user(self.users["standard"])
        domain = [("template_id", "=", self.yearly.id)]
        groups = model.formatted_read_group(
            domain,
            ["top_partner_id", "reseller_id"],
            ["__count", "licences_to_renew:sum"],
        )
        rows = {
            tuple(
                group[name] and group[name][0]
                for name in ("top_partner_id", "reseller_id")
            ): (group["__count"], group["licences_to_renew:sum"])
            for group in groups
        }
        self.assertEqual(
            rows,
            {
                (self.north.id, False): (5, 25),
                (self.north.id, self.reef.id): (1, 5),
            },
        )

    def test_dates_of_a_term_are_the_vendors(self):
        term = self.terms["running"]
        for role, kept in [("admin", False), ("standard", True)]:
            with self.subTest(role=role):
                record = term.with_user(self.users[role])
                self.assertEqual(record.are_dates_kept, kept)
                with Form(record) as form:
                    self.assertEqual(form._get_modifier("date", "readonly"), kept)
        draft = self._create_subscription(
            self._create_client("Elm", self.north), self.yearly, running=False
        )
        self.assertFalse(draft.with_user(self.users["standard"]).are_dates_kept)

    def test_the_form_offers_what_can_be_done(self):
        user = self.users["standard"]
        renew, cancel = "action_renew", "action_ask_cancel_renewal"
        for state, offered in [
            ("ended", {renew}),
            ("ending", {renew}),
            ("running", {renew}),
            ("renewed", {cancel}),
        ]:
            with self.subTest(state=state):
                form = Form(self.terms[state].with_user(user))
                self.assertEqual(self._get_offered(form, {renew, cancel}), offered)
        with freeze_time("2026-04-01"):
            self.env.invalidate_all()
            form = Form(self.terms["renewed"].with_user(user))
            self.assertFalse(self._get_offered(form, {cancel}), "it starts today")

    def _get_offered(self, form, names):
        """Return which buttons out of ``names`` the form shows."""
        record = form._record
        spec = {node.get("name"): {} for node in form._view["tree"].iter("field")}
        spec = {name: {} for name in spec if name in record._fields}
        values = record.with_context(bin_size=True).read(list(spec))[0]
        offered = set()
        for button in form._view["tree"].iter("button"):
            chain = [button, *button.iterancestors()]
            hidden = [node.get("invisible") for node in chain if node.get("invisible")]
            if button.get("name") in names and not any(
                safe_eval(expression, {**values, "context": {}})
                for expression in hidden
            ):
                offered.add(button.get("name"))
        return offered

    def test_calendars_show_the_days_and_states_of_terms(self):
        for model, date, state in [
            (SUBSCRIPTION, "date", "renewal_state"),
            (RENEWAL, "date_start", "state"),
        ]:
            view = {SUBSCRIPTION: "sale_subscription_view_calendar"}.get(model)
            arch = self._get_arch(model, "calendar", "standard", view)
            with self.subTest(model=model):
                self.assertEqual(arch.get("date_start"), date)
                self.assertEqual(arch.get("js_class"), "term_calendar")
                self.assertEqual(arch.get("edit"), "0")
                names = [node.get("name") for node in arch.iter("field")]
                self.assertIn(state, names)
                self.assertIn("client_id", names)

    # ------------------------------------------------------------------ clients

    def test_clients_show_the_state_that_is_most_urgent(self):
        for state, term in self.terms.items():
            client = term.client_id
            self.assertEqual(client.renewal_state, state)
            self.assertEqual(client.term_end, term.date)
        second = self._create_subscription(
            self.terms["running"].client_id, self.yearly, date_start="2025-02-10"
        )
        client = second.client_id
        self.env.invalidate_all()
        self.assertEqual(client.renewal_state, "ended")
        self.assertEqual(client.term_end, second.date)
        ended = self.env["res.partner"].search([("renewal_state", "=", "ended")])
        self.assertEqual(ended, client | self.terms["ended"].client_id)
        running = self.env["res.partner"].search([("renewal_state", "=", "running")])
        self.assertNotIn(client, running)

    def test_clients_are_renewed_from_their_list(self):
        clients = self.env["res.partner"].with_user(self.users["standard"])
        clients = clients.browse(term.client_id.id for term in self.terms.values())
        action = clients.action_renew()
        self.assertEqual(action["res_model"], "subscription.renew")
        chosen = action["context"]["default_subscription_ids"]
        renewable = [
            self.terms[state].id
            for state in STARTS
            if state != "renewed" and self.terms[state].in_progress
        ]
        self.assertEqual(sorted(chosen), sorted(renewable))
        with self.assertRaisesRegex(UserError, "Nothing to renew"):
            self.terms["renewed"].client_id.with_user(
                self.users["standard"]
            ).action_renew()

    def test_only_the_vendor_is_offered_the_billing_of_licences(self):
        for role in ROLES:
            arch = self._get_arch("res.partner", "form", role)
            nodes = arch.xpath("//field[@name='licence_billing']")
            with self.subTest(role=role):
                self.assertEqual(len(nodes), 1)
                readonly = nodes[0].get("readonly") in ("1", "True")
                self.assertEqual(readonly, role != "admin")

    def test_partners_show_their_stock(self):
        user = self.users["standard"]
        north = self.north.with_env(self.env).with_user(user)
        stocks = self.env[ACCOUNT].with_user(user)
        stock = stocks._format(self._get_balance(self.north))
        left = f"{self.expenses.name} {stock}"
        self.assertEqual(north.licence_balance, left)
        action = north.action_view_licences()
        accounts = self.env[ACCOUNT].with_user(user).search(action["domain"])
        self.assertEqual(accounts.partner_id, self.north)
        moves = self.env[MOVE].search(accounts.action_open_ledger()["domain"])
        self.assertEqual(sum(moves.mapped("quantity")), self._get_balance(self.north))
        self.assertFalse(
            self.north.with_user(self.users["accountant"])
            .sudo(False)
            ._filtered_access("read")
            .licence_balance
        )

    # ------------------------------------------------------------------ dashboard

    def _get_tiles(self, role):
        user = self.users[role]
        model = self.env[SUBSCRIPTION].with_user(user)
        return {tile["name"]: tile for tile in model.get_dashboard()["tiles"]}

    @staticmethod
    def _get_details(tile):
        return {detail["label"]: detail["value"] for detail in tile["details"]}

    def test_the_dashboard_counts_companies_once_by_what_is_most_urgent(self):
        tile = self._get_tiles("standard")["renew"]
        self.assertEqual(tile["value"], 2)
        self.assertEqual(self._get_details(tile), {"Ended": 1, "Ending soon": 1})
        self._create_subscription(
            self.terms["ending"].client_id, self.yearly, date_start="2025-02-10"
        )
        tile = self._get_tiles("standard")["renew"]
        self.assertEqual(tile["value"], 2)
        self.assertEqual(self._get_details(tile), {"Ended": 2})

    def test_the_dashboard_shows_each_what_it_may_see(self):
        self._create_client_term("Dock", "2025-02-01", self.south)
        counts = {
            role: {name: tile["value"] for name, tile in self._get_tiles(role).items()}
            for role in ROLES
        }
        partners = (self.north, self.reef, self.south)
        balances = [self._get_balance(partner) for partner in partners]
        self.assertEqual(counts["standard"]["renew"], 2)
        self.assertEqual(counts["admin"]["renew"], 3)
        for role, stock in (("standard", balances[0]), ("admin", sum(balances))):
            # Of one module: those of different modules are not added up.
            details = self._get_details(self._get_tiles(role)["licences"])
            self.assertEqual(details, {"Expenses": stock})
            self.assertIsNone(counts[role]["licences"])
        shared = {"renew", "scheduled", "seats"}
        self.assertEqual(set(counts["admin"]), {*shared, "licences"})
        self.assertEqual(set(counts["accountant"]), shared)
        self.assertEqual(counts["accountant"]["renew"], 2)
        self.assertEqual(counts["standard"]["scheduled"], 1)

    def test_the_dashboard_tells_nothing_to_those_without_a_role(self):
        user = self._create_user("igor", "base.group_user", self.vendor)
        self.assertFalse(
            self.env[SUBSCRIPTION].with_user(user).get_dashboard()["tiles"]
        )

    def test_the_tiles_lead_to_the_records_that_they_count(self):
        pool = self._get_pool(self.terms["running"], self.expenses)
        member = self._create_member("Ann", self.terms["running"].client_id)
        pool.sudo().write({"seat_limit": 1})
        pool._grant({pool: member})
        user = self.users["standard"]
        for name, tile in self._get_tiles("standard").items():
            action = self._get_action(tile["action"].split(".")[1])
            with self.subTest(tile=name):
                count = self._count_found(action, tile, tile["context"], user)
                if name != "licences":
                    self.assertEqual(count, tile["value"])
                for detail in tile["details"]:
                    count = self._count_found(action, tile, detail["context"], user)
                    self.assertEqual(count, detail["value"], detail["label"])

    def _count_found(self, action, tile, context, user):
        """Return what the screen of ``action`` shows with the filters of ``context``:
        how many records, or licences where it shows stocks."""
        context = {**self._evaluate(action.context, user), **context}
        views = self._get_views(action, user)["search"]
        domain = self._evaluate(action.domain, user) + tile["domain"]
        for key, value in context.items():
            node = value and views.xpath(f"//*[@name='{key[15:]}']")
            if not node or "group_by" in node[0].get("context", ""):
                continue
            if node[0].tag == "filter":
                domain += self._evaluate(node[0].get("domain"), user)
            else:
                domain += [(key[15:], "=", value)]
        records = self.env[action.res_model].with_user(user).search(domain)
        if records._name == ACCOUNT:
            return sum(records.mapped("balance"))
        return len(records.client_id if records._name == SUBSCRIPTION else records)

    def test_licences_billed_on_account_are_said_to_be(self):
        billed = {"prepaid": "No licences", "on_account": "on account"}
        for licence_billing, words in billed.items():
            cove = self._create_partner(
                f"Cove {licence_billing}",
                managing_partner_id=self.north.id,
                licence_billing=licence_billing,
            )
            user = self._create_user(licence_billing, "standard", cove)
            self.users = {**self.users, "reseller": user}
            with self.subTest(licence_billing):
                tile = self._get_tiles("reseller")["licences"]
                self.assertIn(words, tile["empty"])

    # ------------------------------------------------------------------ queries

    def test_lists_ask_as_often_for_many_as_for_few(self):
        terms = self.subscription.browse(term.id for term in self.terms.values())
        for number in range(MANY):
            terms |= self._create_client_term(
                f"Client {number}", list(STARTS.values())[number % 3]
            )
        renew(terms[5:7])
        for model, view, records in [
            (SUBSCRIPTION, "sale_subscription_view_list_to_renew", terms),
            (SUBSCRIPTION, "sale_subscription_view_list_managed", terms),
            (SUBSCRIPTION, "sale_subscription_view_kanban_managed", terms),
            ("res.partner", "res_partner_view_list_client", terms.client_id),
            ("res.partner", "res_partner_view_kanban_client", terms.client_id),
        ]:
            view_type = "kanban" if "kanban" in view else "list"
            for role in ("standard", "admin"):
                arch = self._get_arch(model, view_type, role, view)
                # As a list reads them: with nothing known of them but their ids.
                records = (
                    self.env[model].with_user(self.users[role]).browse(records.ids)
                )
                with self.subTest(view=view, role=role):
                    self._check_same_count(
                        records,
                        lambda some: self._read(some, arch),  # noqa: B023
                    )

    def _check_same_count(self, records, call):
        """Check that ``call`` needs for all ``records`` the queries that it needs for
        the first five, one in each state."""
        self._count_queries(lambda: call(records[:5]))
        few, many = (
            self._count_queries(lambda: call(some))  # noqa: B023
            for some in (records[:5], records)
        )
        self.assertTrue(few)
        self.assertEqual(many, few)

    def test_the_states_of_clients_and_terms_are_read_at_once(self):
        terms = self.subscription.browse(term.id for term in self.terms.values())
        for model, ids in [
            (SUBSCRIPTION, terms.ids),
            ("res.partner", terms.client_id.ids),
        ]:
            records = self.env[model].with_user(self.users["standard"]).browse(ids)
            self._count_queries(lambda: records.mapped("renewal_state"))  # noqa: B023
            one, many = (
                self._count_queries(lambda: some.mapped("renewal_state"))  # noqa: B023
                for some in (records[:1], records)
            )
            self.assertEqual(one, many, records._name)

    def test_the_dashboard_asks_as_often_whatever_there_is(self):
        user = self.users["standard"]
        model = self.env[SUBSCRIPTION].with_user(user)
        self._count_queries(model.get_dashboard)
        few = self._count_queries(model.get_dashboard)
        for number in range(MANY):
            self._create_client_term(
                f"Client {number}", list(STARTS.values())[number % 2]
            )
        self.assertEqual(self._count_queries(model.get_dashboard), few)
