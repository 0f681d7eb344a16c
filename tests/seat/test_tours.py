"""The screens in a real browser: the wizards from end to end, and the gauge."""

import re
from datetime import datetime
from pathlib import Path

from odoo.tests import HttpCase, tagged

from odoo.addons.web.tests.test_js import unit_test_error_checker

from ..common.subscription import ADDON, SubscriptionCase
from ..common.tour import TourCase

UNIT_TESTS = Path(__file__).parents[2] / "static" / "tests"


@tagged("post_install", "-at_install")
class TestUnits(HttpCase):
    def test_javascript_units(self):
        """Run the JavaScript tests of this module, all that there are."""
        sources = [path.read_text("utf-8") for path in UNIT_TESTS.glob("*.test.js")]
        count = len(re.findall(r"^\s*test\(", "\n".join(sources), re.MULTILINE))
        self.assertTrue(count)
        with self.assertLogs(self._logger.getChild("browser"), "INFO") as logs:
            # The first test fetches all that the others need, and may not take longer.
            options = f"preset=desktop&timeout=60000&filter={ADDON}"
            try:
                self.browser_js(
                    f"/web/tests?headless&loglevel=2&{options}",
                    "",
                    login="admin",
                    timeout=300,
                    success_signal="[HOOT] Test suite succeeded",
                    error_checker=unit_test_error_checker,
                )
            except AssertionError as error:
                # Which test failed stands in the log alone.
                self.fail("\n".join([*logs.output, str(error)]))
        self.assertIn(f"Passed {count} tests", "\n".join(logs.output))


@tagged("post_install", "-at_install")
class TestTours(SubscriptionCase, TourCase):
    """Acme has three users, Ann, Bob and Cid, and two seats of Expenses."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = cls._create_user("nora", "standard", cls.north)
        cls.ann, cls.bob, cls.cid = map(cls._create_member, ("Ann", "Bob", "Cid"))

    def _tour(self, name, path=None):
        """Run a tour as a user of the managing partner, on Acme's subscription."""
        path = path or f"managed-subscriptions/{self.subscription.id}"
        self.start_tour(f"/odoo/{path}", name, login=self.user.login)
        self.env.invalidate_all()

    def _get_holders(self):
        return self.expenses_pool.seat_ids.member_id

    def test_add_users_until_the_pool_is_full(self):
        self._tour("subscription_add_users")
        self.assertEqual(self._get_holders(), self.ann | self.bob)

    def test_add_as_many_users_as_fit(self):
        self._tour("subscription_add_users_allow_partial")
        self.assertEqual(self._get_holders(), self.ann | self.bob)

    def test_remove_access_and_add_again(self):
        self._grant(self.expenses_pool, self.ann | self.bob)
        self._tour("subscription_remove_access")
        self.assertEqual(self._get_holders(), self.bob)

    def test_raise_a_limit_and_add_a_module_from_the_cards(self):
        self._grant(self.expenses_pool, self.ann | self.bob)
        self._tour("subscription_change_contract")
        self.assertEqual(self.expenses_pool.seat_limit, 5)
        pool = self._get_pool(self.subscription, self.time)
        self.assertEqual(pool.seat_limit, 4)

    def test_remove_inactive_members(self):
        self.env["subscription.team"].create(
            {"name": "Field", "client_id": self.acme.id, "member_ids": self.ann.ids}
        )
        self._tour("subscription_remove_inactive")
        members = self.ann | self.bob | self.cid
        self.assertEqual(members.filtered("active"), self.ann | self.cid)

    def test_seats_in_use_on_a_date(self):
        seats = self._grant(self.expenses_pool, self.ann | self.bob)
        self.env.cr.execute(
            "UPDATE subscription_seat SET granted_at = %s WHERE id = %s",
            [
                datetime(2020, 6, 1),
                seats.filtered(lambda seat: seat.member_id == self.ann).id,
            ],
        )
        seats.invalidate_recordset()
        self._tour("subscription_seats_on_a_date", "seat-usage")
