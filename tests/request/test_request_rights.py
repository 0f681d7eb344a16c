from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..common.request import LETTER, REQUEST, RequestMixin
from ..common.rpc import RpcCase
from ..common.subscription import SubscriptionCase


@tagged("post_install", "-at_install")
class TestRequestRights(RequestMixin, SubscriptionCase, RpcCase):
    """Who reads and who answers, over the interface for programs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rita = cls._create_user("rita", "standard", cls.reef)
        cls.alma = cls._create_user("alma", "accountant", cls.dune)
        cls._make_accountant(cls.alma, cls.acme)
        names = ("nora", "sven", "rita", "alma", "vera", "ada", "kim", "bo")
        cls._create_keys({name: getattr(cls, name) for name in names})
        asking = cls.requests.with_user(cls.ada).sudo()
        asked = {"pool": cls.term_pool, "number": "2"}
        cls.request = asking._ask(cls.acme, "seats", asked)
        cls.env.flush_all()

    def _call(self, name, method, model=REQUEST, ids=None, **kwargs):
        ids = self.request.ids if ids is None else ids
        return self._call_json(name, model, method, ids, **kwargs)

    def test_who_reads(self):
        for name, count in (
            *(("nora", 1), ("vera", 1), ("alma", 1)),
            *(("sven", 0), ("rita", 0)),
        ):
            with self.subTest(name):
                answer = self._call(name, "search_count", ids=[], domain=[])
                self.assertEqual(answer.json(), count)
        for name in ("ada", "kim", "bo", None):
            with self.subTest(name):
                answer = self._call(name, "search_count", ids=[], domain=[])
                self.assertIn(answer.status_code, (401, 403))

    def test_who_answers(self):
        for name in ("sven", "rita", "alma", "ada", "kim", "bo", None):
            for method in ("action_approve", "action_refuse"):
                with self.subTest(name, method=method):
                    answer = self._call(name, method)
                    self.assertIn(answer.status_code, (401, 403, 422))
            self.env.invalidate_all()
            self.assertEqual(self.request.state, "waiting")
        self.assertEqual(self._call("nora", "action_approve").status_code, 200)
        self.env.invalidate_all()
        self.assertEqual(self.request.state, "approved")
        answer = self._call("vera", "action_approve")
        self.assertEqual(answer.status_code, 422)
        self.assertIn("approved it on", answer.text)

    def test_nobody_edits(self):
        """Not even the vendor; what only the program reads stays unread."""
        for name in ("nora", "vera"):
            for method, kwargs in (
                ("write", {"vals": {"state": "approved"}}),
                ("unlink", {}),
                ("read", {"fields": ["message"]}),
                ("read", {"fields": ["activity_ids"]}),
            ):
                with self.subTest(name, method=method):
                    answer = self._call(name, method, **kwargs)
                    self.assertIn(answer.status_code, (403, 422), answer.text)
            answer = self._call(
                name,
                "create",
                ids=[],
                vals_list=[{"kind": "partner", "client_id": self.acme.id}],
            )
            self.assertIn(answer.status_code, (403, 422))
            for method in ("_approve", "_ask", "_close", "_set", "_add"):
                self.assertNotEqual(self._call(name, method).status_code, 200)
        self.assertEqual(self.request.state, "waiting")

    def test_dialog(self):
        """The dialog takes nobody to the requests of others."""
        model = "subscription.request.refuse"
        values = {"request_id": self.request.id, "answer": "No"}
        for name in ("sven", "rita", "alma", "ada"):
            answer = self._call(name, "create", model, ids=[], vals_list=[values])
            self.assertIn(answer.status_code, (403, 422))
        answer = self._call("nora", "create", model, ids=[], vals_list=[values])
        ids = answer.json()
        self.assertIn(
            self._call("vera", "read", model, ids=ids, fields=["answer"]).status_code,
            (403, 422),
        )
        self.assertEqual(
            self._call("nora", "action_refuse", model, ids=ids).status_code, 200
        )
        self.env.invalidate_all()
        self.assertEqual(self.request.state, "refused")

    def test_own_company_does_not_answer_itself(self):
        """What a reseller asks for itself, North answers, and not Reef's staff."""
        term = self._create_term(self.reef, plan=self.plan)
        rob = self._create_portal_user("rob", self.reef, self.role_administrator)
        pool = self._get_pool(term, self.expenses)
        request = self._ask(client=self.reef, user=rob, pool=pool)
        self.assertEqual(request.asked_partner_id, self.north)
        self.assertFalse(request.with_user(self.rita).can_answer)
        with self.assertRaisesRegex(UserError, "you do not answer this"):
            request.with_user(self.rita).action_approve()
        request.with_user(self.nora).action_approve()
        self.assertEqual(pool.seat_limit, 4)

    def test_stock_of_another_tier(self):
        """North sees what Reef's client asks, and takes Reef's stock for it as on the
        form of the pool."""
        cora = self._create_portal_user("cora", self.coral, self.role_administrator)
        self.env["subscription.licence.account"]._give(
            self.reef, {self.expenses: 6}, self.env.company
        )
        term = self._create_term(self.coral, date_start=self.env.company._get_today())
        pool = self._get_pool(term, self.expenses)
        request = self._ask(client=self.coral, user=cora, pool=pool, number="1")
        self.assertEqual(request.asked_partner_id, self.reef)
        own = request.with_user(self.nora)
        self.assertIn("Reef has 1 in stock, and 0 afterwards", own.preview_text)
        own.action_approve()
        self.assertEqual(self._get_balance(self.reef), 0)
        self.assertEqual(request.answered_by_id, self.nora)

    def test_letters(self):
        self.assertTrue(self.env[LETTER].with_user(self.vera).search([]))
        for user in (self.nora, self.alma, self.ada):
            with self.assertRaises(AccessError):
                self.env[LETTER].with_user(user).search([])

    def test_preview_is_for_who_answers(self):
        for user in (self.alma,):
            self.assertFalse(self.request.with_user(user).preview_text)
        self.assertTrue(self.request.with_user(self.vera).preview_text)
