"""What starting a term, or another plan, takes is said before."""

from odoo.exceptions import AccessError
from odoo.tests import Form, freeze_time, tagged

from ...exceptions import LicenceRefusal
from ..common.licence import RaiseCase
from ..common.subscription import create_yearly_plan


@tagged("post_install", "-at_install")
@freeze_time("2026-03-15")
class TestTaking(RaiseCase):
    def _create_draft(self, plan=None, **vals):
        return self._as_north(
            self._create_subscription(
                self.acme, plan or self.yearly, running=False, **vals
            )
        )

    def test_starting_says_what_it_takes_and_what_is_left(self):
        for start, licences, left in [
            ("2026-03-15", 5, "10"),
            ("2026-06-01", 5, "10"),
            # Until the end of the year, 292 of 365 days
            ("2026-01-01", 4, "11"),
        ]:
            with self.subTest(start=start), self._undone():
                draft = self._create_draft(date_start=start)
                text = f"Takes {licences} licences of Expenses until"
                self.assertIn(text, draft.taking_text)
                words = f"North has 15 in stock, and {left} afterwards."
                self.assertIn(words, draft.taking_text)
                self._check_takes(licences, draft.action_start_subscription)
                self.assertFalse(draft.taking_text)

    def test_the_button_asks_where_licences_are_taken(self):
        draft = self._create_draft(date_start="2026-03-15")
        action = draft.action_start()
        self.assertEqual((action["res_id"], action["target"]), (draft.id, "new"))
        self.assertFalse(draft.in_progress)
        view = self.env.ref(
            "partner_managed_subscription.sale_subscription_view_form_start"
        )
        self.assertEqual(action["views"][0][0], view.id)
        endless = self._create_draft(self.forever)
        self.assertFalse(endless.action_start())
        self.assertTrue(endless.in_progress)

    def test_what_is_missing_is_said_as_well(self):
        self._empty(2)
        draft = self._create_draft(date_start="2026-03-15")
        self.assertIn("2 in stock, 5 needed, 3 missing", draft.taking_text)
        self.assertTrue(draft.action_start())
        with self.assertRaises(LicenceRefusal):
            draft.action_start_subscription()

    def test_another_plan_says_what_it_takes_before_it_is_saved(self):
        term = self._as_north(self.term)
        self.assertFalse(term.taking_text)
        with Form(term) as form:
            form.template_id = self.large
            # Three more seats for 292 of 365 days
            self.assertIn("Takes 2.4 licences of Expenses", form.taking_text)
            form.template_id = self.yearly
            self.assertFalse(form.taking_text)
            form.template_id = self.large
            before = self._get_balance(self.north)
        self.assertAlmostEqual(before - self._get_balance(self.north), 2.4, places=2)

    def test_a_plan_with_another_module_says_so(self):
        self._give(self.north, 9, self.time)
        wide = create_yearly_plan(
            self.env, "Wide", {self.base: 10, self.expenses: 5, self.time: 2}
        )
        form = Form(self._as_north(self.term))
        form.template_id = wide
        self.assertIn("Takes 1.6 licences of Time", form.taking_text)
        self.assertNotIn("Expenses", form.taking_text)
        form.template_id = self.forever
        self.assertFalse(form.taking_text)

    def test_who_may_not_use_the_stock_learns_nothing_of_it(self):
        draft = self._create_draft(date_start="2026-03-15").with_env(self.env)
        stranger = draft.with_user(self.staff["south"])
        for user in ("accountant", "intern", "portal", "south"):
            with self.subTest(user=user), self.assertRaises(AccessError):
                draft.with_user(self.staff[user]).read(["taking_text"])
        with self.assertRaises(AccessError):
            stranger.action_start()
