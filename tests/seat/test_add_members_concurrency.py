"""Lists of people that are added at once: by a double click, or by two people."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from ...member_lines import Person
from ..common.committed import CommittedCase
from ..common.subscription import ADDON

ADDRESSES = ("ann@acme.test", "bob@acme.test")


@tagged("post_install", "-at_install")
class TestAddMembersConcurrency(CommittedCase):
    def setUp(self):
        super().setUp()
        self._build(5, users=3)

    def _get_client(self, env):
        return env["res.partner"].browse(self.client_id)

    def _add(self, env):
        people = [Person(1, "", address) for address in ADDRESSES]
        client = self._get_client(env)
        role = env.ref(f"{ADDON}.role_standard")
        return client._add_members(client._plan_members(people, role=role)).ids

    def _add_one(self, env):
        vals = {"client_id": self.client_id, "name": "Ann", "email": ADDRESSES[0]}
        return env["subscription.member"].create(vals).ids

    def _get_addresses(self):
        with self._committed() as env:
            members = self._get_client(env).subscription_member_ids
            self.assertEqual(members.pool_ids.used, len(members))
            return sorted(members.mapped("email"))

    def test_the_same_list_at_once(self):
        done, refused = self._split(self._run_together(*[self._add] * 3))
        self.assertEqual(len(done), 1)
        self.assertEqual({type(error) for error in refused}, {UserError})
        self.assertEqual(self._get_addresses(), [*ADDRESSES])

    def test_a_list_while_one_of_it_is_added(self):
        self._run_around(self._add_one, self._add)
        self.assertEqual(self._get_addresses(), [*ADDRESSES])

    def test_one_of_a_list_while_it_is_added(self):
        _ids, refusal = self._run_around(self._add, self._add_one)
        self.assertIsInstance(refusal, Exception)
        self.assertEqual(self._get_addresses(), [*ADDRESSES])

    def test_a_double_click_makes_one_team(self):
        def make(env):
            client = self._get_client(env)
            return env["subscription.team"]._open_team(client, "New").ids

        results = self._run_together(*[make] * 3)
        self.assertEqual(len({tuple(ids) for ids in results}), 1, results)
