from odoo.tests import freeze_time

from .common import ADDON, SubscriptionCase, create_plan


@freeze_time("2026-03-15")
class TestRenewal(SubscriptionCase):
    """Acme's year is 2026, with five seats of Expenses from the stock of North."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.yearly = create_plan(
            cls.env,
            "Yearly",
            {cls.base: 10, cls.expenses: 5},
            recurring_rule_type="years",
            recurring_rule_boundary="limited",
        )
        cls.renewals = cls.env["subscription.renewal"]
        accounts = cls.env["subscription.licence.account"]
        accounts._give(cls.north, {cls.expenses: 20}, cls.env.company)
        cls.account = accounts.search([("partner_id", "=", cls.north.id)])
        cls.term = cls._create_subscription(
            cls.acme, cls.yearly, date_start="2026-01-01"
        )

    def _renew(self, years=1, choice="same", **numbers):
        request = {
            "date_start": self.term._get_next_start(),
            "years": years,
            "seats": self.term._get_next_seats(choice, numbers),
        }
        return self.renewals._schedule({self.term: request})[0]

    def test_a_renewal_is_scheduled_and_starts_by_itself(self):
        self.assertEqual(self.account.balance, 16)
        renewal = self._renew(years=2)
        self.assertEqual(self.account.balance, 6)
        self.assertEqual(self.term.renewal_state, "renewed")
        self.assertEqual(str(self.term.date), "2026-12-31")
        cron = self.env.ref(f"{ADDON}.ir_cron_renewal_apply")
        for day, state, end in [
            ("2026-12-31", "scheduled", "2026-12-31"),
            ("2027-01-01", "applied", "2028-12-31"),
            ("2027-01-02", "applied", "2028-12-31"),
        ]:
            with self.subTest(day=day), freeze_time(day):
                with self.enter_registry_test_mode():
                    cron.method_direct_trigger()
                self.term.invalidate_recordset()
                self.assertEqual(renewal.state, state)
                self.assertEqual(str(self.term.date), end)
        self.assertEqual(str(self.term.date_start), "2026-01-01")
        self.assertEqual(str(self.term.term_start), "2027-01-01")

    def test_the_text_tells_how_the_next_term_differs(self):
        self._renew()
        self.assertNotIn("instead", self.term.renewal_text)
        self._get_pool(self.term, self.expenses).seat_limit = 7
        self.term.invalidate_recordset()
        self.assertIn("Expenses 5 instead of 7", self.term.renewal_text)
