from ..common.subscription import SubscriptionCase, create_plan

MANY = 100


class TestQueryCount(SubscriptionCase):
    """What is done to a hundred members asks the database as often as for one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        plan = create_plan(cls.env, "Max", {cls.base: 500, cls.expenses: 500})
        cls.subscription.template_id = plan
        cls.members = cls._create_members(cls.acme, 2 * MANY + 2)
        # Odoo writes a hundred rows at a time, so one pool is enough.
        cls.pool = cls.expenses_pool

    def _assert_same_count(self, get_call):
        """Check that the call for 1 member needs as many queries as that for many.

        :param get_call: returns the call for the given members
        """
        one, many = self.members[1:2], self.members[2 : MANY + 2]
        self._count_queries(get_call(self.members[:1]))
        expected = self._count_queries(get_call(one))
        self.assertTrue(expected)
        call = get_call(many)
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(expected):
            call()

    def test_grant(self):
        self._assert_same_count(
            lambda members: lambda: self.pool._grant({self.pool: members})
        )
        self.assertEqual(self.pool.used, MANY + 2)

    def test_one_grant(self):
        """Ten statements: members, pools and who lacks a seat, locks, roles, usage, free
        numbers, the seat, and a savepoint around it; when it is committed, who shows
        the pool."""
        self._count_queries(lambda: self.pool._grant({self.pool: self.members[:1]}))
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(10):
            self.pool._grant({self.pool: self.members[1:2]})
            self.env.flush_all()

    def test_grant_as_staff(self):
        staff = self._create_user("sam", "standard", self.north)
        seat_model = self.env["subscription.seat"].with_user(staff)

        def get_call(members):
            vals_list = [
                {"pool_id": self.pool.id, "member_id": member.id} for member in members
            ]
            return lambda: seat_model.create(vals_list)

        self._assert_same_count(get_call)

    def test_grant_that_does_not_fit(self):
        self.pool.seat_limit = 1
        self.pool._grant({self.pool: self.members[-1]})
        self._assert_same_count(
            lambda members: (
                lambda: self.pool._grant({self.pool: members}, allow_partial=True)
            )
        )

    def test_release(self):
        self.pool._grant({self.pool: self.members})

        def get_call(members):
            seats = members._get_seats_in_use() & self.pool.seat_ids
            return lambda: seats._release("access")

        self._assert_same_count(get_call)
        self.assertEqual(self.pool.used, MANY)

    def test_create_members(self):
        def get_call(members):
            contacts = self.env["res.partner"].create(
                [{"name": f"New {member.id}"} for member in members]
            )
            vals_list = [
                {"client_id": self.acme.id, "partner_id": contact.id}
                for contact in contacts
            ]
            return lambda: self.env["subscription.member"].create(vals_list)

        self._assert_same_count(get_call)

    def test_archive_and_restore(self):
        for active in (False, True):
            with self.subTest(active=active):
                self._assert_same_count(
                    lambda members: lambda: members.write({"active": active})  # noqa: B023
                )

    def test_change_of_role(self):
        for role in (self.role_reports, self.role_standard):
            with self.subTest(role=role.name):
                self._assert_same_count(
                    lambda members: lambda: members.write({"role_id": role.id})  # noqa: B023
                )

    def test_lower_limit(self):
        self.pool._grant({self.pool: self.members})
        (self.members - self.members[MANY:])._release_seats("access")
        self.pool.seat_limit = MANY + 2
        numbers = self.pool.seat_ids.mapped("number")
        self.assertEqual(sorted(numbers), list(range(1, MANY + 3)))
