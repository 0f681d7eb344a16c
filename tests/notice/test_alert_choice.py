from contextlib import suppress

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from ..common.rpc import RpcCase
from .test_alert import AlertCase

CHOICE = "subscription.alert.choice"


@tagged("post_install", "-at_install")
class TestAlertChoice(AlertCase, RpcCase):
    """The staff of a partner chooses when its own company hears of seats."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.nora = cls._create_user("nora", "standard", cls.north)
        cls.boss = cls._create_user("boss", "admin", cls.vendor)

    def _choose(self, rhythm, user=None):
        form = Form(self.env[CHOICE].with_user(user or self.nora))
        form.rhythm = rhythm
        return form.save().action_save()

    def test_own_company(self):
        """Whatever was chosen is shown the next time, and the job goes by it."""
        self.company.seat_alert_rhythm = "never"
        form = Form(self.env[CHOICE].with_user(self.nora))
        self.assertFalse(form.rhythm)
        self.assertEqual(form.settings_text, "Never")
        self._choose("day")
        self.assertEqual(self.north.seat_alert_rhythm, "day")
        self.assertEqual(Form(self.env[CHOICE].with_user(self.nora)).rhythm, "day")
        self._use(8)
        self.assertFalse(self._alert("2026-03-15 08:00:00"))
        self._assert_sent(self._alert("2026-03-16 07:00:00"), "north@partners.test")
        self._choose(False)
        self.assertFalse(self.north.seat_alert_rhythm)

    def test_who_may(self):
        """No company but one's own: not the vendor's staff, nor an accountant."""
        partners = self.env["res.partner"]
        users = [self.boss, self._create_user("alma", "accountant", self.north)]
        for user in users:
            with self.subTest(user.login), self.assertRaises(AccessError):
                partners.with_user(user).choose_alert_rhythm("day")
        with self.assertRaises(AccessError):
            self._choose("day", self.boss)
        self.assertFalse(
            self.env["res.partner"].search([]).filtered("seat_alert_rhythm")
        )

    def test_odd_values(self):
        partners = self.env["res.partner"].with_user(self.nora)
        for rhythm in ("month", "", None, True, 1, [], ["day"], {"day": 1}, 10**30):
            with self.subTest(rhythm):
                with suppress(UserError):
                    partners.choose_alert_rhythm(rhythm)
                self.assertFalse(self.north.seat_alert_rhythm)

    def test_by_rpc(self):
        """The method is for programs as well."""
        self._create_keys({"nora": self.nora})
        self._call_json("nora", "res.partner", "choose_alert_rhythm", rhythm="week")
        self.env.invalidate_all()
        self.assertEqual(self.north.seat_alert_rhythm, "week")

    def test_menu(self):
        menu = self.env.ref("partner_managed_subscription.menu_alert_choice")
        for user, is_offered in ((self.nora, True), (self.boss, False)):
            visible = self.env["ir.ui.menu"].with_user(user)._visible_menu_ids()
            self.assertEqual(menu.id in visible, is_offered)
