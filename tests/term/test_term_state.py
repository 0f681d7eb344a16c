from datetime import date
from itertools import pairwise

from odoo.tests import freeze_time

from ...models.renewal.sale_subscription_state import RENEWAL_STATES
from ..common.term import TermCase


@freeze_time("2026-03-15")
class TestTermState(TermCase):
    """The state of a term is right at any time, without a job, wherever it is read."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.subscriptions = cls.env["sale.subscription"]

    def _check(self, expected, context=None):
        """Check that the states are as ``expected``, ``{record: state}``, however they
        are asked for."""
        self.env.flush_all()
        self.env.invalidate_all()
        model = self.subscriptions.with_context(**(context or {}))
        records = model.union(*(record.with_env(model.env) for record in expected))
        found = {record.id: record.renewal_state for record in records}
        self.assertEqual(found, {record.id: expected[record] for record in expected})
        states = [*dict(model._fields["renewal_state"].selection), False]
        ended = records.filtered(lambda record: record.renewal_state == "ended")
        mine = [("id", "in", records.ids)]
        for state in states:
            matching = records.filtered(lambda r: r.renewal_state == state)  # noqa: B023
            others = records - matching
            for domain, result in [
                ([("renewal_state", "=", state)], matching),
                ([("renewal_state", "!=", state)], others),
                ([("renewal_state", "in", [state])], matching),
                ([("renewal_state", "not in", [state])], others),
                (["!", ("renewal_state", "=", state)], others),
                ([("renewal_state", "in", [state, "ended"])], matching | ended),
                ([("renewal_state", "not in", [state, "ended"])], others - ended),
            ]:
                with self.subTest(domain=domain):
                    self.assertEqual(records.filtered_domain(domain), result)
                    self.assertEqual(set(model.search(mine + domain)), set(result))
        groups = dict(model._read_group(mine, ["renewal_state"], ["__count"]))
        counts = {}
        for state in expected.values():
            counts[state] = counts.get(state, 0) + 1
        self.assertEqual(groups, counts)
        shown = model.formatted_read_group(mine, ["renewal_state"], ["__count"])
        self.assertEqual(
            {group["renewal_state"]: group["__count"] for group in shown}, counts
        )
        for group in shown:
            listed = model.search([*mine, *group["__extra_domain"]])
            self.assertEqual(
                set(listed.mapped("renewal_state")), {group["renewal_state"]}
            )
        ordered = model.search(mine, order="renewal_state, id").mapped("renewal_state")
        named = [state for state in ordered if state]
        self.assertEqual(named, sorted(named))

    def test_each_state_on_each_day(self):
        draft = self._create_subscription(
            self.acme, self.yearly, running=False, date_start="2026-01-01"
        )
        closed = self._create_subscription(self.dune, self.yearly)
        closed.close_subscription()
        endless = self._create_subscription(
            self.acme, self.plan, date_start="2020-01-01"
        )
        renewed = self._create_terms(1)
        self._renew(renewed)
        for day, state, renewed_state, endless_state in [
            ("2019-12-31", "not_started", "not_started", "not_started"),
            ("2025-12-31", "not_started", "not_started", "running"),
            ("2026-01-01", "running", "renewed", "running"),
            ("2026-09-30", "running", "renewed", "running"),
            ("2026-10-01", "ending", "renewed", "running"),
            ("2026-12-31", "ending", "renewed", "running"),
            ("2027-01-01", "ended", "renewed", "running"),
            ("2030-01-01", "ended", "renewed", "running"),
        ]:
            with self.subTest(day=day), freeze_time(day):
                self._check(
                    {
                        self.term: state,
                        draft: "not_started",
                        closed: False,
                        endless: endless_state,
                        renewed: renewed_state,
                    }
                )

    def test_the_month_ends_of_the_warning(self):
        """Three months before the last day, by the calendar."""
        self.term.date = "2026-05-31"
        for day, state in [
            ("2026-02-28", "running"),
            ("2026-03-01", "ending"),
            ("2026-05-31", "ending"),
            ("2026-06-01", "ended"),
        ]:
            with self.subTest(day=day), freeze_time(day):
                self._check({self.term: state})

    def test_days_begin_where_the_company_is(self):
        for zone, moment, state in [
            ("Pacific/Kiritimati", "2026-12-31 09:59:59", "ending"),
            ("Pacific/Kiritimati", "2026-12-31 10:00:00", "ended"),
            ("UTC", "2026-12-31 23:59:59", "ending"),
            ("UTC", "2027-01-01 00:00:00", "ended"),
            ("Pacific/Pago_Pago", "2027-01-01 10:59:59", "ending"),
            ("Pacific/Pago_Pago", "2027-01-01 11:00:00", "ended"),
        ]:
            self.env.company.term_tz = zone
            with self.subTest(zone=zone, moment=moment), freeze_time(moment):
                for tz in ("Pacific/Auckland", "America/Los_Angeles", False):
                    self._check({self.term: state}, {"tz": tz})

    def test_days_are_those_of_utc_where_the_company_has_no_zone(self):
        self.env.company.term_tz = False
        for moment, state in [
            ("2026-12-31 23:59:59", "ending"),
            ("2027-01-01 00:00:00", "ended"),
        ]:
            with freeze_time(moment):
                for tz in ("Pacific/Kiritimati", "Pacific/Pago_Pago", "Nowhere/At_All"):
                    with self.subTest(moment=moment, tz=tz):
                        self._check({self.term: state}, {"tz": tz})

    def test_each_company_has_its_days(self):
        """Time zone, warning and grace period of each."""
        here = self.env.company
        there = self.env["res.company"].create({"name": "Vendor East"})
        here.write({"term_tz": "Pacific/Pago_Pago", "renewal_warning_months": 1})
        there.write(
            {
                "term_tz": "Pacific/Kiritimati",
                "renewal_warning_months": 6,
                "renewal_grace_days": 0,
            }
        )
        self._give(self.north, 20, company=there)
        east = self._create_subscription(
            self._create_client("Eve", self.north),
            self.yearly,
            date_start="2026-01-01",
            company_id=there.id,
        )
        for moment, state, eastern in [
            ("2026-06-30 09:00:00", "running", "running"),
            ("2026-06-30 11:00:00", "running", "ending"),
            ("2026-12-02 09:00:00", "ending", "ending"),
            ("2026-12-31 11:00:00", "ending", "ended"),
            ("2027-01-01 12:00:00", "ended", "ended"),
        ]:
            with self.subTest(moment=moment), freeze_time(moment):
                self._check({self.term: state, east: eastern})
        with freeze_time("2026-12-31 11:00:00"):
            self.env.invalidate_all()
            running = [pool.is_running for pool in (self.pool, east.seat_pool_ids[0])]
            self.assertEqual(running, [True, False])
            self.assertTrue(east._has_ended())
            self.assertFalse(self.term._has_ended())

    def test_clients_are_found_by_their_most_urgent_state_alone(self):
        """Whatever less urgent one stands just before it."""
        make = {
            "running": self._create_term,
            "renewed": lambda client: self._renew(self._create_term(client)),
            "not_started": lambda client: self._create_term(client, running=False),
            "ending": lambda client: self._create_term(client, "2025-05-01"),
            "ended": lambda client: self._create_term(client, "2025-01-01"),
        }
        self.assertEqual(list(make), RENEWAL_STATES)
        self._give(self.north, 100)
        partners = self.env["res.partner"]
        for less, more in pairwise(RENEWAL_STATES):
            client = self._create_client(f"{less} and {more}", self.north)
            make[less](client)
            make[more](client)
            self.assertEqual(client.renewal_state, more)
            for state in RENEWAL_STATES:
                with self.subTest(client=client.name, state=state):
                    found = partners.search(
                        [("id", "=", client.id), ("renewal_state", "=", state)]
                    )
                    self.assertEqual(bool(found), state == more)

    def test_the_settings_of_a_company_take_effect_at_once(self):
        with freeze_time("2026-08-15"):
            self._check({self.term: "running"})
            self.env.company.renewal_warning_months = 6
            self._check({self.term: "ending"})

    def test_a_company_created_later_has_its_days_at_once(self):
        """The days of all companies are kept until there is another company."""
        companies = self.env["res.company"]
        self.assertNotIn("Pacific/Kiritimati", str(companies._get_term_settings()))
        company = companies.create(
            {
                "name": "Vendor West",
                "term_tz": "Pacific/Kiritimati",
                "renewal_grace_days": 7,
            }
        )
        with freeze_time("2026-03-15 11:00:00"):
            self.assertEqual(company._get_today(), date(2026, 3, 16))
            graced = companies._get_term_days()[company.id].graced
            self.assertEqual(graced, date(2026, 3, 9))

    def test_a_state_changes_with_what_it_follows_from(self):
        steps = [
            (self._renew, "renewed"),
            (self.term.action_cancel_renewal, "running"),
            (lambda: self.term.write({"date": "2026-03-14"}), "ended"),
            (lambda: self.term.write({"date": "2026-03-15"}), "ending"),
            (self.term.close_subscription, False),
            (self.term.action_start_subscription, "ending"),
            (lambda: self.term.write({"date": "2026-12-31"}), "running"),
        ]
        for step, state in steps:
            step()
            self.assertEqual(self.term.renewal_state, state)
            self.assertIn(
                self.term,
                self.subscriptions.search([("renewal_state", "=", state)]),
            )

    def test_the_state_can_be_grouped_by_on_screens(self):
        field = self.subscriptions.fields_get(["renewal_state"])["renewal_state"]
        self.assertTrue(field["searchable"])
        self.assertTrue(field["groupable"])
        self.assertTrue(field["sortable"])

    def test_members_are_seated_when_the_term_begins_where_the_company_is(self):
        self.env.company.term_tz = "Pacific/Kiritimati"
        client = self._create_client("Late", self.north)
        term = self._create_subscription(client, self.yearly, date_start="2026-04-01")
        member = self._create_members(client, 1)
        for moment, seated in [("2026-03-31 09:00", False), ("2026-03-31 11:00", True)]:
            with freeze_time(moment), self.enter_registry_test_mode():
                self.env.invalidate_all()
                self.env.ref(
                    "partner_managed_subscription.ir_cron_seat_waiting"
                ).method_direct_trigger()
                self.env.invalidate_all()
                pool = self._get_pool(term, self.base)
                self.assertEqual(member in self._get_seated(pool), seated)
