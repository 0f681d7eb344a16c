from odoo import Command
from odoo.tests import Form, freeze_time

from ..common.subscription import create_plan, create_yearly_plan
from ..common.term import TermCase


@freeze_time("2026-03-15")
class TestPlanUnchanged(TermCase):
    """Writing what is there already changes nothing, whichever way it is written."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.time.is_licensed = False
        cls.larger = create_yearly_plan(
            cls.env, "Larger", {cls.base: 20, cls.expenses: 9}
        )
        cls.waiting = cls._create_subscription(
            cls.acme,
            cls.yearly,
            running=False,
            date_start="2026-04-01",
            recurring_next_date="2026-06-01",
            date="2027-12-31",
            terms="As agreed",
        )
        for term in cls.term | cls.waiting:
            # Raised by hand, and a module of its own that somebody uses.
            cls._get_pool(term, cls.base).seat_limit = 12
            cls.env["subscription.seat.pool"].create(
                {"subscription_id": term.id, "module_id": cls.time.id, "seat_limit": 1}
            )
        cls.member = cls._create_member("Ann")
        cls._get_pool(cls.term, cls.time)._grant(
            {cls._get_pool(cls.term, cls.time): cls.member}
        )
        cls.env.flush_all()

    def _get_picture(self, term):
        """Return all that is stored of ``term``, its seats and what was noted."""
        self.env.invalidate_all()
        skipped = {"write_date", "write_uid", "__last_update"}
        names = [
            name
            for name, field in term._fields.items()
            if field.store and name not in skipped
        ]
        pools = term.seat_pool_ids.read(["module_id", "seat_limit", "licensed_seats"])
        log = self.env["subscription.log"].search_count([])
        return term.read(names), pools, log, self.account.balance

    def _assert_unchanged(self, write):
        for term in self.term | self.waiting:
            for user in (self.sam, self.vera):
                with self.subTest(term=term.name, user=user.login), self._undone():
                    before = self._get_picture(term)
                    write(term.with_user(user))
                    self.env.flush_all()
                    self.assertEqual(self._get_picture(term), before)

    def test_the_same_plan(self):
        for value in (lambda plan: plan.id, lambda plan: plan, lambda plan: (plan.id,)):
            self._assert_unchanged(
                lambda term, value=value: term.write(
                    {"template_id": value(term.template_id)}
                )
            )

    def test_the_same_values(self):
        names = ["template_id", "stage_id", "date_start", "date", "active"]
        for given in ([name] for name in names):
            self._assert_unchanged(lambda term, given=given: self._write(term, given))
        self._assert_unchanged(lambda term: self._write(term, names))

    def _write(self, term, names):
        term.write(term.read(names, load=None)[0] | {"description": term.description})

    def test_another_plan_tried_in_the_form(self):
        def try_other(term):
            with Form(term) as form:
                form.template_id = self.larger
                form.template_id = self.yearly

        self._assert_unchanged(try_other)

    def test_an_ended_term(self):
        with freeze_time("2027-06-01"):
            for names in (["stage_id"], ["date_start", "date"], ["template_id"]):
                with self.subTest(names=names), self._undone():
                    before = self._get_picture(self.term)
                    self._write(self.term.with_user(self.sam), names)
                    self.assertEqual(self._get_picture(self.term), before)

    def test_some_have_the_plan_already(self):
        """Of several, only the others get it; the plan of those stays as adapted."""
        other = self._create_subscription(self.acme, self.larger, running=False)
        before = self._get_picture(self.waiting)[:2]
        (other | self.waiting).write({"template_id": self.yearly.id})
        self.assertEqual(self._get_picture(self.waiting)[:2], before)
        self.assertEqual(self._get_pool(other, self.base).seat_limit, 10)

    def test_what_the_call_gives_wins_over_the_plan(self):
        base, expenses = (
            self._get_pool(self.waiting, module)
            for module in (self.base, self.expenses)
        )
        self.waiting.with_user(self.sam).write(
            {
                "template_id": self.larger.id,
                "date": "2027-05-31",
                "terms": "As we said",
                "seat_pool_ids": [
                    Command.update(base.id, {"seat_limit": 12}),
                    Command.update(
                        self._get_pool(self.waiting, self.time).id, {"seat_limit": 3}
                    ),
                ],
            }
        )
        self.assertEqual(str(self.waiting.date), "2027-05-31")
        self.assertEqual(self.waiting.terms, "As we said")
        self.assertEqual(base.seat_limit, 12)
        self.assertEqual(self._get_pool(self.waiting, self.time).seat_limit, 3)
        self.assertEqual(expenses.seat_limit, 9)

    def test_a_module_given_with_the_plan(self):
        lite = create_yearly_plan(self.env, "Lite", {self.base: 4, self.expenses: 1})
        waiting = self._create_subscription(self.acme, lite, running=False)
        larger = create_yearly_plan(self.env, "Max", {self.base: 20, self.time: 7})
        waiting.write(
            {
                "template_id": larger.id,
                "seat_pool_ids": [
                    Command.create({"module_id": self.time.id, "seat_limit": 2})
                ],
            }
        )
        self.assertEqual(self._get_pool(waiting, self.time).seat_limit, 2)
        self.assertEqual(self._get_pool(waiting, self.base).seat_limit, 20)

    def test_staff_frees_no_term_by_a_plan_without_end(self):
        """That the call gives the end that there is does not keep the term."""
        forever = create_plan(self.env, "Forever", {self.base: 12})
        with self._refused("only the vendor changes"):
            self.term.with_user(self.sam).write(
                {"template_id": forever.id, "date": str(self.term.date)}
            )

    def test_a_fixed_plan_is_offered_for_a_year(self):
        for unit, interval, count in (
            *(("months", 1, 12), ("months", 3, 4), ("years", 1, 1), ("years", 2, 1)),
            *(("weeks", 1, 52), ("days", 1, 365), ("months", 24, 1), ("months", 0, 12)),
        ):
            vals = {"recurring_rule_type": unit, "recurring_interval": interval}
            with self.subTest(unit=unit, interval=interval):
                plan = create_plan(
                    self.env, "Any", {}, recurring_rule_boundary="limited", **vals
                )
                self.assertEqual(plan.recurring_rule_count, count)
        plan = create_plan(
            self.env,
            *("Half a year", {}),
            recurring_rule_boundary="limited",
            recurring_rule_count=6,
        )
        self.assertEqual(plan.recurring_rule_count, 6)
        plan.write({"recurring_rule_boundary": "limited"})
        self.assertEqual(plan.recurring_rule_count, 6)
        self.assertEqual(create_plan(self.env, "Any", {}).recurring_rule_count, 1)

    def test_the_form_of_a_plan_offers_a_year(self):
        with Form(self.env["sale.subscription.template"].with_user(self.vera)) as form:
            form.name = "New"
            form.recurring_rule_boundary = "limited"
            self.assertEqual(form.recurring_rule_count, 12)
            form.recurring_rule_type = "years"
            self.assertEqual(form.recurring_rule_count, 1)
            form.recurring_rule_count = 3
        self.assertEqual(form.record.recurring_rule_count, 3)
