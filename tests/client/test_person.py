"""A client who is a person is offered where a company is."""

from odoo.tests import Form, new_test_user, tagged
from odoo.tools.safe_eval import safe_eval

from ..common.subscription import ADDON, SubscriptionCase
from ..common.view import ViewMixin


@tagged("post_install", "-at_install")
class TestPerson(ViewMixin, SubscriptionCase):
    """Paula is a client of North's; Dana is one of the vendor itself."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {"standard": cls._create_user("nora", "standard", cls.north)}
        partners = cls.env["res.partner"]
        cls.paula = partners.create(
            {"name": "Paula", "managing_partner_id": cls.north.id}
        )
        cls.dana = partners.create({"name": "Dana"})
        cls._create_subscription(cls.dana, cls.plan)
        cls.contact = cls._create_contact("Ann", cls.acme)
        cls.stranger = new_test_user(cls.env, "igor").partner_id

    def test_members_and_teams_propose_who_is_a_client(self):
        for model in ("subscription.member", "subscription.team"):
            arch = self._get_arch(
                model, "form", "standard", f"{model.replace('.', '_')}_view_form"
            )
            [node] = arch.xpath("//field[@name='client_id']")
            domain = safe_eval(node.get("domain"))
            proposed = self.env["res.partner"].search(domain)
            with self.subTest(model=model):
                self.assertLessEqual(self.paula | self.dana | self.acme, proposed)
                self.assertFalse(proposed & (self.contact | self.stranger))

    def test_the_tab_shows_for_whoever_can_be_a_client(self):
        arch = self._get_arch("res.partner", "form", "standard")
        [page] = arch.xpath("//page[@name='partner_management']")
        for partner, shown in [
            (self.acme, True),
            (self.paula, True),
            (self.contact, False),
        ]:
            values = {
                "parent_id": partner.parent_id.id,
                "is_company": partner.is_company,
            }
            with self.subTest(partner=partner.name):
                hidden = safe_eval(page.get("invisible"), values)
                self.assertEqual(not hidden, shown)

    def test_a_person_has_members_and_teams(self):
        user = self.users["standard"]
        form = Form(self.env["subscription.member"].with_user(user))
        form.client_id = self.paula
        form.name = "Pat"
        member = form.save()
        self.assertEqual(member.partner_id.parent_id, self.paula)
        form = Form(self.env["subscription.team"].with_user(user))
        form.client_id = self.paula
        form.name = "Home"
        self.assertEqual(form.save().client_id, self.paula)

    def test_a_new_person_is_made_a_client_on_the_screen(self):
        user = self.users["standard"]
        partners = self.env["res.partner"].with_user(user)
        action = self.env.ref(f"{ADDON}.res_partner_client_action")
        form = Form(partners.with_context(**safe_eval(action.context)))
        form.company_type = "person"
        form.name = "Petra"
        self.assertEqual(form.managing_partner_id, self.north)
        self.assertFalse(form.save().is_company)
