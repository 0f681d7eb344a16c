from odoo.exceptions import ValidationError
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
