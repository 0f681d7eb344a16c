from hypothesis import strategies as st

from ..common.property import POSITION, PropertyMixin
from ..common.subscription import SubscriptionCase, create_plan

FEW = st.lists(POSITION, min_size=1, max_size=4)
LIMIT = st.integers(0, 6)
STEPS = st.one_of(
    st.tuples(st.just("grant"), POSITION, FEW, st.booleans()),
    st.tuples(st.just("release"), FEW),
    st.tuples(st.just("set_limit"), POSITION, LIMIT),
    st.tuples(st.just("set_unlimited"), POSITION, st.booleans()),
    st.tuples(st.just("set_term_limit"), POSITION, LIMIT),
    st.tuples(st.just("set_role"), FEW, POSITION),
    st.tuples(st.just("set_takes_seat"), POSITION, st.booleans()),
    st.tuples(st.just("set_active"), FEW, st.booleans()),
    st.tuples(st.just("set_contact_active"), FEW, st.booleans()),
    st.tuples(st.just("add_member"), POSITION, POSITION),
    st.tuples(st.just("delete_member"), POSITION),
    st.tuples(st.just("merge_members"), POSITION, POSITION),
    st.tuples(st.just("merge_clients"), POSITION, POSITION),
    st.tuples(st.just("set_stage"), POSITION, POSITION),
    st.tuples(st.just("set_plan"), POSITION, POSITION),
)


class TestProperty(PropertyMixin, SubscriptionCase):
    """Whatever is done, in whatever order, the seats add up."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        modules = {cls.base: 4, cls.expenses: 3, cls.time: 2}
        cls.plans = create_plan(cls.env, "Full", modules) | cls.plan
        cls.clients = cls.acme | cls.bolt
        cls.subscription.template_id = cls.plans[0]
        cls.subscriptions = cls.subscription | cls._create_subscription(
            cls.bolt, cls.plans[0]
        )
        for client in cls.clients:
            for role in (cls.role_standard, cls.role_standard, cls.role_reports):
                cls._create_members(client, 1, role)
        cls.roles = cls.env["subscription.member.role"].search([])

    def test_the_seats_add_up_whatever_is_done(self):
        self._check_sequences(STEPS, sizes=(8, 16), count=60)

    def _check_step(self, name, *arguments):
        before = self._get_history()
        used_before = {pool: pool.used for pool in self._get_pools()}
        done = self._is_done(name, *arguments)
        after = self._get_history()
        self.assertLessEqual(set(before), set(after), "a seat was deleted")
        if not done:
            self.assertEqual(before, after)
        for seat_id, row in before.items():
            if row["released_at"]:
                self.assertEqual(after[seat_id], row, "the past was changed")
        for pool in self._get_pools():
            self._check_pool(pool, used_before.get(pool, 0))

    def _get_history(self):
        """Return what must stay of every seat, ``{id: values}``."""
        fields = ["holder_name", "pool_id", "number", "granted_at", "released_at"]
        seats = self.env["subscription.seat"].search([])
        return {row["id"]: row for row in seats.read(fields, load=None)}

    def _check_pool(self, pool, used_before):
        counted = pool.seat_ids.filtered("takes_seat")
        numbers = counted.mapped("number")
        self.assertEqual(pool.used, len(counted))
        self.assertEqual(len(set(numbers)), len(numbers))
        if not pool.is_unlimited:
            self.assertLessEqual(pool.used, max(pool.seat_limit, used_before))
            over = pool.used - pool.seat_limit
            high = [number for number in numbers if number > pool.seat_limit]
            self.assertEqual(len(high), max(over, 0))
        for seat in pool.seat_ids:
            self.assertEqual(bool(seat.number), seat.takes_seat)
            self.assertEqual(seat.takes_seat, seat.member_id.role_id.takes_seat)
            self.assertTrue(seat.member_id.active)
            self.assertEqual(seat.member_id.client_id, pool.client_id)
        base = pool.subscription_id.seat_pool_ids.filtered("is_base")
        self.assertLessEqual(pool.seat_ids.member_id, base.seat_ids.member_id)

    # ------------------------------------------------------------------ what is there

    def _get_pools(self):
        return self.subscriptions.seat_pool_ids.sorted("id")

    def _get_members(self):
        members = self.env["subscription.member"].with_context(active_test=False)
        return members.search([("partner_id", "!=", False)], order="id")

    def _pick(self, records, *positions):
        """Return the records at ``positions``, counted round and round."""
        return records.browse(
            records[position % len(records)].id for position in positions if records
        )

    # ------------------------------------------------------------------ what is done

    def _do_grant(self, pool, members, allow_partial):
        pool = self._pick(self._get_pools(), pool)
        members = self._pick(pool.client_id.subscription_member_ids, *members)
        pool._grant({pool: members}, allow_partial=allow_partial)

    def _do_release(self, seats):
        held = self.env["subscription.seat"].search([("released_at", "=", False)])
        self._pick(held, *seats)._release("access")

    def _do_set_limit(self, pool, limit):
        self._pick(self._get_pools(), pool).seat_limit = limit

    def _do_set_unlimited(self, pool, is_unlimited):
        self._pick(self._get_pools(), pool).is_unlimited = is_unlimited

    def _do_set_term_limit(self, pool, limit):
        pool = self._pick(self._get_pools(), pool)
        pool._apply_term_limits({pool: limit})

    def _do_set_role(self, members, role):
        members = self._pick(self._get_members(), *members)
        members.role_id = self._pick(self.roles, role)

    def _do_set_takes_seat(self, role, takes_seat):
        roles = self.roles.filtered(lambda role: not role.is_accountant)
        self._pick(roles, role).takes_seat = takes_seat

    def _do_set_active(self, members, active):
        self._pick(self._get_members(), *members).active = active

    def _do_set_contact_active(self, members, active):
        contacts = self._pick(self._get_members(), *members).partner_id
        contacts.active = active

    def _do_add_member(self, client, role):
        client = self._pick(self.clients.exists(), client)
        self._create_members(client, 1, self._pick(self.roles, role))

    def _do_delete_member(self, member):
        self._pick(self._get_members(), member).unlink()

    def _do_merge_members(self, target, source):
        contacts = self._get_members().partner_id
        self._merge(self._pick(contacts, target), self._pick(contacts, source))

    def _do_merge_clients(self, target, source):
        clients = self.clients.exists()
        self._merge(self._pick(clients, target), self._pick(clients, source))

    def _do_set_stage(self, subscription, stage):
        stages = self.env["sale.subscription.stage"].search([])
        subscription = self._pick(self.subscriptions, subscription)
        subscription.stage_id = self._pick(stages, stage)

    def _do_set_plan(self, subscription, plan):
        subscription = self._pick(self.subscriptions, subscription)
        subscription.template_id = self._pick(self.plans, plan)
