from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time

from ..common.notice import END, NoticeCase


class TestNoticeSnooze(NoticeCase):
    def _open_wizard(self, subscriptions):
        context = {"default_subscription_ids": subscriptions.ids}
        model = self.env["subscription.notice.snooze"].with_context(**context)
        return Form(model)

    def test_snooze(self):
        """Nobody hears of a snoozed subscription; when it wakes up, the notice that
        applies then goes out."""
        for left, days in (
            (90, [90]),
            (61, [90]),
            (60, [90]),
            (31, [90]),
            (20, [90]),
            (19, [90, 30]),
        ):
            if left == 61:
                with freeze_time(self._get_day(61)):
                    self.term._snooze_notices(self._get_day(19))
            self._run(self._get_day(left))
            self.assertEqual(self._get_sent_days(), days, left)

    def test_wake(self):
        """Waking up has an effect at once."""
        with freeze_time(self._get_day(61)):
            self.term._snooze_notices(self._get_day(10))
            self.assertTrue(self.term.is_notice_snoozed)
        self.assertFalse(self._run(self._get_day(60)))
        self.term.action_wake_notices()
        self.assertTrue(self._run(self._get_day(60)))

    def test_snoozed_before_it_was_sent(self):
        """What waits for an address is not sent while snoozed, but after."""
        self.north.email = False
        self._run(self._get_day(30))
        with freeze_time(self._get_day(30)):
            self.term._snooze_notices(self._get_day(20))
        self.north.email = "new@partners.test"
        self.assertFalse(self._run(self._get_day(29)))
        self._assert_sent(self._run(self._get_day(20)), "new@partners.test")

    def test_wizard(self):
        """The wizard snoozes one and many, for a while or until a day."""
        other = self._create_term_until(self.bolt, END)
        with freeze_time("2026-03-15"):
            form = self._open_wizard(self.term | other)
            self.assertEqual(form.until, date(2026, 3, 22))
            form.period = "30"
            self.assertEqual(form.until, date(2026, 4, 14))
            form.period = "other"
            form.until = date(2026, 5, 1)
            form.save().action_snooze()
            for term in self.term | other:
                self.assertEqual(term.notice_snoozed_until, date(2026, 5, 1))
            form.record.action_wake()
            self.assertFalse(other.notice_snoozed_until)

    def test_past_day(self):
        """Notices are snoozed until a day to come."""
        with freeze_time("2026-03-15"):
            for day in (date(2026, 3, 15), date(2026, 3, 14)):
                with self.assertRaisesRegex(UserError, "a day to come"):
                    self.term._snooze_notices(day)

    def test_proposed_day(self):
        """What the wizard proposes is accepted, wherever the user and the companies
        are: until another day, that is tomorrow where the day begins first."""
        for zone, tomorrow in (
            ("Pacific/Auckland", date(2026, 3, 17)),
            ("Pacific/Honolulu", date(2026, 3, 16)),
        ):
            self.company.term_tz = zone
            with self.subTest(zone=zone), freeze_time("2026-03-15 12:00:00"):
                wizards = self.env["subscription.notice.snooze"].with_context(
                    default_subscription_ids=self.term.ids, default_period="other"
                )
                form = Form(wizards)
                self.assertEqual(form.until, tomorrow)
                form.save().action_snooze()
                self.assertEqual(self.term.notice_snoozed_until, tomorrow)

    def test_odd_periods(self):
        """Odoo refuses a period that there is not."""
        wizards = self.env["subscription.notice.snooze"]
        for period in ("x", 5):
            with self.subTest(period=period):
                with self.assertRaisesRegex(ValueError, "Wrong value"):
                    wizards.create({"period": period})

    def test_staff(self):
        """The partner's staff snoozes its own clients, and no others."""
        north = self._create_user("nora", "standard", self.north)
        other = self._create_term_until(self.bolt, END)
        with freeze_time("2026-03-15"):
            action = self.term.with_user(north).action_snooze_notices()
            wizards = self.env[action["res_model"]].with_user(north)
            wizards = wizards.with_context(**action["context"])
            wizards.create({}).action_snooze()
            self.assertTrue(self.term.with_user(north).notice_snoozed_until)
            for until in (date(2026, 5, 1), False):
                with self.assertRaises(AccessError):
                    other.with_user(north)._snooze_notices(until)
            with self.assertRaises(AccessError):
                wizards.create({"subscription_ids": [Command.set(other.ids)]})


