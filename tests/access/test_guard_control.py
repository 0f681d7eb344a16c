"""What the guard of references leaves as it was."""

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..common.access import MEMBER, POOL, SUBSCRIPTION
from ..common.guard import MUTED, PARTNER, TEXT, GuardCase, fail


@tagged("post_install", "-at_install")
class TestGuardControl(GuardCase):
    """Ordinary work goes on as before, and code is trusted."""

    def test_forms(self):
        """The screens of partners' staff work as they did."""
        with self._as("north") as env:
            contact = self.own["acme"][PARTNER]
            with Form(env[PARTNER]) as form:
                form.name = "New contact"
                form.parent_id = env[PARTNER].browse(self.acme.id)
            self.assertEqual(form.record.parent_id, self.acme)
            with Form(env[MEMBER]) as form:
                form.client_id = env[PARTNER].browse(self.acme.id)
                form.partner_id = form._record.env[PARTNER].browse(contact.id)
            self.assertEqual(form.record.partner_id, contact)
            with Form(env[SUBSCRIPTION]) as form:
                form.partner_id = env[PARTNER].browse(self.acme.id)
                form.template_id = env[self.plan._name].browse(self.plan.id)
                form.pricelist_id = env["product.pricelist"].browse(self.pricelist.id)
            self.assertEqual(form.record.partner_id, self.acme)
            with Form(env[SUBSCRIPTION].browse(self.own["acme"][SUBSCRIPTION].id)) as f:
                f.description = "Changed"

    def test_calls(self):
        """So do programs, which send ids as texts, and imports."""
        with self._as("north") as env:
            spec = {"name": {}, "parent_id": {"fields": {"display_name": {}}}}
            [saved] = env[PARTNER].web_save(
                {"name": "New", "parent_id": self.acme.id}, spec
            )
            self.assertEqual(saved["parent_id"]["id"], self.acme.id)
            contact = self.own["acme"][PARTNER]
            values = {"client_id": self.acme.id, "partner_id": f" {contact.id}"}
            self.assertEqual(env[MEMBER].create(values).partner_id, contact)
            loaded = env[MEMBER].load(
                ["client_id/.id", "name"], [[str(self.acme.id), "Loaded"]]
            )
            self.assertFalse(loaded["messages"])
            self.assertEqual(env[MEMBER].browse(loaded["ids"]).client_id, self.acme)
            company = env[PARTNER].create(
                {
                    "name": "Firm",
                    "is_company": True,
                    "managing_partner_id": self.north.id,
                    "child_ids": [Command.create({"name": "Child"})],
                }
            )
            self.assertEqual(company.child_ids.name, "Child")
            own = env[SUBSCRIPTION].browse(self.own["acme"][SUBSCRIPTION].id)
            self.assertEqual(own.copy().partner_id, self.acme)
            self.assertTrue(contact.with_env(env).copy())
            self.assertTrue(own.message_post(body=TEXT))
            self.assertTrue(own.activity_schedule(summary="New"))
            action = self.env["ir.actions.act_window"].search([], limit=1)
            values = {"name": "New", "model_id": PARTNER, "action_id": action.id}
            self.assertTrue(env["ir.filters"].create({**values, "user_ids": [env.uid]}))
            env["ir.default"].set(MEMBER, "client_id", self.acme.id, True)
            shown = env[MEMBER].onchange({}, [], {"client_id": {}})
            self.assertEqual(shown["value"]["client_id"], self.acme.id)

    @mute_logger(*MUTED)
    def test_values_before_the_doors(self):
        """What this addon looks at before the guard does is what a text stands for, and
        what is foreign is refused as such."""
        own, foreign = self.own["acme"], self.own["bolt"]
        with self._as("north") as env:
            member = env[MEMBER].create({"client_id": self.acme.id, "name": "New"})
            pool = own[POOL]
            values = {"pool_id": str(pool.id), "member_id": f" {member.id}"}
            seat = env["subscription.seat"].create(values)
            self.assertEqual((seat.pool_id, seat.member_id), (pool, member))
            for model, name, value in (
                (MEMBER, "client_id", self.acme),
                (MEMBER, "partner_id", own[MEMBER].partner_id),
                (SUBSCRIPTION, "partner_id", self.acme),
            ):
                with self.subTest(model=model, name=name):
                    record = env[model].browse(own[model].id)
                    record.write({name: str(value.id)})
                    self.assertEqual(record[name], value)
            for name, value in (
                ("pool_id", foreign[POOL]),
                ("member_id", foreign[MEMBER]),
            ):
                with self.subTest(name=name), self.assertRaises(AccessError):
                    env["subscription.seat"].create({**values, name: str(value.id)})
            for model, name, value in (
                (PARTNER, "parent_id", self.bolt),
                (PARTNER, "managing_partner_id", self.south),
            ):
                with self.subTest(model=model, name=name):
                    record = env[model].browse(own[model].id)
                    with self.assertRaises(AccessError):
                        record.write({name: f" {value.id}"})

    def test_context_of_a_screen(self):
        """A default for contacts is none for what Odoo writes beside them."""
        with self._as("north") as env:
            context = {"default_parent_id": self.acme.id, "tracking_disable": False}
            contacts = env[PARTNER].with_context(**context)
            values = {"name": "New", "parent_id": self.acme.id, "user_id": env.uid}
            contact = contacts.create(values)
            self.assertEqual(contact.parent_id, self.acme)
            values = {"name": "New", "parent_id": self.acme.id}
            [saved] = contacts.web_save(values, {"message_ids": {}})
            self.assertTrue(saved["message_ids"])
            context = {"default_partner_id": self.acme.id, "active_id": self.acme.id}
            records = env[SUBSCRIPTION].with_context(**context, tracking_disable=False)
            values = self._get_values("north", "subscription")
            values.pop("partner_id")
            self.assertEqual(records.create(values).partner_id, self.acme)

    def test_own_new_records(self):
        """A line may refer to the record that it is made with."""
        with self._as("north") as env:
            partner = self.roles["north"].partner_id
            channel = env["discuss.channel"].create(
                {
                    "name": "New group",
                    "channel_type": "group",
                    "channel_member_ids": [Command.create({"partner_id": partner.id})],
                }
            )
            self.assertIn(partner, channel.channel_member_ids.partner_id)

    def test_accountant_screens(self):
        with self._as("accountant") as env:
            dates = env["subscription.seat.usage.date"]
            self.assertTrue(dates.create({"date": "2026-01-31"}).action_open())
            shown = dates.onchange({}, [], {"date": {}})
            self.assertIn("date", shown["value"])

    def test_partner_above(self):
        """The staff of a reseller is told by name from whom it buys, as in lists."""
        spec = {"managing_partner_id": {"fields": {"display_name": {}}}}
        with self._as("reef") as env:
            records = env["subscription.licence.transfer"]
            shown = records.onchange({"partner_id": self.reef.id}, [], spec)["value"]
            self.assertEqual(shown["managing_partner_id"]["display_name"], "North")
            with self.assertRaises(AccessError):
                records.onchange({"partner_id": self.north.id}, [], spec)

    def test_unchanged_value(self):
        """What was there already may be sent again, as screens do."""
        with self._as("reef") as env:
            subscription = self.own["coral"][SUBSCRIPTION]
            subscription.sale_order_id = self.own["bolt"]["sale.order"]
            self.env.flush_all()
            record = env[SUBSCRIPTION].browse(subscription.id)
            record.write(
                {"sale_order_id": subscription.sale_order_id.id, "description": "New"}
            )
            self.assertEqual(record.description, "New")

    def test_code_is_trusted(self):
        """What a default in code sets is not the user's; screens are not told of it."""
        model = self.env.registry[SUBSCRIPTION]
        order = self.own["bolt"]["sale.order"]
        self.patch(model._fields["sale_order_id"], "default", lambda records: order.id)
        with self._as("north") as env:
            values = self._get_values("north", "subscription")
            record = env[SUBSCRIPTION].create(values)
            self.assertEqual(record.sudo().sale_order_id, order)
            spec = {"sale_order_id": {"fields": {"display_name": {}}}}
            shown = env[SUBSCRIPTION].onchange({}, [], spec)
            self.assertFalse(shown["value"]["sale_order_id"])
            self.assertNotIn("sale_order_id", env[SUBSCRIPTION].default_get([*spec]))

    def test_compute_is_masked(self):
        """Nor are screens told what a compute finds out of reach."""

        def compute(partners):
            partners.same_vat_partner_id = self.bolt
            partners.same_company_registry_partner_id = self.acme

        cls = self.env.registry[PARTNER]
        self.patch(cls, "_compute_same_vat_partner_id", compute)
        names = ("same_vat_partner_id", "same_company_registry_partner_id")
        spec = {name: {"fields": {"display_name": {}}} for name in names}
        lines = {"child_ids": {"fields": spec}, **spec}
        with self._as("north") as env:
            values = {"name": "New", "child_ids": [[0, "virtual_1", {"name": "Child"}]]}
            shown = env[PARTNER].onchange(values, [], lines)["value"]
            [line] = [command[2] for command in shown["child_ids"]]
            for found in (shown, line):
                self.assertFalse(found["same_vat_partner_id"])
                self.assertEqual(
                    found["same_company_registry_partner_id"]["id"], self.acme.id
                )

    def test_code_with_the_users_value(self):
        """What a default in code takes from the context is the user's."""
        model = self.env.registry[SUBSCRIPTION]
        order = self.own["bolt"]["sale.order"]
        self.patch(
            model._fields["sale_order_id"],
            "default",
            lambda records: records.env.context.get("active_id"),
        )
        values = self._get_values("north", "subscription")
        self.assertFalse(
            self._attempt(
                "north",
                order,
                lambda env: (
                    env[SUBSCRIPTION].with_context(active_id=order.id).create(values)
                ),
            )
        )

    def test_number_one(self):
        """The first record of a model has a number that is equal to True."""
        records = self.env[PARTNER]
        self.assertTrue(records.with_context(active_id=1)._is_context_telling())
        self.assertFalse(records.with_context(bin_size=True)._is_context_telling())

    def test_others_pay_nothing(self):
        """Who is not restricted makes no query more."""
        for role in ("admin", "sales", "client", "public"):
            with self._as(role) as env, self.subTest(role=role):
                records = env["ir.attachment"]
                records._is_user_restricted()
                with self.assertQueryCount(0):
                    self.assertFalse(records._is_user_restricted())
                for name in ("_read_values", "_get_unreadable", "_drop_unreadable"):
                    self.patch(type(records), name, fail)
                    self.patch(type(env[PARTNER]), name, fail)
                    self.patch(type(env[SUBSCRIPTION]), name, fail)
                if role in ("admin", "sales"):
                    record = records.create({"name": "New", "original_id": False})
                    record.write({"original_id": record.id})
                    env[SUBSCRIPTION].onchange({}, [], {"partner_id": {}})
                env[PARTNER].default_get(["parent_id", "user_id"])
