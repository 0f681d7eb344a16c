"""Every screen opens for everybody who has a menu to it, and offers nothing that its
user may not do."""

from dateutil.relativedelta import relativedelta
from lxml import etree

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, new_test_user, tagged

from .common.subscription import (
    ADDON,
    SubscriptionCase,
    create_plan,
    create_yearly_plan,
    renew,
)
from .common.view import ViewMixin

ROLES = ("admin", "standard", "accountant")


@tagged("post_install", "-at_install")
class TestViews(ViewMixin, SubscriptionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            **cls._create_user_of_each_role(),
            "internal": new_test_user(cls.env, "igor", "base.group_user"),
        }
        cls.member = cls._create_member("Ann")
        cls._make_accountant(cls.users["accountant"], cls.acme)
        cls.expenses_pool._grant({cls.expenses_pool: cls.member})
        cls.env["subscription.team"].create(
            {"name": "Field", "client_id": cls.acme.id, "member_ids": cls.member.ids}
        )
        cls.licence = cls.env["product.product"].create(
            {"name": "Expenses licence", "type": "service", "list_price": 6}
        )
        cls._fill_links(cls.subscription)
        cls._fill_lists()

    @classmethod
    def _fill_links(cls, subscription):
        """Fill what ``subscription`` links to, so that reading it all is tested."""
        order = cls.env["sale.order"].create({"partner_id": cls.acme.id})
        team = cls.env["crm.team"].create({"name": "Direct sales"})
        journal = cls.env["account.journal"].search([("type", "=", "sale")], limit=1)
        subscription.write(
            {
                "sale_order_id": order.id,
                "sale_order_ids": [Command.link(order.id)],
                "crm_team_id": team.id,
                "journal_id": journal.id,
                "sale_subscription_line_ids": [
                    Command.create({"product_id": cls.licence.id})
                ],
            }
        )

    @classmethod
    def _fill_lists(cls):
        """Have something in each list, of another client of North."""
        fir = cls._create_client("Fir", cls.north, email="fir@clients.test")
        cls._make_accountant(cls.users["accountant"], fir)
        company = cls.env.company
        cls.env["subscription.licence.account"]._give(
            cls.north, {cls.expenses: 9}, company
        )
        yearly = create_yearly_plan(cls.env, "Yearly", {cls.expenses: 1})
        renew(cls._create_subscription(fir, yearly))
        cls.env["subscription.invitation"]._invite(fir, "books@firms.test", "Books")
        fir._invite_member("mia@fir.test", "Mia", cls.role_standard)
        cls.env["subscription.notice"].create(
            {
                "kind": "renewal",
                "audience": "client",
                "addressee_id": fir.id,
                "partner_id": fir.id,
                "company_id": company.id,
                "email": fir.email,
            }
        )
        line = {"name": "Seats", "price_unit": 10}
        cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": fir.id,
                "invoice_date": "2026-01-31",
                "invoice_line_ids": [Command.create(line)],
            }
        ).action_post()
        cls._fill_billing(fir)
        pool = cls._get_pool(cls._create_subscription(fir, cls.plan), cls.expenses)
        asked = {"pool": pool, "number": "1"}
        cls.env["subscription.request"]._ask(fir, "seats", asked)

    @classmethod
    def _fill_billing(cls, client):
        """Have a statement of ``client``, a delivery, a problem and a run."""
        cls.expenses.product_id = cls.licence
        for module in (cls.expenses, cls.time):
            plan = create_plan(cls.env, module.name, {module: 1})
            cls._create_subscription(client, plan)._bill()
        cls.env["subscription.billing.run"]._add([{}])
        deliveries = cls.env["subscription.delivery"]
        deliveries._find_chunk(deliveries._get_unseen_ids())

    # ------------------------------------------------------------------ helpers

    def _get_actions(self, user):
        """Return the actions of our menus that ``user`` sees, by menu."""
        return self._get_menu_actions(user, self.env.ref(f"{ADDON}.menu_root"))

    def _open_and_find(self, user, action):
        """Open an action, which finds something unless the user sees no contact."""
        found = self._open_action(user, action)
        lists = {"list", "kanban"} & {view_type for _view, view_type in action.views}
        if lists and not self.env[action.res_model]._transient:
            if action.res_model != "res.partner" or user.login != "alma":
                self.assertTrue(found, action.name)

    # ------------------------------------------------------------------ menus

    def test_every_menu_opens_for_everybody_who_sees_it(self):
        for role in ROLES:
            actions = self._get_actions(self.users[role])
            self.assertIn("Members", actions)
            for name, action in actions.items():
                with self.subTest(role=role, menu=name):
                    self._open_and_find(self.users[role], action)

    def test_every_filter_and_grouping_works_for_everybody(self):
        for role in ROLES:
            user = self.users[role]
            for name, action in self._get_actions(user).items():
                model = self.env[action.res_model].with_user(user)
                if model._transient:
                    continue
                view = model.get_view(action.search_view_id.id, "search")
                for node in etree.fromstring(view["arch"]).iter("filter"):
                    with self.subTest(role=role, menu=name, filter=node.get("name")):
                        self._apply_filter(model, node, user)

    def _apply_filter(self, model, node, user):
        context = self._evaluate(node.get("context", "{}"), user)
        group_by = context.pop("group_by", None)
        model = model.with_context(**context)
        domain = self._evaluate(node.get("domain"), user)
        model.search(domain, limit=80)
        model.formatted_read_group(domain, [group_by] if group_by else [], ["__count"])

    def test_every_list_can_be_filtered_grouped_and_explains_itself_when_empty(self):
        for name, action in self._get_actions(self.users["admin"]).items():
            model = self.env[action.res_model]
            if model._transient:
                continue
            with self.subTest(menu=name):
                view = model.get_view(action.search_view_id.id, "search")
                contexts = [
                    node.get("context", "")
                    for node in etree.fromstring(view["arch"]).iter("filter")
                ]
                self.assertTrue(action.help)
                self.assertTrue([text for text in contexts if "group_by" in text])
                self.assertTrue([text for text in contexts if "group_by" not in text])

    def test_every_list_is_cards_on_phones(self):
        """Odoo shows cards on phones where an action has them."""
        data = self.env["ir.model.data"].search(
            [("module", "=", ADDON), ("model", "=", "ir.actions.act_window")]
        )
        actions = self.env["ir.actions.act_window"].browse(data.mapped("res_id"))
        found = 0
        for action in actions:
            kinds = [kind for _view, kind in action.views]
            if "list" in kinds:
                found += 1
                with self.subTest(action=action.xml_id):
                    self.assertIn("kanban", kinds)
                    cards = self._get_cards(action)
                    self.assertTrue(cards.xpath("//field[not(@invisible)]"))
        self.assertGreater(found, 20)

    def _get_cards(self, action):
        """Return the arch of the cards of ``action``, which somebody wrote."""
        view_id = {kind: view for view, kind in action.views}["kanban"]
        view = self.env[action.res_model].get_view(view_id, "kanban")
        self.assertTrue(view["id"])
        return etree.fromstring(view["arch"])

    def test_configuration_is_for_the_vendor(self):
        for role in ROLES:
            names = self._get_actions(self.users[role])
            self.assertEqual("Plans" in names, role == "admin", role)
        self.assertFalse(self._get_actions(self.users["internal"]))

    def test_settings_open_for_the_administrator(self):
        user = self.env.ref("base.user_admin")
        actions = self._get_actions(user)
        self._open_action(user, actions["Settings"])

    # ------------------------------------------------------------------ forms

    def test_contact_form_opens_for_everybody(self):
        contacts = self.acme | self.north | self.member.partner_id
        for role, user in self.users.items():
            readable = contacts.with_user(user)._filtered_access("read")
            self.assertIn(self.acme, readable)
            for contact in readable:
                with self.subTest(role=role, contact=contact.name):
                    Form(contact)

    def test_subscription_form_opens_for_everybody_who_may_read_it(self):
        for role in ROLES:
            with self.subTest(role=role):
                Form(self.subscription.with_user(self.users[role]))

    def test_partner_staff_create_client_member_and_subscription_on_the_screens(self):
        env = self.env(user=self.users["standard"])
        action = self._get_actions(self.users["standard"])["Clients"]
        context = self._evaluate(action.context, self.users["standard"])
        with Form(env["res.partner"].with_context(**context)) as form:
            form.name = "Elm"
        client = form.record
        self.assertEqual(client.managing_partner_id, self.north)
        with Form(env["sale.subscription"]) as form:
            form.partner_id = client
            form.template_id = self.plan
            form.pricelist_id = self.subscription.pricelist_id
            with form.sale_subscription_line_ids.new() as line:
                line.product_id = self.licence
        self.assertEqual(len(form.record.seat_pool_ids), 2)
        with Form(env["subscription.member"]) as form:
            form.client_id = client
            form.name = "Eve"
        self.assertEqual(form.record.partner_id.parent_id, client)

    def test_module_is_added_from_the_subscription_once(self):
        subscription = self.subscription.with_user(self.users["standard"])
        action = subscription.action_add_module()
        model = subscription.seat_pool_ids.with_context(**action["context"]).browse()
        with Form(model) as form:
            self.assertIn(self.time.id, form.choosable_module_ids.ids)
            self.assertNotIn(self.expenses.id, form.choosable_module_ids.ids)
            form.module_id = self.time
            form.seat_limit = 4
        self.assertEqual(subscription.seat_pool_ids[-1].module_id, self.time)

    def test_accountant_is_offered_nothing_but_reading(self):
        for model in (
            "sale.subscription",
            "subscription.member",
            "subscription.team",
            "subscription.seat.pool",
            "res.partner",
        ):
            arch = self._get_arch(model, "form", "accountant")
            with self.subTest(model=model):
                for right in ("create", "edit", "delete"):
                    self.assertEqual(arch.get(right), "False", right)
                names = {
                    button.get("name") for button in arch.xpath("//header//button")
                }
                self.assertFalse(names)

    def test_accountant_sees_no_button_on_the_pool_cards(self):
        view = "subscription_seat_pool_view_kanban"
        cards = {
            role: self._get_arch("subscription.seat.pool", "kanban", role, view)
            for role in ("standard", "accountant")
        }
        self.assertTrue(cards["standard"].xpath("//button[@name='action_add_users']"))
        self.assertFalse(cards["accountant"].xpath("//button"))

    def test_partner_staff_are_not_offered_invoicing_and_sales(self):
        arch = self._get_arch("sale.subscription", "form", "standard")
        for name in ("manual_invoice", "action_view_sale_order_ids"):
            self.assertFalse(arch.xpath(f"//button[@name='{name}']"), name)
        self.assertTrue(arch.xpath("//button[@name='action_add_users']"))

    # ------------------------------------------------------------------ details

    def test_banner_and_pause_follow_the_state_of_the_pools(self):
        self.assertFalse(self.subscription.seat_state)
        self.assertTrue(self.subscription.has_free_seat)
        self.expenses_pool.seat_limit = 1
        self.assertEqual(self.subscription.seat_state, "full")
        self.assertIn("Expenses", self.subscription.seat_reason)
        self.assertTrue(self.subscription.has_free_seat, "base seats are left")
        self.base_pool.seat_limit = 1
        self.assertFalse(self.subscription.has_free_seat)
        self.env.company.renewal_grace_days = 0
        yesterday = self.env.company._get_today() - relativedelta(days=1)
        self.subscription.write({"date_start": yesterday, "date": yesterday})
        self.assertFalse(self.subscription.has_running_seats)
        self.assertEqual(self.subscription.seat_state, "unavailable")

    def test_clients_and_subscriptions_are_found_by_the_state_of_their_pools(self):
        found = [("seat_pool_ids.state", "in", ("warning", "full", "over"))]
        domain = [*found, ("id", "=", self.subscription.id)]
        self.assertFalse(self.subscription.search(domain))
        self.expenses_pool.seat_limit = 1
        self.assertEqual(self.subscription.search(domain), self.subscription)
        self.assertEqual(self.acme.search(found), self.acme)
        self.assertEqual(self.acme.seat_state, "full")

    def test_pools_are_named_by_what_is_left_where_the_client_is_known(self):
        def get_name(pool):
            return pool.with_context(pool_label="left").display_name

        self.assertEqual(self.expenses_pool.display_name, "Expenses · Acme")
        self.assertEqual(get_name(self.expenses_pool), "Expenses · 1 left")
        self.expenses_pool.seat_limit = 1
        self.assertEqual(get_name(self.expenses_pool), "Expenses · full")
        self.expenses_pool.is_unlimited = True
        self.assertEqual(get_name(self.expenses_pool), "Expenses · unlimited")
        second = self._create_subscription(self.acme, self.plan)
        name = get_name(self._get_pool(second, self.expenses))
        self.assertEqual(name, f"Expenses ({second.name}) · 2 left")

    def test_seat_count_shows_the_limit_where_every_pool_has_one(self):
        self.assertEqual(self.acme.seat_count_text, "2 / 5")
        self.expenses_pool.is_unlimited = True
        self.assertEqual(self.acme.seat_count_text, "2")

    def test_users_of_a_plan_are_blank_without_a_base_module(self):
        self.assertEqual(self.plan.user_limit, "3")
        self.plan.plan_line_ids.filtered("is_base").is_unlimited = True
        self.assertEqual(self.plan.user_limit, "Unlimited")
        self.plan.plan_line_ids.filtered("is_base").unlink()
        self.assertFalse(self.plan.user_limit)

    def test_codes_come_from_names(self):
        role = self.env["subscription.member.role"].create({"name": "Store keeper"})
        self.assertEqual(role.code, "store-keeper")
        role.name = "Shop keeper"
        self.assertEqual(role.code, "store-keeper")

    def test_no_title_is_a_word_of_programs(self):
        """The name of a record is what one goes back to."""
        self.env["subscription.seat"].search([], limit=1)._release("access")
        models = {
            view.model
            for view in self.env["ir.ui.view"].search([("type", "=", "form")])
            if view.model and view.model.startswith("subscription.")
        }
        for model in models - {"subscription.settings"}:
            records = self.env[model].sudo()
            if records._transient or records._abstract:
                continue
            name = records._fields.get(records._rec_name or "")
            for record in records.search([], limit=1):
                with self.subTest(model=model):
                    self.assertNotIn(f"{model},", record.display_name)
                    if name and name.type in ("selection", "datetime"):
                        self.assertNotEqual(record.display_name, record[name.name])
                        self.assertNotIn(str(record[name.name]), record.display_name)

    def test_modules_and_roles_in_use_are_not_deleted(self):
        self.plan.plan_line_ids = [Command.create({"module_id": self.time.id})]
        for module in self.expenses | self.time:
            with self.assertRaisesRegex(UserError, module.name):
                module.unlink()
        with self.assertRaisesRegex(UserError, "Standard"):
            self.role_standard.unlink()
        self.env["subscription.module"].create({"name": "Trial"}).unlink()
