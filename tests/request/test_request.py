from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from ...exceptions import LicenceRefusal, SeatRefusal
from ..common.request import RequestCase
from ..common.subscription import create_yearly_plan


@tagged("post_install", "-at_install")
class TestRequest(RequestCase):
    """What is asked for, and what approving does."""

    def _approve(self, request, user=None):
        return request.with_user(user or self.nora).action_approve()

    # ------------------------------------------------------------------ each kind

    def test_seats(self):
        """Approving adds the number asked for, and takes its licences."""
        request = self._ask(number="2")
        self.assertEqual(request.what_text, "2 more seats of Expenses")
        self.assertEqual(request.asked_partner_id, self.north)
        self.assertEqual(self._get_letters(request), [("asked", "north@partners.test")])
        own = request.with_user(self.nora)
        self.assertIn("7 seats instead of 5, of which 0", own.preview_text)
        self.assertIn("Takes 2 licences of Expenses", own.preview_text)
        self.assertIn("10 in stock, and 8 afterwards", own.preview_text)
        self.assertEqual(self._count_waiting(), 1)
        action = self._approve(request)
        self.assertEqual(self._count_waiting(), 0)
        self.assertIn("approved", action["params"]["message"])
        self.assertEqual(self.term_pool.seat_limit, 7)
        self.assertEqual(self._get_balance(self.north), 8)
        self.assertEqual(request.state, "approved")
        self.assertEqual(request.answered_by_id, self.nora)
        self.assertFalse(own.preview_text)
        self.assertEqual(
            self._get_letters(request),
            [("asked", "north@partners.test"), ("answered", "ada@acme.test")],
        )
        self.assertEqual(self._get_events(), ["requested", "request_approved"])

    def _count_waiting(self):
        """Return how many requests the dashboard of North counts."""
        model = self.env["sale.subscription"].with_user(self.nora)
        tiles = {tile["name"]: tile for tile in model.get_dashboard()["tiles"]}
        return tiles["requests"]["value"] if "requests" in tiles else 0

    def test_limit_that_was_raised_meanwhile(self):
        """The number comes on top of what there is, and both are shown before."""
        request = self._ask(number="2")
        self.term_pool.seat_limit = 6
        text = request.with_user(self.nora).preview_text
        self.assertIn("there were 5 seats when it was asked, and there are 6", text)
        self.assertIn("there will be 8", text)
        self._approve(request)
        self.assertEqual(self.term_pool.seat_limit, 8)

    def test_stock_short(self):
        """It waits on, and says what is missing; nothing was done."""
        request = self._ask(number="11")
        own = request.with_user(self.nora)
        self.assertIn("1 missing", own.preview_text)
        with self.assertRaisesRegex(LicenceRefusal, "10 in stock, 11 needed"):
            with self.env.cr.savepoint():
                self._approve(request)
        self.assertEqual(request.state, "waiting")
        self.assertEqual(self.term_pool.seat_limit, 5)
        self._give(self.north, 1, from_vendor=True)
        self._approve(request)
        self.assertEqual(self.term_pool.seat_limit, 16)

    def test_plan(self):
        larger = self.yearly.copy({"name": "Yearly Large"})
        larger.plan_line_ids.filtered(lambda one: not one.is_base).seat_limit = 8
        request = self._ask("plan", template=larger)
        text = request.with_user(self.nora).preview_text
        self.assertIn("Expenses: 8 seats instead of 5.", text)
        self.assertIn("Takes 3 licences of Expenses", text)
        self._approve(request)
        self.assertEqual(self.term.template_id, larger)
        self.assertEqual(self.term_pool.seat_limit, 8)
        self.assertEqual(self._get_balance(self.north), 7)

    def test_plan_that_is_not_offered(self):
        other = self.env["res.company"].create({"name": "Other Vendor"})
        for plan, text in (
            (self.yearly, "is your plan already"),
            (self.yearly.copy({"company_id": other.id}), "is not offered any more"),
            (self.yearly.browse(), "Choose the plan"),
        ):
            with self.assertRaisesRegex(UserError, text):
                self._ask("plan", template=plan)
        gone = self.plan.copy({"name": "Gone"})
        request = self._ask("plan", template=gone)
        gone.unlink()
        self.assertEqual(request.what_text, "The plan Gone")
        text = request.with_user(self.nora).preview_text
        self.assertEqual(text, "The plan does not exist any more.")
        with self.assertRaisesRegex(UserError, "is not offered any more"):
            self._approve(request)

    def test_renewal(self):
        request = self._ask("renewal", years="2", seat_choice="same")
        self.assertEqual(request.what_text, "Renewal for 2 years, with the same seats")
        text = request.with_user(self.nora).preview_text
        self.assertIn("Takes 10 licences of Expenses", text)
        self.assertIn("Price: No price", text)
        self._approve(request)
        renewal = self.term.renewal_id
        self.assertEqual((renewal.years, renewal.licences), (2, 10))
        self.assertEqual(renewal.user_id, self.nora)
        self.assertEqual(self._get_balance(self.north), 0)

    def test_renewal_with_other_seats(self):
        request = self._ask(
            "renewal",
            seat_choice="other",
            numbers={self.term_pool: "3", self._get_pool(self.term, self.base): "10"},
        )
        self.assertIn("Expenses 3", request.what_text)
        self._approve(request)
        lines = self.term.renewal_id.line_ids
        self.assertEqual({one.module_id: one.seats for one in lines}[self.expenses], 3)

    def test_renewal_that_makes_no_sense(self):
        for values in (
            {"years": "0"},
            {"years": "51"},
            {"years": "x"},
            {"years": None},
            {"seat_choice": "all"},
            {"seat_choice": "other", "numbers": {self.term_pool: "-1"}},
            {"seat_choice": "other", "numbers": {self.term_pool: ""}},
            {"subscription": self.subscription},
            {"subscription": self.subscription.browse()},
        ):
            with self.subTest(values), self.assertRaises(UserError):
                self._ask("renewal", **values)
        self._ask("renewal")
        self.env["subscription.renewal"]._schedule(
            {self.term: self.term._prepare_term_request()}
        )
        request = self.requests.search([("kind", "=", "renewal")])
        text = request.with_user(self.nora).preview_text
        self.assertIn("was renewed already", text)
        with self.assertRaisesRegex(UserError, "was renewed already"):
            self._approve(request)

    def test_something_else_than_was_shown(self):
        """Whoever approves what changed since the page was opened is shown that first,
        and nothing is done."""
        more = {self.expenses: 6, self.base: 10}
        larger = create_yearly_plan(self.env, "Larger", more)
        changes = {
            "seats": lambda: self.term_pool.write({"seat_limit": 6}),
            "plan": lambda: larger.plan_line_ids.write({"seat_limit": 7}),
            "renewal": lambda: self._grant(
                self.term_pool, self._create_members(self.acme, 2)
            ),
        }
        for kind, change in changes.items():
            with self.subTest(kind), self._undone():
                request = self._ask(kind, template=larger, seat_choice="in_use")
                own = request.with_user(self.nora)
                seen = own.preview_digest
                text = own.preview_text
                change()
                self.env.invalidate_all()
                action = own.with_context(seen_preview=seen).action_approve()
                self.assertIn("have changed since", action["params"]["message"])
                self.assertEqual(request.state, "waiting")
                self.assertFalse(self.term.renewal_id)
                self.assertNotEqual(own.preview_text, text)
                own.with_context(seen_preview=own.preview_digest).action_approve()
                self.assertEqual(request.state, "approved")

    def test_price_that_has_changed(self):
        self.expenses.licence_product_id = self.env["product.product"].create(
            {"name": "Seat", "list_price": 10}
        )
        request = self._ask("renewal")
        own = request.with_user(self.nora)
        seen = own.preview_digest
        self.assertEqual(own.preview_digest, seen)
        self.expenses.licence_product_id.list_price = 11
        self.env.invalidate_all()
        self.assertRegex(own.preview_text, r"55[.,]00")
        own.with_context(seen_preview=seen).action_approve()
        self.assertEqual(request.state, "waiting")

    def test_seats_given_meanwhile_are_no_other_price(self):
        request = self._ask()
        own = request.with_user(self.nora)
        seen = own.preview_digest
        self._grant(self.term_pool, self._create_member("Ann"))
        self.env.invalidate_all()
        own.with_context(seen_preview=seen).action_approve()
        self.assertEqual(request.state, "approved")

    def test_partner(self):
        """The vendor alone knows of it, and moving the client answers it."""
        request = self._ask("partner", message="Somebody nearer")
        self.assertFalse(request.asked_partner_id)
        self.assertEqual(self._get_letters(request), [("asked", "hello@vendor.test")])
        self.assertFalse(self._get_events())
        self.assertFalse(self.requests.with_user(self.nora).search([]))
        with self.assertRaises(UserError):
            self._approve(request)
        action = self._approve(request, self.vera)
        self.assertEqual(action["res_model"], "subscription.client.move")
        self.assertEqual(request.state, "waiting")
        wizard = self.env["subscription.client.move"].with_user(self.vera)
        wizard = wizard.with_context(**action["context"])
        wizard.create({"new_partner_id": self.south.id}).action_move()
        self.assertEqual(self.acme.managing_partner_id, self.south)
        self.assertEqual(request.state, "approved")
        self.assertEqual(request.answered_by_id, self.vera)

    def test_partner_needs_a_reason(self):
        for message in ("", "  ", None):
            with self.assertRaisesRegex(UserError, "Write which partner"):
                self._ask("partner", message=message)

    def test_module(self):
        """Administrators answer what members ask for."""
        request = self._ask_module()
        self.assertEqual(request.what_text, "Expenses for kim")
        self.assertEqual(self._get_letters(request), [("asked", "ada@acme.test")])
        self.assertFalse(request.activity_ids)
        request.with_user(self.ada).sudo()._approve()
        self.assertIn(self.kim.partner_id, self.term_pool.seat_ids.member_id.partner_id)
        self.assertEqual(request.answered_by_id, self.ada)
        self.assertIn(("answered", "kim@acme.test"), self._get_letters(request))
        with self.assertRaisesRegex(UserError, "you have it already"):
            self._ask_module()

    def test_module_that_is_full(self):
        self.term_pool.seat_limit = 0
        with self.assertRaisesRegex(UserError, "cannot be given now"):
            self._ask_module()
        self.term_pool.seat_limit = 1
        request = self._ask_module()
        self._grant(self.term_pool, self._create_member("Ann"))
        with self.assertRaisesRegex(SeatRefusal, "1 of 1 seats"):
            with self.env.cr.savepoint():
                request.with_user(self.ada).sudo()._approve()
        self.assertEqual(request.state, "waiting")

    def test_partner_gives_the_module_too(self):
        request = self._ask_module()
        self.assertIn("5 left", request.with_user(self.nora).preview_text)
        self._approve(request)
        self.assertEqual(request.answered_by_id, self.nora)

    # ------------------------------------------------------------------ asking

    def test_numbers(self):
        for number in (
            "0",
            "-1",
            "1.5",
            "x",
            "",
            None,
            "1000000",
            "9" * 30,
            "٣",
            "1 0",
        ):
            with (
                self.subTest(number),
                self.assertRaisesRegex(UserError, "whole number"),
            ):
                self._ask(number=number)
        self.assertFalse(self.requests.search([]))
        with self.assertRaisesRegex(UserError, "Choose the module"):
            self._ask(pool=self.term_pool.browse())
        with self.assertRaisesRegex(UserError, "Choose what you ask for"):
            self._ask("nonsense")
        with self.assertRaisesRegex(UserError, "2000 at most"):
            self._ask(message="x" * 2001)
        self._get_pool(self.term, self.base).is_unlimited = True
        with self.assertRaisesRegex(UserError, "has no limit"):
            self._ask(pool=self._get_pool(self.term, self.base))

    def test_twice(self):
        """One of a kind waits; others, and the same afterwards, can be asked for."""
        request = self._ask()
        with self.assertRaisesRegex(
            UserError, r"ada \(.*\) asked for this on .* to come"
        ):
            self._ask(number="1")
        self._ask(pool=self._get_pool(self.term, self.base))
        self._ask("renewal")
        self._ask_module()
        with self.assertRaisesRegex(UserError, "to come"):
            self._ask_module()
        request.with_user(self.ada).sudo()._withdraw()
        self.assertEqual(self._ask(number="1").state, "waiting")

    def test_too_much(self):
        for _number in range(20):
            self._ask().with_user(self.ada).sudo()._withdraw()
        with self.assertRaisesRegex(UserError, "wait until tomorrow"):
            self._ask()

    # ------------------------------------------------------------------ ends

    def test_refused(self):
        request = self._ask()
        action = request.with_user(self.nora).action_refuse()
        wizard = self.env["subscription.request.refuse"].with_user(self.nora)
        wizard = wizard.with_context(**action["context"])
        with self.assertRaisesRegex(UserError, "Say in a sentence"):
            wizard.create({"answer": "  "}).action_refuse()
        wizard.create({"answer": "Not before March."}).action_refuse()
        self.assertEqual(request.state, "refused")
        self.assertEqual(request.with_user(self.nora).answer_text, "Not before March.")
        self.assertEqual(self.term_pool.seat_limit, 5)
        mail = self._get_mails(request)[-1]
        self.assertEqual(mail.email_to, "ada@acme.test")
        self.assertIn("Not before March.", mail.body_html)
        with self.assertRaisesRegex(UserError, r"nora \(.*\) refused it on"):
            self._approve(request)

    def test_withdrawn(self):
        request = self._ask()
        self.assertEqual(len(request.activity_ids), 1)
        request.with_user(self.ada).sudo()._withdraw()
        self.assertFalse(request.activity_ids)
        self.assertEqual(len(self._get_letters(request)), 1)
        for call in (
            lambda: self._approve(request),
            request.with_user(self.nora).action_refuse,
            request._withdraw,
        ):
            with self.assertRaisesRegex(UserError, "it was withdrawn"):
                call()
        self.assertEqual(self._get_events(), ["requested", "request_withdrawn"])

    def test_expired(self):
        self.env.company.request_days = 10
        request, young = self._ask(), self._ask("renewal")
        request._set({"asked_at": fields.Datetime.now() - timedelta(days=10)})
        self._run_job()
        self.assertEqual((request.state, young.state), ("expired", "waiting"))
        self.assertFalse(request.activity_ids)
        self.assertEqual(
            self._get_letters(request)[1:], [("answered", "ada@acme.test")]
        )
        self.assertIn("has expired", self._get_mails(request)[-1].body_html)
        with self.assertRaisesRegex(UserError, "it expired on"):
            self._approve(request)
        self._run_job()
        self.assertEqual(len(self._get_letters(request)), 2)

    def test_tier_above(self):
        """The partner above a reseller is told once; above North there is the
        vendor."""
        rita = self._create_user("rita", "standard", self.reef)
        cora = self._create_portal_user("cora", self.coral, self.role_administrator)
        term = self._create_term(self.coral, plan=self.plan)
        pool = self._get_pool(term, self.expenses)
        low = self._ask(client=self.coral, user=cora, pool=pool)
        high, own = self._ask(), self._ask("partner")
        self.assertEqual(low.activity_ids.user_id, rita)
        self.assertEqual(high.activity_ids.user_id, self.nora)
        old = fields.Datetime.now() - timedelta(days=3)
        (low | high | own)._set({"asked_at": old})
        late = self.requests.with_user(self.nora).search([("is_late", "=", True)])
        self.assertEqual(late, low | high)
        for _run in range(2):
            self._run_job()
            self.assertEqual(low.activity_ids.user_id, rita | self.nora)
            self.assertEqual(len(low.activity_ids), 2)
            self.assertEqual(len(high.activity_ids), 2)
        self.assertIn(
            "Nobody has answered yet", " ".join(low.activity_ids.mapped("summary"))
        )
        self.assertEqual(len(own.activity_ids), 1)
        mine = self.requests.with_user(self.nora).search([("is_mine", "=", True)])
        self.assertEqual(mine, high)

    def test_gone(self):
        """What cannot be had any more ends with it."""
        module = self._create_pool_of("Wiki")
        asked = self._ask(pool=module)
        module.unlink()
        self.assertEqual(asked.state, "expired")
        self.assertEqual(asked.what_text, "2 more seats of Wiki")
        wish = self._ask_module()
        self.kim.partner_id.sudo().membership_ids.active = False
        self.assertEqual(wish.state, "withdrawn")
        plain = self._create_subscription(self.bolt, self.plan, running=False)
        self._ask("plan", client=self.bolt, subscription=plain, template=self.yearly)
        plain.unlink()
        self.assertFalse(self.requests.search([("client_id", "=", self.bolt.id)]))

    def _create_pool_of(self, name):
        module = self.env["subscription.module"].create(
            {"name": name, "code": name.lower()}
        )
        return self.term_pool.create(
            {"subscription_id": self.term.id, "module_id": module.id, "seat_limit": 0}
        )

    def test_client_that_moves(self):
        """What waits goes to the new partner, whose words the old one does not get; the
        new one does not read what was between the others."""
        done, waiting = self._ask(message="Dear North"), self._ask("renewal")
        done.with_user(self.nora)._refuse("North says no")
        self.acme.managing_partner_id = self.south
        self.assertEqual(waiting.asked_partner_id, self.south)
        self.assertEqual(waiting.activity_ids.user_id, self.sven)
        self.assertEqual(
            self._get_letters(waiting),
            [("asked", "north@partners.test"), ("asked", "south@partners.test")],
        )
        own = done.with_user(self.sven)
        own.invalidate_recordset()
        self.assertFalse(own.message_text or own.answer_text)
        self.assertEqual(waiting.with_user(self.sven).message_text, "Please")
        self.assertFalse(self.requests.with_user(self.nora).search([]))
        words = str(own.read(["display_name", "asked_partner_id", "answered_by_id"]))
        self.assertNotIn("North", words)
        self.assertNotIn("nora", words)
        admin = done.with_user(self.vera)
        self.assertEqual(admin.message_text, "Dear North")

    def test_merge(self):
        twin = self._create_client("Acme Twin", self.north)
        tina = self._create_portal_user("tina", twin, self.role_administrator)
        mine, theirs = self._ask("partner"), self._ask("partner", twin, tina)
        self._merge(self.acme, twin)
        self.assertEqual(mine.state, "waiting")
        self.assertEqual(theirs.state, "withdrawn")
        self.assertEqual(theirs.client_id, self.acme)

    # ------------------------------------------------------------------ e-mails

    def test_letter(self):
        request = self._ask(message="Five <b>people</b>\njoin us")
        mail = self._get_mails(request)
        self.assertEqual(len(mail), 1)
        self.assertEqual(mail.subject, "Acme asks: 2 more seats of Expenses")
        self.assertEqual(mail.email_to, "north@partners.test")
        self.assertIn("ada@acme.test", mail.reply_to)
        self.assertIn(f"/odoo/subscription-requests/{request.id}", mail.body_html)
        self.assertIn("Five &lt;b&gt;people&lt;/b&gt;", mail.body_html)
        self.assertEqual(mail.body_html.count("<a "), 1 + bool(self.vendor.email))
        self.assertEqual(mail.author_id, self.vendor)

    def test_letter_without_an_address(self):
        """The staff is told where the partner has no address; without any, the
        activity tells."""
        self.north.email = False
        self.assertEqual(self._get_letters(self._ask()), [("asked", "nora@users.test")])
        self.nora.partner_id.email = False
        request = self._ask("renewal")
        self.assertFalse(self._get_letters(request))
        self.assertEqual(request.activity_ids.user_id, self.nora)

    def test_letter_that_cannot_be_sent(self):
        request = self._ask()
        mail = self._get_mails(request)
        mail._postprocess_sent_message([], [], "No such mailbox", "mail_email_invalid")
        self.assertEqual(request.with_user(self.nora).failure_text, "No such mailbox")

    def test_activity(self):
        """One, for the user in charge; nobody else reads it, and nobody is e-mailed
        for it."""
        self._create_user("ned", "standard", self.north)
        before = self.env["mail.mail"].search_count([])
        request = self._ask()
        self.assertEqual(self.env["mail.mail"].search_count([]), before + 1)
        activity = request.activity_ids
        self.assertEqual(activity.user_id, self.nora)
        self.assertEqual(activity.summary, "2 more seats of Expenses · Acme")
        self.assertIn(f"/odoo/subscription-requests/{request.id}", activity.note)
        self.assertNotIn(self.nora.partner_id, self.term.message_partner_ids)
        activities = self.env["mail.activity"]
        for user, count in ((self.nora, 1), (self.sven, 0)):
            found = activities.with_user(user).search([("id", "=", activity.id)])
            self.assertEqual(len(found), count)
        request.with_user(self.vera).action_approve()
        self.assertFalse(activity.exists())

    def test_audit_trail(self):
        self._ask(number="2").with_user(self.nora).action_approve()
        entries = self.env["subscription.audit"].with_user(self.nora)
        found = entries.search([("event", "like", "request")], order="id")
        self.assertEqual(
            found.mapped("details"), ["More seats → 5 + 2", "More seats → 5 + 2"]
        )
        names = [author.split()[0] for author in found.mapped("author")]
        self.assertEqual(names, ["ada", "nora"])

    # ------------------------------------------------------------------ lists

    def test_queries(self):
        """As many for one request as for many."""

        def read():
            self.requests.with_user(self.nora).search([]).web_read(
                {
                    "display_name": {},
                    "what_text": {},
                    "is_late": {},
                    "state": {},
                    "message_text": {},
                    "client_id": {"fields": {"display_name": {}}},
                    "asked_partner_id": {"fields": {"display_name": {}}},
                    "asked_by_id": {"fields": {"display_name": {}}},
                }
            )

        def count():
            partners = self.env["res.partner"].with_user(self.nora)
            managed = [("managing_partner_id", "=", self.north.id)]
            partners.search(managed).mapped("request_count")

        self._ask()
        few, few_counts = self._count_queries(read), self._count_queries(count)
        for number in range(10):
            client = self._create_client(f"Client {number}", self.north)
            pool = self._get_pool(
                self._create_subscription(client, self.plan), self.expenses
            )
            self._ask(client=client, pool=pool)
        self.assertLessEqual(self._count_queries(read), few)
        self.assertLessEqual(self._count_queries(count), few_counts)
