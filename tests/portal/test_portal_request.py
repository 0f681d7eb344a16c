from odoo.tests import tagged

from ..common.request import REQUEST, RequestHttpCase
from ..common.subscription import create_plan


@tagged("post_install", "-at_install")
class TestPortalRequest(RequestHttpCase):
    """What an administrator asks for in the portal, and what it answers."""

    def _get_requests(self, client=None):
        self.env.invalidate_all()
        client = client or self.acme
        return self.requests.search([("client_id", "=", client.id)])

    def test_seats(self):
        self._log_in(self.ada)
        self.assertIn("Nothing has been asked for yet", self._get_page().text)
        page = self._get_page(f"/new?pool_id={self.term_pool.id}")
        self.assertIn(f'value="{self.term_pool.id}" selected="selected"', page.text)
        self.assertIn("Asked: North", self._read(page))
        data = {"kind": "seats", "pool_id": self.term_pool.id, "number": "2"}
        answer = self._send("/ask", **data, message="For <b>March</b>")
        self.assertEqual(answer.status_code, 303)
        request = self._get_requests()
        self.assertEqual(request.number, 2)
        self.assertEqual(request.asked_by_id, self.ada)
        self.assertEqual(self._get_letters(request), [("asked", "north@partners.test")])
        page = self._get_page()
        self.assertIn("2 more seats of Expenses: asked for.", page.text)
        self.assertIn("For &lt;b&gt;March", page.text)
        self.assertIn('data-state="waiting"', page.text)
        self.assertNotIn("asked for.", self._get_page().text)
        # Pressed twice.
        page = self._send("/ask", **data, message="Again")
        self.assertEqual(page.status_code, 200)
        self.assertIn("still to come", page.text)
        self.assertIn("Again", page.text)
        self.assertEqual(len(self._get_requests()), 1)
        answer = self._send(f"/{request.id}/withdraw")
        self.assertEqual(answer.status_code, 303)
        self.env.invalidate_all()
        self.assertEqual(request.state, "withdrawn")
        self.assertIn("it was withdrawn", self._send(f"/{request.id}/withdraw").text)

    def test_plan_and_renewal(self):
        larger = create_plan(self.env, "Grande", {self.base: 20, self.expenses: None})
        self._log_in(self.ada)
        page = self._read(
            self._get_page(f"/new?kind=plan&subscription_id={self.term.id}")
        )
        self.assertIn("Grande ( Users 20 , Expenses unlimited )".split("(")[0], page)
        self._send(
            "/ask",
            kind="plan",
            subscription_id=self.term.id,
            template_id=larger.id,
        )
        page = self._get_page(f"/new?kind=renewal&subscription_id={self.term.id}")
        self.assertIn(f'name="seats_{self.term_pool.id}"', page.text)
        data = {
            "kind": "renewal",
            "subscription_id": self.term.id,
            "years": "3",
            "seat_choice": "other",
            **{f"seats_{pool.id}": "4" for pool in self.term.seat_pool_ids},
        }
        page = self._send("/ask", **{**data, "years": "99"})
        self.assertIn("“99” is not possible", page.text)
        self.assertIn('value="99"', page.text)
        self.assertIn('value="other"', page.text)
        self.assertEqual(self._send("/ask", **data).status_code, 303)
        self.assertEqual(
            sorted(self._get_requests().mapped("kind")), ["plan", "renewal"]
        )
        asked = self._get_requests().filtered(lambda one: one.kind == "renewal")
        self.assertEqual((asked.years, set(asked.seat_numbers.values())), (3, {4}))

    def test_partner(self):
        self._log_in(self.ada)
        page = self._get_page("/new?kind=partner")
        self.assertIn("your partner is not told", page.text)
        self.assertIn("hello@vendor.test", page.text)
        page = self._send("/ask", kind="partner", message=" ")
        self.assertIn("Write which partner you want", page.text)
        self._send("/ask", kind="partner", message="Somebody nearer")
        self.assertEqual(self._get_requests().kind, "partner")

    def test_refusals(self):
        """Nothing half done, and what was typed stays."""
        self._log_in(self.ada)
        for data, text in (
            ({"kind": "seats", "pool_id": self.term_pool.id, "number": "0"}, "“0”"),
            ({"kind": "seats", "pool_id": "", "number": "1"}, "Choose the module"),
            ({"kind": "plan", "template_id": "x"}, "Choose the plan"),
            ({"kind": "module", "pool_id": self.term_pool.id}, "Choose what you ask"),
            ({"kind": "nonsense"}, "Choose what you ask"),
            ({}, "Choose what you ask"),
        ):
            with self.subTest(data):
                page = self._send("/ask", **data, message="Typed")
                self.assertEqual(page.status_code, 200)
                self.assertIn(text, page.text)
                self.assertIn("Typed", page.text)
                self.assertIn('role="alert"', page.text)
        self.assertFalse(self._get_requests())

    def test_answers_are_shown(self):
        request = self._ask(message="Please")
        request.with_user(self.nora)._refuse("Not before March.")
        self._ask("renewal").with_user(self.nora).action_approve()
        self._log_in(self.ada)
        page = self._get_page().text
        self.assertIn("Not before March.", page)
        self.assertIn('data-state="refused"', page)
        self.assertIn('data-state="approved"', page)
        self.assertNotIn("/withdraw", page)

    def test_module_for_a_member(self):
        """One click gives the seat, once; refusing takes a sentence."""
        request = self._ask_module(message="For trips")
        self._log_in(self.ada)
        page = self._get_page().text
        self.assertIn("For trips", page)
        self.assertIn("5 left", self._read(self._get_page()))
        self.assertIn(f"/{request.id}/approve", page)
        self.assertIn("Say in a sentence why", self._send(f"/{request.id}/refuse").text)
        self.assertEqual(self._send(f"/{request.id}/approve").status_code, 303)
        self.env.invalidate_all()
        self.assertEqual(request.state, "approved")
        self.assertEqual(request.answered_by_id, self.ada)
        self.assertEqual(len(self.term_pool.seat_ids), 1)
        seat = self.term_pool.seat_ids
        self.assertEqual(seat.granted_by_id, self.ada)
        self.assertIn("approved it on", self._send(f"/{request.id}/approve").text)
        self.assertEqual(len(self.term_pool.seat_ids), 1)
        other = self._ask_module(pool=self._get_pool(self.subscription, self.expenses))
        self._send(f"/{other.id}/refuse", answer="Use the other one.")
        self.env.invalidate_all()
        self.assertEqual((other.state, other.answer), ("refused", "Use the other one."))

    def test_module_that_is_full(self):
        """The refusal says which limit; the request waits on."""
        request = self._ask_module()
        self._grant(self.term_pool, self._create_members(self.acme, 5))
        self._log_in(self.ada)
        page = self._send(f"/{request.id}/approve")
        self.assertIn("5 of 5 seats of Expenses are in use", page.text)
        self.env.invalidate_all()
        self.assertEqual(request.state, "waiting")

    def test_seat_that_is_billed(self):
        """What it does to the next invoice is said before the seat is given."""
        self.expenses.product_id = self.env["product.product"].create(
            {"name": "Seat", "list_price": 10}
        )
        plan = create_plan(
            self.env, "Counted", {self.expenses: 5}, billing_basis="in_use"
        )
        counted = self._create_subscription(self.acme, plan)
        request = self._ask_module(pool=counted.seat_pool_ids)
        self.assertIn("The next invoice", str(request._get_module_effect()))
        self._log_in(self.ada)
        page = self._send(f"/{request.id}/approve")
        self.assertEqual(page.status_code, 200)
        self.assertIn("The next invoice", page.text)
        self.assertEqual(request.state, "waiting")
        self._send(f"/{request.id}/approve", confirmed="1")
        self.env.invalidate_all()
        self.assertEqual(request.state, "approved")

    def test_others(self):
        """Plain members, administrators of others, and any form of a foreign id."""
        mine = self._ask_module()
        theirs = self._create_subscription(self.bolt, self.plan)
        pool = self._get_pool(theirs, self.expenses)
        foreign = self._ask(client=self.bolt, user=self.bo, pool=pool)
        pages = ("", "/new", "/page/1")
        for user in (self.kim, self.bo):
            self._log_in(user)
            for path in pages:
                self.assertEqual(self._get_page(path).status_code, 404)
            for path in (
                "/ask",
                *(f"/{mine.id}/{one}" for one in ("withdraw", "approve", "refuse")),
            ):
                self.assertEqual(self._send(path, answer="x").status_code, 404)
        self._log_in(self.ada)
        for one in ("withdraw", "approve", "refuse"):
            self.assertEqual(self._send(f"/{foreign.id}/{one}").status_code, 404)
            self.assertEqual(
                self._send(f"/{mine.id}/{one}", self.bolt).status_code, 404
            )
            self.assertEqual(self._send(f"/{2**40}/{one}").status_code, 404)
        for pool_id in (
            *(pool.id, f" {pool.id}", f"[{pool.id}]", f"{self.term_pool.id},{pool.id}"),
            *("x", "-1", "1.0", str(10**30), "٣"),
        ):
            with self.subTest(pool_id):
                answer = self._send("/ask", kind="seats", pool_id=pool_id, number="1")
                self.assertEqual(answer.status_code, 404)
                answer = self._get_page(f"/new?pool_id={pool_id}")
                self.assertEqual(answer.status_code, 404)
        answer = self._send(
            "/ask", kind="renewal", subscription_id=theirs.id, years="1"
        )
        self.assertEqual(answer.status_code, 404)
        self.env.invalidate_all()
        self.assertEqual((mine | foreign).mapped("state"), ["waiting"] * 2)
        self.assertEqual(len(self.requests.search([])), 2)
        self.assertNotIn("Bolt", self._get_page().text)

    def test_without_a_token(self):
        request = self._ask()
        self._log_in(self.ada)
        for path in ("/ask", f"/{request.id}/withdraw"):
            self.assertEqual(self._send(path, csrf=False).status_code, 400)
        # A link that comes back after the session has ended does nothing.
        answer = self._get_page(f"/{request.id}/withdraw")
        self.assertEqual(answer.status_code, 303)
        self.assertIn("your session had ended", self._get_page().text)
        self.env.invalidate_all()
        self.assertEqual(request.state, "waiting")
        self.authenticate(None, None)
        answer = self._get_page()
        self.assertIn("/web/login", answer.headers["Location"])

    def test_accountant_asks_nothing(self):
        alma = self._create_user("alma", "accountant", self.dune)
        self._make_accountant(alma, self.acme)
        self._log_in(alma)
        self.assertEqual(self._get_page().status_code, 404)

    def test_queries(self):
        """As many for a page of one as for a page of many."""
        self._log_in(self.ada)
        self._ask()
        self._get_page()
        few = self._count_queries(self._get_page)
        for _number in range(12):
            asked = self._ask("partner")
            asked.with_user(self.ada).sudo()._withdraw()
        self.assertLessEqual(self._count_queries(self._get_page), few + 3)
        self.assertEqual(self.env[REQUEST].search_count([]), 13)