class TestNoticeSnoozeSides(NoticeCase):
    """Coral's term is told to North, its reseller Reef, and Coral's administrator Cora;
    Nora is of North, Rita of Reef, Vera of the vendor."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.renewal_notice_clients = True
        cls.term.active = False
        cls.term = cls._create_term_until(cls.coral, END)
        cls._create_admin("Cora", cls.coral)
        cls.addresses = {
            "nora": cls.north.email,
            "rita": cls.reef.email,
            "cora": "cora@clients.test",
        }
        cls.nora = cls._create_user("nora", "standard", cls.north)
        cls.rita = cls._create_user("rita", "standard", cls.reef)
        cls.vera = cls._create_user("vera", "admin", cls.vendor)

    def _snooze(self, user, left=10, day=61):
        """Let ``user`` snooze until so many days are left."""
        with freeze_time(self._get_day(day)):
            self.term.with_user(user)._snooze_notices(left and self._get_day(left))

    def _get_texts(self, user):
        """Return who is said to get no notices to ``user``, and the banner's day."""
        with freeze_time(self._get_day(60)):
            self.env.invalidate_all()
            term = self.term.with_user(user)
            return term.snooze_text.split("\n"), term.notice_snoozed_until

    def test_its_own_side(self):
        """A snooze silences the company of who snoozed, and no other; the vendor's
        silences everybody."""
        for users, told in (
            ("", ["nora", "rita", "cora"]),
            ("rita", ["nora", "cora"]),
            ("nora", ["rita", "cora"]),
            ("nora rita", ["cora"]),
            ("vera", []),
            ("vera rita", []),
        ):
            with self.subTest(users=users):
                self.env["subscription.snooze"].search([]).unlink()
                self.notices.search([]).unlink()
                for login in users.split():
                    self._snooze(getattr(self, login))
                mails = self._run(self._get_day(60))
                self._assert_sent(mails, *(self.addresses[name] for name in told))

    def test_waking(self):
        """Each wakes what it snoozed itself, and the others sleep on."""
        for user in (self.nora, self.rita, self.vera):
            self._snooze(user)
        self._snooze(self.rita, False)
        self.assertFalse(self._run(self._get_day(60)))
        self._snooze(self.vera, False)
        mails = self._run(self._get_day(60))
        self._assert_sent(mails, self.reef.email, self.addresses["cora"])
        self._snooze(self.nora, False)
        self._assert_sent(self._run(self._get_day(60)), self.north.email)

    def test_until_its_day(self):
        """Each side wakes up on its own day."""
        self._snooze(self.nora, 20)
        self._snooze(self.rita, 10)
        for left, addresses in (
            (21, ["cora@clients.test"]),
            (20, [self.north.email]),
            (11, []),
            (10, [self.reef.email]),
        ):
            with self.subTest(left=left):
                self._assert_sent(self._run(self._get_day(left)), *addresses)

    def test_snoozed_before_it_was_sent(self):
        """What waits is taken out for the side that snoozed meanwhile only."""
        self.company.renewal_notice_clients = False
        staff = (self.nora | self.rita).partner_id
        (self.north | self.reef | staff).email = False
        self._run(self._get_day(30))
        self._snooze(self.rita, day=30)
        for partner in (self.north, self.reef):
            partner.email = f"{partner.name.lower()}@new.test"
        self._assert_sent(self._run(self._get_day(29)), "north@new.test")

    def test_who_snoozed_until_when(self):
        """The form tells everybody what silences it, or those below it."""
        self._snooze(self.nora, 20)
        self._snooze(self.rita, 10)
        said = "%s gets no notices about renewals and seats until %s (%s)."
        north = said % ("North", "12/11/2026", self.nora.name)
        reef = said % ("Reef", "12/21/2026", self.rita.name)
        self.assertEqual(
            self._get_texts(self.nora), ([north, reef], date(2026, 12, 11))
        )
        self.assertEqual(self._get_texts(self.rita), ([reef], date(2026, 12, 21)))
        self.assertEqual(self._get_texts(self.vera), ([north, reef], False))
        self._snooze(self.vera, 30)
        self._snooze(self.vera, 5)
        nobody = "Nobody gets notices about renewals and seats until 12/26/2026"
        self.assertIn(nobody, self._get_texts(self.vera)[0][2])
        self.assertEqual(self._get_texts(self.vera)[1], date(2026, 12, 26))
        self.assertIn(nobody, self._get_texts(self.rita)[0][1])
        with freeze_time(self._get_day(10)):
            self.env.invalidate_all()
            self.assertFalse(self.term.with_user(self.rita).is_notice_snoozed)
            self.assertNotIn("Reef", self.term.with_user(self.nora).snooze_text)

    def test_what_the_wizard_says(self):
        for user, words in (
            (self.rita, "Your company is told nothing"),
            (self.vera, "Nobody is told"),
        ):
            wizards = self.env["subscription.notice.snooze"].with_user(user)
            arch = wizards.get_view(view_type="form")["arch"]
            for text in ("Your company is told nothing", "Nobody is told"):
                with self.subTest(user=user.login, text=text):
                    self.assertEqual(text in arch, text == words)

    def test_nobody_writes_it(self):
        """Neither the day nor who is silenced can be set past the wizard."""
        self._snooze(self.nora)
        for user in (self.rita, self.vera):
            snoozes = self.env["subscription.snooze"].with_user(user)
            with self.assertRaises(AccessError):
                snoozes.create(
                    {
                        "subscription_id": self.term.id,
                        "addressee_id": self.north.id,
                        "until": self._get_day(1),
                    }
                )
            with self.assertRaises(AccessError):
                self.term.with_user(user).write({"snooze_ids": [Command.clear()]})
            with freeze_time(self._get_day(60)):
                self.term.with_user(user).notice_snoozed_until = self._get_day(1)
        self.assertEqual(self.term.snooze_ids.until, self._get_day(10))

    def test_many(self):
        """The snoozes of many subscriptions are read at once."""
        terms = self.term
        for number in range(9):
            client = self._create_client(f"Client {number}", self.reef)
            terms |= self._create_term_until(client, END)
        with freeze_time(self._get_day(61)):
            terms.with_user(self.rita)._snooze_notices(self._get_day(10))
            counts = []
            for some in (terms[:2], terms):
                self.env.invalidate_all()
                some = some.with_user(self.nora)
                before = self.cr.sql_log_count
                self.assertTrue(all(some.mapped("snooze_text")))
                counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])
