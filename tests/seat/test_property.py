from ..common.property import PropertyMixin, boolean, one_of, position, positions
from ..common.subscription import SubscriptionCase, create_plan

# Few enough seats that the next member finds none.
limit = one_of(0, 1, 1, 2, 2, 3, 3, 4, 6)


class TestProperty(PropertyMixin, SubscriptionCase):
    """Whatever is done, in whatever order, the seats add up."""

    STEPS = {
        "grant": (5, position, positions, boolean),
        "release": (1, positions),
        "set_limit": (3, position, limit),
        "set_unlimited": (2, position),
        "set_limited": (3, one_of(0, 0, 1), one_of(0, 1, 2)),
        "set_term_limit": (1, position, limit),
        "set_role": (3, positions, position),
        "set_takes_seat": (3, position, boolean),
        "set_active": (3, positions, boolean),
        "set_contact_active": (3, positions, boolean),
        "add_member": (4, position, one_of(0, 0, 0, 1, 2, 3, 4)),
        "delete_member": (2, position),
        "merge_members": (2, position, position),
        "merge_clients": (2, position, position),
        "set_stage": (2, position, position),
        "set_plan": (3, position, position),
    }
    NEVER_REFUSED = ("release", "set_stage", "set_term_limit", "set_unlimited")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        modules = {cls.base: 3, cls.expenses: 3, cls.time: 2}
        cls.plans = create_plan(cls.env, "Full", modules) | cls.plan
        cls.plans |= create_plan(cls.env, "Mini", {cls.base: 2, cls.expenses: 1})
        cls.clients = cls.acme | cls.bolt
        cls.subscription.template_id = cls.plans[0]
        cls.subscriptions = cls.subscription | cls._create_subscription(
            cls.bolt, cls.plans[0]
        )
        for client in cls.clients:
            for role in (cls.role_administrator, cls.role_standard, cls.role_reports):
                cls._create_members(client, 1, role)
        for pool in cls.subscriptions.seat_pool_ids.filtered(cls._is_expenses):
            pool._grant({pool: pool.client_id.subscription_member_ids})
        cls.roles = cls.env["subscription.member.role"].search([])

    @classmethod
    def _is_expenses(cls, pool):
        return pool.module_id == cls.expenses

    def test_the_seats_add_up_whatever_is_done(self):
        self._check_fixed_sequences()

    def test_the_seats_add_up_in_new_sequences(self):
        self._check_new_sequences()

    def _begin(self):
        self.before = self._get_history()

    def _check_step(self, name, *arguments):
        before = self.before
        used_before = {pool: pool.used for pool in self._get_pools()}
        done = self._is_done(name, *arguments)
        after = self.before = self._get_history()
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
        return bool(pool._grant({pool: members}, allow_partial=allow_partial))

    def _do_release(self, seats):
        held = self.env["subscription.seat"].search([("released_at", "=", False)])
        return bool(self._pick(held, *seats)._release("access"))

    def _do_set_limit(self, pool, limit):
        self._pick(self._get_pools(), pool).seat_limit = limit

    def _do_set_unlimited(self, pool):
        limited = self._get_pools().filtered(lambda pool: not pool.is_unlimited)
        return self._write(limited, [pool], "is_unlimited", True)

    def _do_set_limited(self, pool, limit):
        unlimited = self._get_pools().filtered("is_unlimited")
        pool = self._pick(unlimited.sorted("used", reverse=True), pool)
        pool.write({"is_unlimited": False, "seat_limit": limit})
        return bool(pool)

    def _do_set_term_limit(self, pool, limit):
        pool = self._pick(self._get_pools(), pool)
        pool._apply_term_limits({pool: limit})

    def _do_set_role(self, members, role):
        role = self._pick(self.roles, role)
        return self._write(self._get_members(), members, "role_id", role)

    def _do_set_takes_seat(self, role, takes_seat):
        roles = self.roles.filtered(lambda role: not role.is_accountant)
        return self._write(roles, [role], "takes_seat", takes_seat)

    def _do_set_active(self, members, active):
        return self._write(self._get_members(), members, "active", active)

    def _do_set_contact_active(self, members, active):
        contacts = self._get_members().partner_id
        return self._write(contacts, members, "active", active)

    def _write(self, records, positions, name, value):
        """Write ``value`` to those of ``records`` that have another one."""
        changed = self._pick(records, *positions).filtered(
            lambda record: record[name] != value
        )
        changed[name] = value
        return bool(changed)

    def _do_add_member(self, client, role):
        client = self._pick(self.clients.exists(), client)
        roles = self.roles.sorted("takes_seat", reverse=True)
        self._create_members(client, 1, self._pick(roles, role))

    def _do_delete_member(self, member):
        member = self._pick(self._get_members(), member)
        member.unlink()
        return bool(member)

    def _do_merge_members(self, target, source):
        return self._merge_picked(self._get_members().partner_id, target, source)

    def _do_merge_clients(self, target, source):
        return self._merge_picked(self.clients.exists(), target, source)

    def _merge_picked(self, records, target, source):
        target, source = self._pick(records, target), self._pick(records, source)
        if target == source:
            return False
        self._merge(target, source)
        return True

    def _do_set_stage(self, subscription, stage):
        stages = self.env["sale.subscription.stage"].search([])
        return self._write(
            self.subscriptions, [subscription], "stage_id", self._pick(stages, stage)
        )

    def _do_set_plan(self, subscription, plan):
        return self._write(
            self.subscriptions,
            [subscription],
            "template_id",
            self._pick(self.plans, plan),
        )
