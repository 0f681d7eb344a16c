"""A new client in one dialog: company, subscription, seats and administrator, all of it
or nothing."""

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, tagged

from ...exceptions import LicenceRefusal
from ..common.licence import LicenceMixin
from ..common.subscription import SubscriptionCase, create_plan, create_yearly_plan

WIZARD = "subscription.new.client"
# What a new client consists of.
MADE = (
    "res.partner",
    "sale.subscription",
    "subscription.seat.pool",
    "subscription.member",
    "subscription.seat",
    "subscription.licence.move",
    "subscription.log",
)


@freeze_time("2026-03-15")
class NewClientCase(LicenceMixin, SubscriptionCase):
    """North has 20 licences of Expenses, its reseller Reef 3. The plan *Yearly* has ten
    users and five seats of Expenses, *Monthly* is billed by the month."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, lang="en_US"))
        cls.yearly = create_yearly_plan(
            cls.env, "Yearly", {cls.base: 10, cls.expenses: 5}
        )
        product = cls.env["product.product"].create(
            {"name": "Expenses month", "type": "service", "list_price": 6}
        )
        cls.expenses.product_id = product
        cls.monthly = create_plan(
            cls.env,
            "Monthly",
            {cls.base: 10, cls.expenses: 5},
            recurring_rule_type="months",
        )
        cls._give(cls.north, 20)
        cls._give(cls.reef, 3, from_vendor=True)
        cls.users = {
            "north": cls._create_user("nora", "standard", cls.north),
            "south": cls._create_user("sven", "standard", cls.south),
            "reef": cls._create_user("rita", "standard", cls.reef),
            "vendor": cls._create_user("vera", "admin", cls.vendor),
            "clerk": cls._create_user("clara", "standard", cls.vendor),
        }

    def _open(self, user="north", **values):
        """Fill in the dialog as the screen does."""
        form = Form(self.env[WIZARD].with_user(self.users[user]))
        values = {
            "name": "Elm",
            "template_id": self.yearly,
            "administrator_name": "Eve",
            "administrator_email": "eve@elm.test",
            **values,
        }
        for name, value in values.items():
            form[name] = value
        return form

    def _set_seats(self, form, seats, module=None):
        module = module or self.expenses
        ids = [line["module_id"] for line in form.line_ids._records]
        with form.line_ids.edit(ids.index(module.id)) as line:
            line.seats = seats

    def _get_line(self, form, module=None):
        module = module or self.expenses
        (line,) = [
            line for line in form.line_ids._records if line["module_id"] == module.id
        ]
        return line

    def _create(self, form):
        """Press the button; return the subscription that opens."""
        action = form.save().action_create()
        self.assertEqual(action["res_model"], "sale.subscription")
        self.env.invalidate_all()
        return self.env["sale.subscription"].browse(action["res_id"])

    def _count_made(self):
        self.env.flush_all()
        return {
            name: self.env[name].sudo().with_context(active_test=False).search_count([])
            for name in MADE
        }

    def _check_refused(self, form, *words, error=UserError):
        """Check that it is refused with ``words``, and nothing is made."""
        wizard = form.save()
        before = self._count_made()
        # Not by `assertRaises`, which undoes what was done inside.
        try:
            wizard.action_create()
        except error as refusal:
            said = str(refusal)
        else:
            self.fail("It was not refused.")
        for word in words:
            self.assertIn(word, said)
        self.env.invalidate_all()
        self.assertEqual(self._count_made(), before)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-15")
class TestNewClient(NewClientCase):
    def test_all_of_it_is_made(self):
        form = self._open(email="hello@elm.test", vat="", company_registry="R-1")
        form.country_id = self.env.ref("base.fr")
        self._set_seats(form, 7)
        form.years = 2
        term = self._create(form)
        client = term.client_id
        self.assertRecordValues(
            client,
            [
                {
                    "name": "Elm",
                    "email": "hello@elm.test",
                    "country_id": self.env.ref("base.fr").id,
                    "company_registry": "R-1",
                    "is_company": True,
                    "managing_partner_id": self.north.id,
                }
            ],
        )
        self.assertTrue(term.in_progress)
        self.assertEqual(str(term.date_start), "2026-03-15")
        self.assertEqual(str(term.date), "2028-03-14")
        limits = {pool.module_id: pool.seat_limit for pool in term.seat_pool_ids}
        self.assertEqual(limits, {self.base: 10, self.expenses: 7})
        self.assertEqual(self._get_balance(self.north), 6)
        member = client.subscription_member_ids
        self.assertEqual((member.name, member.email), ("Eve", "eve@elm.test"))
        self.assertEqual(member.role_id, self.role_administrator)
        self.assertEqual(member.partner_id.parent_id, client)
        self.assertEqual(self._get_seated(self._get_pool(term, self.base)), member)

    def test_what_it_takes_is_shown_while_it_is_filled_in(self):
        form = self._open()
        self.assertEqual(form.managing_partner_id, self.north)
        self.assertEqual((form.years, str(form.date_end)), (1, "2027-03-14"))
        line = self._get_line(form)
        figures = {name: line[name] for name in ("seats", "licences", "stock", "left")}
        self.assertEqual(figures, {"seats": 5, "licences": 5, "stock": 20, "left": 15})
        self.assertTrue(form.takes_licences)
        self.assertFalse(form.refusal)
        form.years = 5
        line = self._get_line(form)
        self.assertEqual((line["left"], line["is_short"]), (-5, True))
        self.assertIn("5 missing", line["note"])
        for word in ("North", "20 in stock", "25 needed", "5 missing", "Vendor"):
            self.assertIn(word, form.refusal)

    def test_what_is_shown_is_what_is_taken(self):
        """Of a term that has begun as well: from today on."""
        cases = [
            ({"date_start": "2026-01-01", "years": 1}, 7),
            ({"date_start": "2026-06-01", "years": 2}, 3),
            ({"date_start": "2025-12-31", "years": 3}, 1),
            ({"managing_partner_id": self.reef, "years": 1}, 2),
        ]
        for number, (values, seats) in enumerate(cases):
            with self.subTest(values):
                form = self._open(name=f"Elm {number}", **values)
                self._set_seats(form, seats)
                line = self._get_line(form)
                self.assertFalse(form.refusal)
                manager = values.get("managing_partner_id", self.north)
                self._create(form)
                self.assertEqual(self._get_balance(manager), line["left"])
                self._give(self.north, 20)

    def test_a_short_stock_refuses_with_the_numbers(self):
        form = self._open(years=5)
        words = ("20 in stock", "25 needed", "5 missing")
        self._check_refused(form, *words, error=LicenceRefusal)

    def test_prices_are_shown(self):
        licence = self.env["product.product"].create(
            {"name": "Expenses year", "type": "service", "list_price": 72}
        )
        self.expenses.licence_product_id = licence
        self.assertIn("360", self._open().price_text)
        form = self._open(template_id=self.monthly)
        self.assertIn("30", form.price_text)
        self.assertIn("month", form.price_text)
        self.assertIn("5 x", form.period_text)
        self.assertFalse(form.takes_licences)

    def test_a_plan_without_an_end(self):
        form = self._open(template_id=self.monthly)
        self.assertFalse(form.is_yearly or form.date_end)
        term = self._create(form)
        self.assertFalse(term.date)
        self.assertTrue(term.in_progress)
        self.assertEqual(self._get_balance(self.north), 20)

    def test_a_plan_of_months_has_its_own_length(self):
        half = create_plan(
            self.env,
            "Half",
            {self.base: 2, self.expenses: 2},
            recurring_rule_type="months",
            recurring_rule_boundary="limited",
            recurring_rule_count=6,
        )
        form = self._open(template_id=half)
        self.assertFalse(form.is_yearly)
        self.assertEqual(str(form.date_end), "2026-09-14")
        self.assertEqual(str(self._create(form).date), "2026-09-14")

    def test_seats_without_limit_come_from_the_plan_alone(self):
        free = create_yearly_plan(self.env, "Free", {self.base: 5, self.expenses: None})
        form = self._open(template_id=free)
        self.assertTrue(self._get_line(form)["is_unlimited"])
        term = self._create(form)
        self.assertTrue(self._get_pool(term, self.expenses).is_unlimited)
        form = self._open(name="Fir")
        wizard = form.save()
        wizard.line_ids.is_unlimited = True
        with self.assertRaisesRegex(UserError, "only the vendor"):
            wizard.action_create()

    def test_a_contact_becomes_a_client(self):
        fir = self._create_client("Fir", self.north)
        form = self._open(source="contact", partner_id=fir)
        term = self._create(form)
        self.assertEqual(term.client_id, fir)
        self.assertEqual(fir.subscription_member_ids.name, "Eve")
        form = self._open(source="contact", partner_id=fir)
        self.assertIn("has a subscription already", form.refusal)
        self._check_refused(form, "has a subscription already")

    def test_a_contact_that_nobody_manages(self):
        form = self._open("vendor", source="contact", partner_id=self.dune)
        form.managing_partner_id = self.north
        self.assertEqual(self._get_line(form)["left"], 15)
        term = self._create(form)
        self.assertEqual(self.dune.managing_partner_id, self.north)
        self.assertEqual(term.managing_partner_id, self.north)
        self.assertEqual(self._get_balance(self.north), 15)

    def test_contacts_that_cannot_be_clients(self):
        person = self._create_contact("Ann", self.acme)
        for contact, word in [
            (person, "belongs to no other"),
            (self.reef, "manages no clients"),
            (self.acme, "has a subscription already"),
        ]:
            with self.subTest(contact.name):
                form = self._open("vendor", source="contact", partner_id=contact)
                form.managing_partner_id = self.north
                self.assertIn(word, form.refusal)
                self._check_refused(form, word)

    def test_what_cannot_be_is_said_before(self):
        base = self.base
        for values, seats, word in [
            ({"years": 51}, {}, "1 to 50"),
            ({"years": -1}, {}, "1 to 50"),
            ({"date_start": "2024-01-01"}, {}, "ended on"),
            ({"date_start": "8999-01-01", "years": 3}, {}, "12/31/9000"),
            ({}, {self.expenses: -1}, "choose 0 to"),
            ({}, {self.expenses: 1_000_001}, "choose 0 to"),
            ({}, {base: 0}, "administrator needs a seat"),
            ({"administrator_email": "eve"}, {}, "“eve”"),
            ({"email": "a@b.test, c@d.test"}, {}, "is no e-mail address"),
        ]:
            with self.subTest(word, **values):
                form = self._open(**values)
                for module, number in seats.items():
                    self._set_seats(form, number, module)
                self.assertIn(word, form.refusal)
                self._check_refused(form, word)

    def test_nothing_is_refused_that_is_still_to_be_entered(self):
        form = Form(self.env[WIZARD].with_user(self.users["vendor"]))
        self.assertFalse(form.refusal)
        empty = self.env[WIZARD].with_user(self.users["vendor"]).create({})
        with self.assertRaises(UserError) as refusal:
            empty.action_create()
        for word in (
            "name of the company",
            "managing partner",
            "plan",
            "administrator",
        ):
            self.assertIn(word, str(refusal.exception))

    def test_a_second_press_makes_nothing_twice(self):
        wizard = self._open().save()
        first = wizard.action_create()
        made = self._count_made()
        self.assertEqual(wizard.action_create()["res_id"], first["res_id"])
        self.assertEqual(self._count_made(), made)

    def test_a_late_refusal_leaves_nothing(self):
        """The administrator comes last: what was made before goes as well."""
        fir = self._create_client("Fir", self.north)
        self._create_member("Zoe", fir, email="eve@elm.test")
        form = self._open(source="contact", partner_id=fir)
        self._check_refused(form, "eve@elm.test")
        self.assertFalse(fir.subscription_ids)

    def test_it_is_in_the_audit_trail(self):
        term = self._create(self._open())
        events = self.env["subscription.log"].search(
            [("client_id", "=", term.client_id.id)]
        )
        self.assertEqual(events.user_id, self.users["north"])
        self.assertLessEqual({"limit", "added"}, set(events.mapped("event")))


@tagged("post_install", "-at_install")
@freeze_time("2026-03-15")
class TestNewClientAccess(NewClientCase):
    def test_each_for_its_own(self):
        """Who may make clients of whom, out of whose stock."""
        for user, manager in [
            ("north", self.north),
            ("north", self.reef),
            ("reef", self.reef),
            ("vendor", self.south),
        ]:
            with self.subTest(user=user, manager=manager.name):
                self._give(manager, 2, from_vendor=True)
                form = self._open(user, name=f"{user} {manager.name}")
                form.managing_partner_id = manager
                self._set_seats(form, 1)
                before = self._get_balance(manager)
                term = self._create(form)
                self.assertEqual(term.managing_partner_id, manager)
                self.assertEqual(self._get_balance(manager), before - 1)

    def test_nobody_for_others(self):
        """Neither a foreign partner, nor one above, nor a foreign contact: the same
        refusal as for what does not exist."""
        hidden = self.env["sale.subscription.template"].create(
            {
                "name": "Elsewhere",
                "company_id": self.env["res.company"].create({"name": "Other"}).id,
            }
        )
        fir = self._create_client("Fir", self.south)
        values = {
            "name": "Elm",
            "template_id": self.yearly.id,
            "administrator_name": "Eve",
            "administrator_email": "eve@elm.test",
        }
        for user, foreign in [
            ("north", {"managing_partner_id": self.south.id}),
            ("south", {"managing_partner_id": self.reef.id}),
            ("reef", {"managing_partner_id": self.north.id}),
            ("north", {"source": "contact", "partner_id": fir.id}),
            ("north", {"source": "contact", "partner_id": self.dune.id}),
            ("reef", {"source": "contact", "partner_id": self.acme.id}),
            ("north", {"template_id": hidden.id}),
        ]:
            with self.subTest(user=user, **foreign):
                wizards = self.env[WIZARD].with_user(self.users[user])
                before = self._count_made()
                with self.assertRaises(AccessError) as refusal:
                    wizards.create({**values, **foreign}).action_create()
                for name in ("South", "Fir", "Dune", "Elsewhere"):
                    self.assertNotIn(name, str(refusal.exception))
                self.assertEqual(self._count_made(), before)

    def test_the_model_refuses_as_well(self):
        """Whatever calls it."""
        wizard = self._open().save()
        partners = self.env["res.partner"].with_user(self.users["north"])
        request = wizard._get_request()
        fir = self._create_client("Fir", self.south)
        for foreign, word in (
            ({"manager": self.south}, "Ask South to do it"),
            ({"manager": self.acme}, "manages no clients"),
            ({"contact": fir}, "another managing partner"),
        ):
            with self.subTest(word), self.assertRaisesRegex(UserError, word):
                partners._create_client(request._replace(**foreign))

    def test_a_wizard_is_its_users_own(self):
        wizard = self._open().save()
        foreign = wizard.with_user(self.users["south"])
        for act in (foreign.action_create, lambda: foreign.read(["name"])):
            with self.assertRaises(AccessError):
                act()

    def test_fields_names_of_others_do_not_show(self):
        """A reseller is not told what the partner above it has in stock."""
        form = self._open("reef")
        self.assertEqual(form.managing_partner_id, self.reef)
        self.assertEqual(self._get_line(form)["stock"], 3)
        self.assertIn("2 missing", form.refusal)
        self.assertNotIn("20", form.refusal.replace("+44 20 7946", ""))

    def test_plans_of_one_company(self):
        day = fields.Date.to_date("2026-03-15")
        self.assertEqual(self.yearly._get_first_years(day), 1)
        self.assertEqual(self.monthly._get_first_years(day), 0)
        other = self.env["res.company"].create({"name": "Other"})
        plan = create_yearly_plan(
            self.env, "Theirs", {self.base: 1}, company_id=other.id
        )
        form = self._open("vendor", managing_partner_id=self.north)
        request = form.save()._get_request()._replace(plan=plan)
        with self.assertRaisesRegex(UserError, "another company"):
            self.env["res.partner"]._create_client(request)
