from odoo.tests import tagged

from ..common.portal import ClientPageCase


@tagged("post_install", "-at_install")
class TestPortalAlert(ClientPageCase):
    """A client's administrator chooses when it is e-mailed that seats run out."""

    def test_choose(self):
        self._log_in(self.ada)
        self.env.company.seat_alert_rhythm = "week"
        page = self._open()
        self.assertIn('for="o_alert_rhythm"', page)
        self.assertIn("As the vendor has set it: Once a week", page)
        for rhythm in ("day", "never", ""):
            response = self._send("/alerts", rhythm=rhythm)
            self.assertURLEqual(response.headers["Location"], self._get_url())
            self.assertEqual(self.acme.seat_alert_rhythm or "", rhythm)
            self.assertIn("Saved.", self._open())
        self._send("/alerts", rhythm="day")
        self.assertIn('value="day" selected="selected"', self._open())

    def test_odd_values(self):
        self._log_in(self.ada)
        for rhythm in ("month", "1", "\0", "x" * 1000, "None"):
            self._send("/alerts", rhythm=rhythm)
            self.assertFalse(self.acme.seat_alert_rhythm)
            self.assertIn("Choose when you are e-mailed", self._open())

    def test_others(self):
        for user in self._create_others().values():
            self._log_in(user)
            response = self._send("/alerts", rhythm="never")
            self.assertEqual(response.status_code, 404, user.login)
        self.authenticate(None, None)
        self.assertNotEqual(self._send("/alerts", rhythm="never").status_code, 200)
        self.assertFalse((self.acme | self.bolt).filtered("seat_alert_rhythm"))

    def test_without_a_token(self):
        self._log_in(self.ada)
        response = self._post(self._get_url("/alerts"), csrf=False, rhythm="never")
        self.assertEqual(response.status_code, 400)
        self.assertFalse(self.acme.seat_alert_rhythm)
