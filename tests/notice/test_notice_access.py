from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, freeze_time

from ..common.notice import END, NoticeCase


class TestNoticeAccess(NoticeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_term_until(cls.bolt, END)
        cls._create_term_until(cls.coral, END)
        cls.company.renewal_notice_clients = True
        for client in (cls.acme, cls.bolt, cls.coral):
            client.email = f"{client.name.lower()}@clients.test"
        cls.users = {
            name: cls._create_user(name, "standard", getattr(cls, name))
            for name in ("north", "south", "reef")
        }

    def _get_visible(self, name):
        """Return the recipients of the notices that the staff of a partner sees."""
        notices = self.notices.with_user(self.users[name])
        return set(notices.search([]).sudo().partner_id.mapped("name"))

    def test_who_sees_what(self):
        """A partner sees what its companies and clients were told, no competitor's."""
        self._run(self._get_day(30))
        self.assertEqual(self._get_visible("north"), {"North", "Reef", "Acme", "Coral"})
        self.assertEqual(self._get_visible("south"), {"South", "Bolt"})
        self.assertEqual(self._get_visible("reef"), {"Reef", "Coral"})

    def test_lines(self):
        """Lines show own clients, and none that have gone to another partner."""
        self._run(self._get_day(30))
        lines = self.lines.with_user(self.users["north"])
        self.assertEqual(lines.search([]).client_id, self.acme | self.coral)
        self.acme.managing_partner_id = self.south
        self.env.invalidate_all()
        self.assertEqual(lines.search([]).client_id, self.coral)
        lines = self.lines.with_user(self.users["south"])
        self.assertEqual(lines.search([]).client_id, self.acme | self.bolt)
        self.assertNotIn(self.north, lines.search([]).sudo().partner_id)

    def test_nobody_writes(self):
        """Notices are made by the program alone."""
        self._run(self._get_day(30))
        admin = self._create_user("boss", "admin", self.vendor)
        for user in (*self.users.values(), admin):
            for records in (self.notices, self.lines):
                record = records.with_user(user).search([], limit=1)
                self.assertTrue(record)
                for operation in ("create", "write", "unlink"):
                    self.assertFalse(record.has_access(operation))

    def test_accountant(self):
        """Accountants have nothing to do with notices."""
        user = self._create_user("carl", "accountant", self.vendor)
        self.assertFalse(self.notices.with_user(user).has_access("read"))
        self.assertFalse(self.lines.with_user(user).has_access("read"))

    def test_what_is_listed_is_internal(self):
        """What a message lists goes past the rules, and so is nobody's to read."""
        self._run(self._get_day(30))
        notice = self.notices.with_user(self.users["north"]).search([], limit=1)
        self.assertTrue(notice.read(["state"]))
        for name in ("listed_line_ids", "listed_count"):
            with self.assertRaises(AccessError):
                notice.read([name])

    def test_send_again(self):
        """Staff sends again what failed for its own clients, not for others."""
        self.bolt.email = False
        self.acme.email = False
        self._run(self._get_day(30))
        failed = self.notices.search([("state", "=", "failed")])
        self.assertEqual(failed.partner_id, self.acme | self.bolt)
        self.acme.email = self.bolt.email = "new@clients.test"
        own = failed.filtered(lambda notice: notice.partner_id == self.acme)
        with freeze_time(self._get_day(30)):
            own.with_user(self.users["north"]).action_send_again()
            with self.assertRaises(AccessError):
                (failed - own).with_user(self.users["north"]).action_send_again()
        self.assertEqual(own.state, "sent")
        self.assertEqual((failed - own).state, "failed")

    def test_screens(self):
        """Lists and forms open for the staff."""
        self._run(self._get_day(30))
        user = self.users["north"]
        notices = self.notices.with_user(user).search([])
        self.assertTrue(notices)
        for notice in notices:
            Form(notice)
            self.assertTrue(notice.display_name)
        term = self.term.with_user(user)
        Form(term)
        action = term.action_view_notices()
        found = self.notices.with_user(user).search(action["domain"])
        self.assertEqual(found.partner_id, self.north | self.acme)


class TestNoticeSettings(NoticeCase):
    def test_days_in_order(self):
        """Days are kept in order, each once."""
        for text, kept in (
            ("7,90 ,  30,7", "90, 30, 7"),
            ("0", "0"),
            ("", ""),
            (False, False),
        ):
            with self.subTest(text=text):
                self.company.renewal_notice_days = text
                self.assertEqual(self.company.renewal_notice_days, kept)

    def test_no_days(self):
        """What are no days is refused, in words."""
        for text in ("soon", "7, -1", "731"):
            with self.subTest(text=text):
                with self.assertRaisesRegex(ValidationError, "numbers from 0 to 730"):
                    self.company.renewal_notice_days = text
                with self.assertRaisesRegex(ValidationError, text):
                    self.company.create({"name": "New", "renewal_notice_days": text})

    def test_who_may_not(self):
        """Whatever is sent: who may not change the settings is told so first."""
        nora = self._create_user("nora", "standard", self.north)
        for days in (5, "soon", None, [], {}):
            with self.subTest(days=days), self.assertRaises(AccessError):
                self.company.with_user(nora).renewal_notice_days = days
            with self.subTest(days=days), self.assertRaises(AccessError):
                self.company.with_user(nora).create({"renewal_notice_days": days})

    def test_a_number(self):
        """A program may send the one day as a number."""
        self.company.renewal_notice_days = 5
        self.assertEqual(self.company.renewal_notice_days, "5")

    def test_defaults(self):
        """A new company tells its partners, and nobody else."""
        company = self.company.create({"name": "New"})
        self.assertEqual(company.renewal_notice_days, "90, 60, 30, 7, 0")
        self.assertFalse(company.renewal_notice_clients)
        self.assertFalse(company.legal_notice)
        self.assertEqual(company.legal_refusal_days, 30)

    def test_screen(self):
        """The settings have all of it."""
        with Form(self.env["res.config.settings"]) as form:
            form.renewal_notice_days = "14, 28"
            form.renewal_notice_clients = True
            form.legal_notice = True
            form.legal_refusal_days = 60
            form.term_tz = "Europe/Paris"
            form.renewal_warning_months = 2
            form.renewal_grace_days = 10
        form.record.execute()
        self.assertEqual(self.company.renewal_notice_days, "28, 14")
        self.assertEqual(self.company.legal_refusal_days, 60)
        self.assertEqual(self.company.renewal_grace_days, 10)
