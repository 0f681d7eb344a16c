from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.service.model import call_kw
from odoo.tests import tagged

from ..common.licence import LicenceMixin
from ..common.subscription import SubscriptionCase, create_company

PARTNER = "res.partner"


@tagged("post_install", "-at_install")
class TestManagingPartner(LicenceMixin, SubscriptionCase):
    """Clients are managed by companies that say so, as long as they have any."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        partners = cls.env[PARTNER]
        cls.other = create_company(cls.env, "Other")
        cls.person = partners.create({"name": "Paula"})
        cls.contact = partners.create({"name": "Nina", "parent_id": cls.north.id})
        cls.nobody = (cls.other, cls.person, cls.contact)

    def _import(self, **values):
        """Import one contact, as a file would."""
        names, row = zip(*values.items(), strict=True)
        return self.env[PARTNER].load(list(names), [list(row)])

    def test_who_manages_nobody_manages_no_client(self):
        for manager in self.nobody:
            doors = {
                "create": lambda manager=manager: create_company(
                    self.env, "New", managing_partner_id=manager.id
                ),
                "write": lambda manager=manager: self.dune.write(
                    {"managing_partner_id": manager.id}
                ),
            }
            for door, call in doors.items():
                with self.subTest(manager=manager.name, door=door):
                    with self.assertRaisesRegex(ValidationError, "Manages Clients"):
                        call()
            with self.subTest(manager=manager.name, door="import"):
                answer = self._import(
                    name="New",
                    is_company="1",
                    **{"managing_partner_id/.id": str(manager.id)},
                )
                self.assertFalse(answer["ids"])
                self.assertIn("Manages Clients", answer["messages"][0]["message"])

    def test_who_manages_is_a_company_of_its_own(self):
        for partner in (self.person, self.contact):
            with self.subTest(partner=partner.name):
                with self.assertRaisesRegex(ValidationError, "no company of its own"):
                    partner.is_managing_partner = True
        with self.assertRaisesRegex(ValidationError, "no company of its own"):
            self.reef.is_company = False
        with self.assertRaisesRegex(ValidationError, "no company of its own"):
            self.env[PARTNER].create({"name": "Paul", "is_managing_partner": True})

    def test_who_has_clients_goes_on_managing_them(self):
        with self.assertRaisesRegex(ValidationError, "Coral"):
            self.reef.is_managing_partner = False
        self.coral.active = False
        with self.assertRaisesRegex(ValidationError, "Coral"):
            self.reef.is_managing_partner = False
        self.coral.managing_partner_id = self.north
        self.reef.is_managing_partner = False
        self.assertFalse(self.reef.is_managing_partner)

    def test_who_has_licences_goes_on_managing_clients(self):
        self._give(self.reef, 3, from_vendor=True)
        self.coral.managing_partner_id = self.north
        with self.assertRaisesRegex(ValidationError, "Expenses in stock"):
            self.reef.is_managing_partner = False
        self._take_back(self.reef, 3, to_vendor=True)
        self.reef.is_managing_partner = False
        self.assertFalse(self.reef.is_managing_partner)

    def test_the_staff_of_a_partner_manages_its_reseller_no_other_way(self):
        staff = self._create_user("nora", "standard", self.north)
        for values in ({"is_managing_partner": False}, {"is_company": False}):
            with self.subTest(**values), self.assertRaises(ValidationError):
                self.reef.with_user(staff).write(values)

    def test_who_has_staff_goes_on_managing_clients(self):
        """Its users would see nothing any more; whatever the way in."""
        self.coral.managing_partner_id = self.north
        rita = self._create_user("rita", "standard", self.reef)
        for door, call in self._get_ways_to_write("is_managing_partner", False).items():
            with self.subTest(door=door):
                refusal = self.assertRaisesRegex(ValidationError, "rita")
                with refusal, self.cr.savepoint():
                    call()
        self.assertTrue(self.reef.is_managing_partner)
        rita.active = False
        self.reef.is_managing_partner = False
        self.assertFalse(self.reef.is_managing_partner)
        # Who never managed clients is asked nothing.
        self.vendor.write({"is_managing_partner": False})

    def _get_ways_to_write(self, name, value):
        """Return ``{door: call}`` that write a value on the reseller."""
        admin = self.reef.with_user(self.env.ref("base.user_admin"))

        def load():
            answer = admin.load([".id", name], [[str(admin.id), str(int(value))]])
            if not answer["ids"]:
                raise ValidationError(answer["messages"][0]["message"])

        return {
            "write": lambda: admin.write({name: value}),
            "web_save": lambda: admin.web_save({name: value}, {}),
            "import": load,
            "rpc": lambda: call_kw(admin, "write", [admin.ids, {name: value}], {}),
            "on its client": lambda: (
                self.env[PARTNER]
                .with_user(admin.env.user)
                .create(
                    {
                        "name": "New",
                        "is_company": True,
                        "child_ids": [Command.update(admin.id, {name: value})],
                    }
                )
            ),
        }

    def test_merge_keeps_the_manager(self):
        """Who takes over the staff or the clients of a company manages clients."""
        self._create_user("rita", "standard", self.reef)
        merge = self.env["base.partner.merge.automatic.wizard"]
        merge._merge((self.reef | self.other).ids, self.other)
        self.assertTrue(self.other.is_managing_partner)
        self.assertEqual(self.coral.managing_partner_id, self.other)

    def test_merge_into_somebody_who_may_not_manage(self):
        merge = self.env["base.partner.merge.automatic.wizard"]
        with self.assertRaisesRegex(ValidationError, "no company of its own"):
            merge._merge((self.reef | self.person).ids, self.person)

    def test_values_in_any_form(self):
        """An id as a text, as programs send it, is what it stands for."""
        staff = self._create_user("nora", "standard", self.north)
        coral = self.coral.with_user(staff)
        for cast in (str, lambda id_: f" {id_}", lambda id_: [id_, "Name"]):
            value = cast(self.reef.id)
            with self.subTest(value=value):
                self.coral.managing_partner_id = self.north
                coral.write({"managing_partner_id": value})
                self.assertEqual(self.coral.managing_partner_id, self.reef)
                contact = coral.create({"name": "New", "parent_id": cast(coral.id)})
                self.assertEqual(contact.parent_id, self.coral)
            for values in (
                {"managing_partner_id": cast(self.south.id)},
                {"parent_id": cast(self.bolt.id)},
            ):
                with self.subTest(values=values):
                    with self.assertRaises(AccessError):
                        coral.write(values)
                    with self.assertRaises(AccessError):
                        coral.create({"name": "New", **values})
        with self.assertRaisesRegex(UserError, "which record"):
            coral.write({"managing_partner_id": "0x10"})
