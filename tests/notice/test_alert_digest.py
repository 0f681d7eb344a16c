from .test_alert import AlertCase


class TestAlertDigest(AlertCase):
    """Who has chosen so is told once a day or a week. 15 March 2026 is a Sunday."""

    def test_once_a_day(self):
        self.company.seat_alert_rhythm = "day"
        self._use(8)
        self.assertFalse(self._alert("2026-03-15 08:00:00"))
        self._use(10)
        self.assertFalse(self._alert("2026-03-15 22:00:00"))
        self.assertFalse(self._alert("2026-03-16 05:59:00"))
        mails = self._alert("2026-03-16 06:00:00")
        self._assert_told(mails)
        self.assertIn("10 of 10", mails[0].subject)
        self.assertFalse(self._alert("2026-03-17 06:00:00"))

    def test_once_a_week(self):
        self.company.seat_alert_rhythm = "week"
        self._use(8)
        self.assertFalse(self._alert("2026-03-16 08:00:00"))
        self.assertFalse(self._alert("2026-03-22 23:00:00"))
        self._assert_told(self._alert("2026-03-23 06:00:00"))

    def test_in_the_time_zone_of_the_company(self):
        self.company.write({"seat_alert_rhythm": "day", "term_tz": "Asia/Tokyo"})
        self._use(8)
        # The 16th has begun in Tokyo.
        self.assertFalse(self._alert("2026-03-15 16:00:00"))
        self.assertFalse(self._alert("2026-03-16 20:59:00"))
        self._assert_told(self._alert("2026-03-16 21:00:00"))

    def test_each_company_chooses(self):
        self.north.seat_alert_rhythm = "day"
        self._use(8)
        clients = ("ada@clients.test", "eve@clients.test")
        self._assert_sent(self._alert(), *clients)
        self._assert_sent(self._alert("2026-03-16 07:00:00"), "north@partners.test")

    def test_never(self):
        self.echo.seat_alert_rhythm = "never"
        self._use(8)
        self._assert_sent(self._alert(), "north@partners.test")
        self.company.seat_alert_rhythm = "never"
        self._use(10)
        self.assertFalse(self._alert())
        self.company.seat_alert_rhythm = "now"
        self.assertFalse(self._alert())

    def test_what_fell_below_is_left_out(self):
        self.company.seat_alert_rhythm = "day"
        self._use(8)
        self._alert()
        self._use(5)
        self.assertFalse(self._alert("2026-03-16 07:00:00"))

    def test_the_other_job_does_not_send_it_early(self):
        self.company.seat_alert_rhythm = "week"
        self._use(8)
        self._alert("2026-03-16 04:00:00")
        mails = self._run("2026-03-17 05:00:00")
        self.assertFalse(mails.filtered(lambda mail: "Expenses" in mail.subject))
