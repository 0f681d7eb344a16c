from psycopg2 import IntegrityError
from psycopg2.errors import CheckViolation

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from ..common.committed import CommittedCase
from ..common.subscription import (
    SubscriptionCase,
    create_company,
    create_module,
    create_plan,
    create_subscription,
)


class TestHierarchy(SubscriptionCase):
    def _assert_path(self, partner, *chain):
        expected = "".join(f"{company.id}/" for company in chain)
        self.assertEqual(partner.management_path or "", expected)

    def test_a_path_names_everybody_from_the_top_down(self):
        ann = self._create_contact("Ann", self.coral)
        desk = self._create_contact("Desk", ann)
        staff = self._create_contact("Sam", self.reef)
        stranger = create_company(self.env, "Stranger")
        for partner, chain in [
            (self.north, [self.north]),
            (self.reef, [self.north, self.reef]),
            (self.acme, [self.north, self.acme]),
            (self.coral, [self.north, self.reef, self.coral]),
            (ann, [self.north, self.reef, self.coral]),
            (desk, [self.north, self.reef, self.coral]),
            (staff, [self.north, self.reef]),
            (self.dune, []),
            (stranger, []),
        ]:
            with self.subTest(partner=partner.name):
                self._assert_path(partner, *chain)

    def test_a_whole_subtree_moves_with_its_head(self):
        ann = self._create_contact("Ann", self.coral)
        self.reef.managing_partner_id = self.south
        self._assert_path(self.reef, self.south, self.reef)
        self._assert_path(self.coral, self.south, self.reef, self.coral)
        self._assert_path(ann, self.south, self.reef, self.coral)
        self._assert_path(self.acme, self.north, self.acme)
        self.reef.managing_partner_id = False
        self._assert_path(ann, self.reef, self.coral)

    def test_a_contact_takes_the_path_of_its_new_company(self):
        ann = self._create_contact("Ann", self.acme)
        ann.parent_id = self.bolt
        self._assert_path(ann, self.south, self.bolt)
        ann.parent_id = False
        self._assert_path(ann)

    def test_nobody_manages_himself(self):
        atoll = self._create_partner("Atoll", managing_partner_id=self.reef.id)
        for manager in (self.north, self.reef, atoll):
            with self.subTest(manager=manager.name):
                with self.assertRaises(ValidationError) as caught:
                    self.north.managing_partner_id = manager
                self.assertIn("North", str(caught.exception))
        with self.assertRaises(ValidationError):
            atoll.managed_partner_ids = [Command.link(self.north.id)]
        with self.assertRaises(ValidationError):
            (self.south | self.reef).managing_partner_id = atoll

    def test_a_company_is_not_managed_by_its_own_branch(self):
        branch = create_company(self.env, "Branch", parent_id=self.acme.id)
        with self.assertRaises(ValidationError):
            self.acme.managing_partner_id = branch

    def test_the_database_refuses_a_company_that_manages_itself(self):
        update = SQL(
            "UPDATE res_partner SET managing_partner_id = id WHERE id = %s",
            self.north.id,
        )
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation):
            self.env.cr.execute(update)

    def test_contacts_are_managed_with_their_company(self):
        ann = self._create_contact("Ann", self.acme)
        with self.assertRaises(ValidationError) as caught:
            ann.managing_partner_id = self.south
        self.assertIn("Acme", str(caught.exception))
        with self.assertRaises(ValidationError):
            self.bolt.write({"is_company": False, "parent_id": self.acme.id})

    def test_a_partner_with_clients_cannot_be_deleted(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.south.unlink()

    def test_a_client_that_changes_partner_keeps_its_seats(self):
        members = self._create_members(self.acme, 2)
        self._grant(self.expenses_pool, members)
        before = self._get_seats().read(["pool_id", "number", "released_at"])
        usage = self.env["subscription.seat.usage"]
        self.acme.managing_partner_id = self.south
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(self.subscription.managing_partner_id, self.south)
        self.assertEqual(
            self.subscription.seat_pool_ids.managing_partner_id, self.south
        )
        self.assertEqual(
            usage.search([("client_id", "=", self.acme.id)]).managing_partner_id,
            self.south,
        )
        self.assertEqual(
            self._get_seats().read(["pool_id", "number", "released_at"]), before
        )

    def test_the_staff_of_a_partner_follows_the_hierarchy(self):
        staff = self._create_user("sam", "standard", self.north)
        pools = self.env["subscription.seat.pool"].with_user(staff)
        self.assertEqual(pools.search([]), self.subscription.seat_pool_ids)
        self.acme.managing_partner_id = self.reef
        self.assertEqual(pools.search([]), self.subscription.seat_pool_ids)
        self.acme.managing_partner_id = self.south
        self.env.flush_all()
        self.assertFalse(pools.search([]))

    def test_what_the_staff_sees_follows_its_own_company(self):
        coral = self._create_subscription(self.coral, self.plan)
        staff = self._create_user("sam", "standard", self.reef)
        pools = self.env["subscription.seat.pool"].with_user(staff)
        self.assertEqual(pools.search([]), coral.seat_pool_ids)
        self.reef.managing_partner_id = self.south
        self.env.flush_all()
        self.assertEqual(pools.search([]), coral.seat_pool_ids)
        staff.partner_id.parent_id = self.north
        self.env.flush_all()
        self.assertEqual(pools.search([]), self.subscription.seat_pool_ids)

    def test_the_staff_changes_nothing_of_its_own_company(self):
        staff = self._create_user("sam", "standard", self.north)
        desk = self._create_contact("Desk", self.north)
        for partner in (self.north, desk, staff.partner_id):
            partner = partner.with_user(staff)
            self.assertTrue(partner.has_access("read"))
            with self.subTest(partner=partner.name), self.assertRaises(AccessError):
                partner.comment = "Changed"

    def test_the_staff_moves_nobody_to_where_it_changes_nothing(self):
        staff = self._create_user("sam", "standard", self.north)
        ann = self._create_contact("Ann", self.acme).with_user(staff)
        for company in (self.north, self.vendor):
            with self.subTest(company=company.name), self.assertRaises(AccessError):
                ann.parent_id = company


class TestHierarchyMerge(SubscriptionCase):
    """Merging contacts leaves every path as if there had always been one company."""

    def _assert_paths(self):
        """Check the stored paths against those computed anew."""
        partners = self.env["res.partner"].with_context(active_test=False).search([])
        stored = {partner: partner.management_path for partner in partners}
        self.env.add_to_compute(partners._fields["management_path"], partners)
        for partner in partners:
            self.assertEqual(partner.management_path, stored[partner], partner.name)

    def test_the_clients_of_merged_partners_are_those_of_the_one_left(self):
        staff = self._create_contact("Sam", self.south)
        self._merge(self.north, self.south)
        self.assertEqual(self.bolt.managing_partner_id, self.north)
        self.assertEqual(self.bolt.management_path, f"{self.north.id}/{self.bolt.id}/")
        self.assertEqual(staff.management_path, f"{self.north.id}/")
        self._assert_paths()

    def test_a_partner_merged_into_its_reseller_takes_its_place(self):
        self._merge(self.south, self.reef)
        self.assertEqual(self.coral.managing_partner_id, self.south)
        self._assert_paths()

    def test_a_reseller_is_merged_into_the_partner_above_it(self):
        cove = self._create_partner("Cove", managing_partner_id=self.reef.id)
        wren = self._create_client("Wren", cove)
        self._merge(self.north, cove)
        self._merge(self.north, self.reef)
        self.assertFalse(self.north.managing_partner_id)
        for client in (self.coral, wren):
            self.assertEqual(client.managing_partner_id, self.north)
        self._assert_paths()

    def test_a_reseller_merged_into_the_partner_above_it_leaves_it_its_place(self):
        cove = self._create_partner("Cove", managing_partner_id=self.reef.id)
        self._merge(self.reef, cove)
        self.assertEqual(self.reef.managing_partner_id, self.north)
        self._assert_paths()

    def test_a_partner_is_not_merged_into_one_below_it(self):
        """The refusal says what to do."""
        cove = self._create_partner("Cove", managing_partner_id=self.reef.id)
        for target in (self.reef, cove):
            with (
                self.subTest(target=target.name),
                self.assertRaisesRegex(
                    UserError, f"Merge {target.name} into North: choose North as"
                ),
                self.cr.savepoint(),
            ):
                self._merge(target, self.north)
        self.reef.managing_partner_id = False
        self._merge(self.reef, self.north)
        self.assertEqual(self.acme.managing_partner_id, self.reef)
        self._assert_paths()

    def test_a_merged_client_is_run_by_the_partner_of_the_one_left(self):
        ann = self._create_contact("Ann", self.bolt)
        subscription = self._create_subscription(ann, self.plan)
        self._merge(self.acme, self.bolt)
        self.assertEqual(subscription.client_id, self.acme)
        self.assertEqual(subscription.managing_partner_id, self.north)
        self.assertEqual(subscription.seat_pool_ids.managing_partner_id, self.north)
        self.assertEqual(ann.management_path, self.acme.management_path)
        self._assert_paths()

    def test_archived_subscriptions_go_along_with_a_merged_client(self):
        subscription = self._create_subscription(self.bolt, self.plan)
        subscription.active = False
        self._merge(self.acme, self.bolt)
        self.assertEqual(subscription.partner_id, self.acme)
        self.assertEqual(subscription.client_id, self.acme)
        self.assertEqual(subscription.seat_pool_ids.client_id, self.acme)

    def test_members_without_a_contact_are_not_taken_for_one_person(self):
        """Those who were merged have none any more; merging their clients keeps
        them."""
        for kept in (1, 2):
            with self.subTest(kept=kept), self.env.cr.savepoint() as savepoint:
                there = [self._leave_without_contact(self.acme) for _n in range(kept)]
                own = self._leave_without_contact(self.bolt)
                self._merge(self.acme, self.bolt)
                members = self.env["subscription.member"].union(own, *there)
                self.assertEqual(members.client_id, self.acme)
                log = self.env["subscription.log"].search([("event", "=", "merged")])
                self.assertNotIn(own, log.member_id)
                savepoint.rollback()

    def _leave_without_contact(self, client):
        """Return a member of ``client`` whose contact became that of another."""
        contacts = [self._create_contact(name, client) for name in ("Ann", "Ann B.")]
        members = self.env["subscription.member"].create(
            [
                {"client_id": client.id, "name": one.name, "partner_id": one.id}
                for one in contacts
            ]
        )
        self._merge(*contacts)
        left = members.filtered(lambda member: not member.partner_id)
        # What is logged from now on is of the next merge.
        self.env["subscription.log"].flush_model()
        self.env.cr.execute(
            "DELETE FROM subscription_log WHERE member_id = %s", (left.id,)
        )
        self.assertEqual(len(left), 1)
        return left


@tagged("post_install", "-at_install")
class TestParallelMoves(CommittedCase):
    def _create_partners(self, count):
        with self._committed() as env:
            return [
                create_company(env, f"Partner {n}", is_managing_partner=True).id
                for n in range(count)
            ]

    def _move(self, partner_id, managing_partner_id):
        vals = {"managing_partner_id": managing_partner_id}
        return lambda env: env["res.partner"].browse(partner_id).write(vals)

    def test_two_partners_cannot_come_to_manage_each_other(self):
        first_id, second_id = self._create_partners(2)
        _first, second = self._run_around(
            self._move(first_id, second_id), self._move(second_id, first_id)
        )
        self.assertIsInstance(second, ValidationError)

    def test_moves_at_once_cannot_close_a_circle(self):
        partner_ids = self._create_partners(4)
        managers = partner_ids[1:] + partner_ids[:1]
        results = self._run_together(*map(self._move, partner_ids, managers))
        refused = [error for error in results if isinstance(error, Exception)]
        self.assertTrue(refused)
        self._check_paths(partner_ids)

    def test_a_company_created_under_a_partner_that_moves_has_the_right_path(self):
        for kind in ("managing_partner_id", "parent_id"):
            for step in (1, -1):
                with self.subTest(kind=kind, order=step):
                    top_id, partner_id = self._create_partners(2)
                    jobs = [
                        self._create_below(kind, partner_id),
                        self._move(partner_id, top_id),
                    ]
                    results = self._run_around(*jobs[::step])
                    self._check_paths([results[0 if step == 1 else 1]])

    def test_a_subscription_made_while_its_client_moves_has_the_right_path(self):
        """Rules read the path that it keeps, and that of its seats: an old one would
        show the contract to the partner that has lost the client."""
        for make in (
            *(self._subscribe, self._subscribe_without_seats),
            *(self._take_over, self._add_module, self._move_module),
        ):
            for step in (1, -1):
                with self.subTest(make=make.__name__, order=step):
                    old_id, new_id = self._create_partners(2)
                    self.managing_partner_id = old_id
                    self._build(5)
                    jobs = [make(), self._move(self.client_id, new_id)]
                    results = self._run_around(*jobs[::step])
                    self._check_subscription(results[0 if step == 1 else 1])

    def _subscribe(self, limits=None):
        """Return the job that gives the client another subscription, of its plan or
        one of ``limits``."""
        client_id, subscription_id = self.client_id, self.subscription_id

        def subscribe(env):
            plan = env["sale.subscription"].browse(subscription_id).template_id
            plan = plan if limits is None else create_plan(env, "Bare", limits)
            client = env["res.partner"].browse(client_id)
            return create_subscription(env, client, plan, running=False).id

        return subscribe

    def _subscribe_without_seats(self):
        return self._subscribe({})

    def _add_module(self):
        """Return the job that adds the seats of another module."""
        with self._committed() as env:
            module_id = create_module(env, f"Payroll {self.client_id}").id
        subscription_id = self.subscription_id

        def add(env):
            env["subscription.seat.pool"].create(
                {
                    "subscription_id": subscription_id,
                    "module_id": module_id,
                    "seat_limit": 3,
                }
            )
            return subscription_id

        return add

    def _move_module(self):
        """Return the job that moves seats of another client's subscription here."""
        with self._committed() as env:
            module = create_module(env, f"Stock {self.client_id}")
            plan = create_plan(env, "Stock", {module: 2})
            other = create_company(env, "Other")
            pools = create_subscription(env, other, plan, running=False).seat_pool_ids
            pool_id = pools.filtered(lambda pool: pool.module_id == module).id
        subscription_id = self.subscription_id

        def move(env):
            pool = env["subscription.seat.pool"].browse(pool_id)
            pool.subscription_id = subscription_id
            return subscription_id

        return move

    def _take_over(self):
        """Return the job that gives the client the subscription of another one."""
        with self._committed() as env:
            other = create_company(env, "Other")
            plan = create_plan(env, "Bare", {})
            taken_id = create_subscription(env, other, plan, running=False).id
        client_id = self.client_id

        def take_over(env):
            taken = env["sale.subscription"].browse(taken_id)
            taken.partner_id = client_id
            return taken.id

        return take_over

    def _check_subscription(self, subscription_id):
        with self._committed() as env:
            subscription = env["sale.subscription"].browse(subscription_id)
            client = subscription.partner_id
            for record in (subscription, *subscription.seat_pool_ids):
                self.assertEqual(record.management_path, client.management_path)
                self.assertEqual(record.managing_partner_id, client.managing_partner_id)

    def _create_below(self, kind, partner_id):
        vals = {"name": "New", "is_company": kind != "parent_id", kind: partner_id}
        return lambda env: env["res.partner"].create(vals).id

    def _check_paths(self, partner_ids):
        with self._committed() as env:
            for partner in env["res.partner"].browse(partner_ids):
                chain = [partner.id] if partner.is_company else []
                above = partner.managing_partner_id or partner.parent_id
                while above:
                    self.assertNotIn(above.id, chain)
                    chain.insert(0, above.id)
                    above = above.managing_partner_id
                expected = "".join(f"{company_id}/" for company_id in chain)
                self.assertEqual(partner.management_path, expected)
