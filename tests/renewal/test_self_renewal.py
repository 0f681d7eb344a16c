from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time
from odoo.tools import mute_logger

from ..common.subscription import ADDON
from ..common.term import TermCase

RUN = f"odoo.addons.{ADDON}.models.renewal.sale_subscription_self_renewal_run"
DUE = "2026-12-17"


@freeze_time("2026-03-15")
class TestSelfRenewal(TermCase):
    """Subscriptions that renew by themselves: when, with what, and when not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cron = cls.env.ref(f"{ADDON}.ir_cron_renew")
        cls.term.renewal_choice = "same"

    def _run(self, day=DUE):
        with freeze_time(day), self.enter_registry_test_mode():
            self.cron.method_direct_trigger()
        self.env.invalidate_all()

    def _get_renewal(self, term=None):
        return (term or self.term).renewal_ids.filtered(
            lambda one: one.state == "scheduled"
        )

    def _get_text(self, day):
        with freeze_time(day):
            return self.term._get_self_renewal_text()

    # ------------------------------------------------------------ choices

    def test_the_plan_says_how_subscriptions_begin(self):
        self.yearly.renewal_choice = "in_use"
        self.assertEqual(self.term.renewal_choice, "same")
        other = self._create_subscription(self.bolt, self.yearly, running=False)
        self.assertEqual(other.renewal_choice, "in_use")
        by_hand = self._create_subscription(
            self.bolt, self.yearly, running=False, renewal_choice="by_hand"
        )
        self.assertEqual(by_hand.renewal_choice, "by_hand")

    def test_on_its_day_once_with_the_same_seats(self):
        balance = self.account.balance
        self._run("2026-12-16")
        self.assertFalse(self._get_renewal())
        for _ in range(2):
            self._run()
            renewal = self._get_renewal()
            self.assertEqual(len(renewal), 1)
        self.assertTrue(renewal.is_by_itself)
        self.assertFalse(renewal.user_id)
        self.assertEqual(str(renewal.date_start), "2027-01-01")
        self.assertEqual(renewal.licences, 5)
        self.assertEqual(self.account.balance, balance - 5)
        renewal.with_user(self.sam).action_cancel()
        self.assertEqual(self.account.balance, balance)

    def test_with_the_seats_in_use(self):
        members = self._create_members(self.acme, 3)
        self._grant(self.pool, members[:2])
        self.term.renewal_choice = "in_use"
        self._run()
        self.assertEqual(self._get_renewal().licences, 2)

    def test_nothing_in_use_is_told(self):
        self.term.renewal_choice = "in_use"
        self._run()
        self.assertFalse(self._get_renewal())
        self.assertIn("no seats at all", self.term.self_renewal_problem)

    def test_by_hand_not_at_all_and_too_late(self):
        for choice in ("by_hand", "none"):
            self.term.renewal_choice = choice
            self._run()
            self.assertFalse(self._get_renewal())
        self.term.renewal_choice = "same"
        self._run("2027-01-31")
        self.assertFalse(self._get_renewal())
        self._run("2027-01-30")
        self.assertEqual(str(self.term.date), "2027-12-31")

    def test_the_company_says_when(self):
        self.env.company.self_renewal_days = 30
        self._run("2026-12-01")
        self.assertTrue(self._get_renewal())

    # ------------------------------------------------------------ in the way

    def test_a_short_stock_is_told_in_time_and_tried_again(self):
        self._take_all_but(4)
        self._run("2026-12-01")
        self.assertFalse(self._get_renewal())
        self.assertIn("Expenses", self.term.self_renewal_problem)
        self.assertIn("cannot renew by itself", self._get_text("2026-12-01"))
        self._run()
        self.assertFalse(self._get_renewal())
        self.assertEqual(self.account.balance, 4)
        self.assertIn("tried again each day", self._get_text(DUE))
        found = self.env["sale.subscription"].search(
            [("self_renewal_problem", "!=", False)]
        )
        self.assertEqual(found, self.term)
        self._give(self.north, 1)
        self._run("2026-12-18")
        self.assertEqual(self._get_renewal().licences, 5)
        self.assertFalse(self.term.self_renewal_problem)

    def test_what_was_in_the_way_is_forgotten(self):
        """Nobody is told any more what somebody has settled otherwise."""
        self._take_all_but(4)
        self._run()
        self.assertTrue(self.term.self_renewal_problem)
        self.term.renewal_choice = "by_hand"
        self._run()
        self.assertFalse(self.term.self_renewal_problem)
        self.term.renewal_choice = "same"
        self._run()
        self.assertTrue(self.term.self_renewal_problem)
        self._give(self.north, 1)
        with freeze_time(DUE):
            self._renew()
        self._run()
        self.assertFalse(self.term.self_renewal_problem)

    def _take_all_but(self, left):
        """Renew others until ``left`` licences are in stock."""
        plan_seats = int(self.account.balance) - left
        others = self._create_subscription(self.acme, self.yearly, running=False)
        others.seat_pool_ids.filtered(
            lambda pool: pool.module_id == self.expenses
        ).seat_limit = plan_seats
        with freeze_time("2026-03-15"):
            others.date_start = "2026-03-15"
            others.action_start_subscription()
        self.assertEqual(self.account.balance, left)

    def test_one_that_fails_stops_no_other(self):
        terms = self._create_terms(4)
        terms.renewal_choice = "same"
        renewals = self.env.registry["subscription.renewal"]
        insert = renewals._insert_renewals

        def fail(records, planned, report):
            if terms[1] in planned:
                records.env.cr.execute("SELECT 1 / 0")
            return insert(records, planned, report)

        with (
            patch.object(renewals, "_insert_renewals", fail),
            mute_logger("odoo.sql_db", RUN),
        ):
            self._run()
        renewed = [bool(self._get_renewal(term)) for term in terms]
        self.assertEqual(renewed, [True, False, True, True])
        self.assertIn("technical reason", terms[1].self_renewal_problem)
        self._run()
        self.assertTrue(self._get_renewal(terms[1]))

    def test_queries_do_not_grow_with_what_is_renewed(self):
        terms = self._create_terms(12)
        terms.renewal_choice = "same"
        with freeze_time(DUE):
            counts = []
            for some in (terms[:2], terms[2:]):
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.cr.sql_log_count
                some._renew_by_itself()
                self.env.flush_all()
                counts.append(self.cr.sql_log_count - before)
        self.assertTrue(all(map(self._get_renewal, terms)))
        self.assertLessEqual(counts[1], counts[0] + 10)

    # ------------------------------------------------------------ refused

    def test_a_refusal_stops_it(self):
        self.term.with_user(self.sam).action_refuse_renewal()
        self.assertTrue(self.term.is_renewal_refused)
        self._run()
        self.assertFalse(self._get_renewal())
        self.term.with_user(self.sam).action_accept_renewal()
        self._run()
        self.assertTrue(self._get_renewal())

    def test_a_refusal_cancels_what_renewed_by_itself(self):
        balance = self.account.balance
        self._run()
        with freeze_time(DUE):
            self.term.with_user(self.sam).action_refuse_renewal()
        self.assertFalse(self._get_renewal())
        self.assertEqual(self.account.balance, balance)
        events = self.env["subscription.log"].search([]).mapped("event")
        self.assertIn("renewal_refused", events)

    def test_what_was_renewed_by_hand_stays(self):
        self._renew()
        with self._refused("was renewed by hand"):
            self.term.action_refuse_renewal()
        self.assertTrue(self._get_renewal())

    def test_a_refusal_holds_for_one_term(self):
        self.term.action_refuse_renewal()
        self._renew()
        with freeze_time("2027-01-01"):
            self._run_job()
        self.assertFalse(self.term.is_renewal_refused)
        found = self.term.search([("is_renewal_refused", "=", True)])
        self.assertFalse(found)

    def test_who_may_refuse_and_choose(self):
        with self.assertRaises(AccessError):
            self.term.with_user(self.rival).action_refuse_renewal()
        with self.assertRaises(UserError):
            self.term.with_user(self.sam).refused_end = "2026-12-31"
        with self.assertRaises(UserError):
            self.term.with_user(self.sam).self_renewal_problem = "None"
        self.term.with_user(self.sam).renewal_choice = "none"
        self.assertEqual(self.term.renewal_choice, "none")

    # ------------------------------------------------------------ the law

    def _tell_client(self):
        """Note that the client was told that it may refuse."""
        ada = self._create_members(self.acme, 1)
        notice = self.env["subscription.notice"].create(
            {
                "kind": "legal",
                "audience": "client",
                "addressee_id": self.acme.id,
                "partner_id": ada.partner_id.id,
                "company_id": self.env.company.id,
                "deadline": "2026-12-01",
                "state": "sent",
                "sent_at": "2026-10-01 08:00:00",
            }
        )
        self.env["subscription.notice.line"].create(
            {
                "notice_id": notice.id,
                "subscription_id": self.term.id,
                "term_end": self.term.date,
            }
        )

    def test_the_client_may_refuse_first(self):
        self.env.company.write(
            {"legal_notice": True, "legal_refusal_days": 10, "self_renewal_days": 20}
        )
        self._run("2026-12-20")
        self.assertFalse(self._get_renewal() or self.term.self_renewal_problem)
        self._run("2026-12-22")
        self.assertFalse(self._get_renewal())
        self.assertIn("could not be told", self.term.self_renewal_problem)

    def test_a_client_that_was_told_is_renewed(self):
        self.env.company.write(
            {"legal_notice": True, "legal_refusal_days": 10, "self_renewal_days": 20}
        )
        self._tell_client()
        self._run("2026-12-20")
        self.assertFalse(self._get_renewal())
        self._run("2026-12-22")
        self.assertTrue(self._get_renewal())
