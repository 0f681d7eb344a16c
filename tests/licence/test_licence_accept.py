from unittest.mock import patch

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..common.access import ACCOUNT, MUTED
from ..common.links import ORDER, SIGNATURE, LinkCase

SELLER_GROUP = "sales_team.group_sale_salesman_all_leads"
POST_PROCESS = (
    "odoo.addons.account_payment.models.payment_transaction"
    ".PaymentTransaction._post_process"
)


class AcceptCase(LinkCase):
    """Orders of North over five licences of Expenses, at 10 each."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.expenses.licence_product_id = cls.product
        cls.seller = new_test_user(cls.env, "seller", SELLER_GROUP)
        cls.plain = cls.env["res.partner"].create(
            {"name": "Plain", "is_company": True, "email": "plain@customers.test"}
        )
        cls.roles["plain"] = cls._create_user("plain", "base.group_portal", cls.plain)
        form = cls.env["ir.ui.view"].create(
            {"name": "Form", "type": "qweb", "arch": "<form action='/pay'/>"}
        )
        cls.bank = cls.env["payment.provider"].create(
            {
                "name": "Bank",
                "code": "none",
                "state": "enabled",
                "is_published": True,
                "redirect_form_view_id": form.id,
                "payment_method_ids": [Command.set(cls.payment_method.ids)],
            }
        )
        cls.payment_method.active = True
        cls.env.flush_all()

    def _create(self, customer=None, state="sent", **vals):
        order = self._create_order(
            customer or self.north, state, user_id=self.seller.id, **vals
        )
        self.env.flush_all()
        return order

    def _get_stock(self):
        self.env.invalidate_all()
        accounts = self.env[ACCOUNT].search(
            [("partner_id", "=", self.north.id), ("module_id", "=", self.expenses.id)]
        )
        return sum(accounts.mapped("balance"))

    def _get_activities(self, order):
        self.env.invalidate_all()
        return order.activity_ids.filtered(lambda one: one.user_id == self.seller)

    def _pay(self, order, amount=None, state="done", provider=None):
        """Pay ``order`` as a provider confirms it."""
        payment = self.env["payment.transaction"].create(
            {
                "provider_id": (provider or self.bank).id,
                "payment_method_id": self.payment_method.id,
                "amount": order.amount_total if amount is None else amount,
                "currency_id": order.currency_id.id,
                "partner_id": order.partner_id.id,
                "operation": "online_redirect",
                "sale_order_ids": [Command.set(order.ids)],
            }
        )
        # Without the entries of the vendor's bank.
        with patch(POST_PROCESS):
            getattr(payment, f"_set_{state}")()
            payment._post_process()
        self.env.flush_all()
        return payment

    def _prepare_payment(self, order, **values):
        return {
            "access_token": order.access_token,
            "provider_id": self.bank.id,
            "payment_method_id": self.payment_method.id,
            "token_id": None,
            "amount": order.amount_total,
            "flow": "redirect",
            "tokenization_requested": False,
            "landing_route": "/my",
            **values,
        }


@tagged("post_install", "-at_install")
class TestLicenceAccept(AcceptCase):
    """A partner accepts online what the vendor has sent; the licences come when the
    vendor confirms, or with the payment."""

    # ------------------------------------------------------------------ signing

    def test_the_seller_is_told_in_its_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.seller.lang = "fr_FR"
        order = self._create()
        order._ask_to_confirm()
        activity = self._get_activities(order)
        self.assertEqual(activity.summary, "Accepté en ligne : confirmez la commande")
        self.assertIn("a accepté ce devis en ligne", activity.note)

    @mute_logger(*MUTED)
    def test_a_signature_is_recorded(self):
        """Whoever signs, with the link or logged in."""
        stock = self._get_stock()
        for role, has_link in (("north", False), ("north", True), ("public", True)):
            with self.subTest(role=role, link=has_link):
                order = self._create()
                self._log_in(role)
                self.assertIn("force_refresh", self._sign_with(order, has_link))
                self._check_accepted(order)
                self.assertEqual(self._get_stock(), stock)

    def _sign_with(self, order, has_link=True):
        return self._sign(order, self._get_token(order) if has_link else None)

    def _check_accepted(self, order):
        state, signature, name, date = self._read(
            order, "state", "signature", "signed_by", "signed_on"
        )
        self.assertEqual((state, name), ("sent", "Robin"))
        self.assertTrue(signature)
        self.assertTrue(date)
        self.assertEqual(len(self._get_activities(order)), 1)
        told = order.message_ids.filtered(lambda one: "Robin" in str(one.body))
        self.assertIn(self.seller.partner_id, told.notified_partner_ids)

    @mute_logger(*MUTED)
    def test_the_vendor_confirms(self):
        stock = self._get_stock()
        order = self._create()
        self._log_in("public")
        self._sign_with(order)
        order.with_user(self.seller).action_confirm()
        self.env.flush_all()
        self.assertEqual(self._get_stock(), stock + 5)
        self.assertFalse(self._get_activities(order))

    @mute_logger(*MUTED)
    def test_a_second_acceptance_changes_nothing(self):
        order = self._create()
        self._log_in("public")
        self._sign_with(order)
        before = self._read(
            order, "signed_on", "signature", "message_ids", "activity_ids"
        )
        for role in ("public", "north"):
            self._log_in(role)
            self.assertIn("error", self._sign_with(order))
            self._decline(order, order.access_token)
            self._call(
                f"/my/orders/{order.id}/update_line_dict",
                line_id=order.order_line[0].id,
                access_token=order.access_token,
                input_quantity=99,
            )
            names = ("signed_on", "signature", "message_ids", "activity_ids")
            self.assertEqual(self._read(order, *names), before)
        self.assertEqual(order.state, "sent")
        self.assertEqual(order.order_line.product_uom_qty, 5)

    @mute_logger(*MUTED)
    def test_nobody_accepts_what_is_not_open(self):
        """Drafts, which the vendor has not sent, cancelled orders and expired ones."""
        stock = self._get_stock()
        for label, state, vals in (
            ("draft", "draft", {}),
            ("cancelled", "cancel", {}),
            ("expired", "sent", {"validity_date": "2026-01-01"}),
        ):
            for role in ("public", "north", "intern", "admin"):
                with self.subTest(state=label, role=role):
                    order = self._create(state=state, **vals)
                    self._log_in(role)
                    self.assertIn("error", self._sign_with(order))
                    route = f"/my/orders/{order.id}/transaction"
                    answer = self._call(route, **self._prepare_payment(order))
                    self.assertIn("error", answer)
                    names = ("state", "signature", "transaction_ids")
                    empty = self.env["payment.transaction"]
                    self.assertEqual(self._read(order, *names), [state, False, empty])
        self.assertEqual(self._get_stock(), stock)

    @mute_logger(*MUTED)
    def test_a_link_to_what_is_a_draft_again(self):
        order = self._create()
        token = order.with_user(self.roles["north"]).get_portal_url().split("=")[-1]
        order.action_draft()
        self.env.flush_all()
        self._log_in("public")
        self.assertIn("error", self._sign(order, token))
        self.assertEqual(self._read(order, "state", "signature"), ["draft", False])

    @mute_logger(*MUTED)
    def test_orders_of_clients(self):
        """A client confirms its own order; its partner only accepts it."""
        for role, has_link, state in (
            ("client", False, "sale"),
            ("public", True, "sent"),
            ("north", False, "sent"),
            ("north", True, "sent"),
        ):
            with self.subTest(role=role, link=has_link):
                order = self._create(self.acme)
                order.order_line.product_id = self.env["product.product"].create(
                    {"name": "Training", "type": "service"}
                )
                self.env.flush_all()
                self._log_in(role)
                self.assertIn("force_refresh", self._sign_with(order, has_link))
                self.assertEqual(
                    self._read(order, "state", "signed_by"), [state, "Robin"]
                )

    # ------------------------------------------------------------------ confirming

    @mute_logger(*MUTED)
    def test_partners_confirm_by_no_door(self):
        """Also of who has the rights to sell."""
        stock = self._get_stock()
        self.roles["north"].group_ids += self.env.ref(SELLER_GROUP)
        order = self._create()
        payment = self._pay(order, state="pending")
        line = {"product_id": self.product.id, "product_uom_qty": 7}
        new = {"partner_id": self.north.id, "order_line": [[0, 0, line]]}
        for model, ids, method, arguments in (
            (ORDER, order.ids, "action_confirm", {}),
            (ORDER, order.ids, "write", {"vals": {"state": "sale"}}),
            (
                ORDER,
                order.ids,
                "web_save",
                {"vals": {"state": "sale"}, "specification": {}},
            ),
            (ORDER, order.ids, "write", {"vals": {"signature": SIGNATURE}}),
            (ORDER, order.ids, "action_draft", {}),
            (ORDER, order.ids, "action_cancel", {}),
            (ORDER, (), "create", {"vals_list": [{**new, "state": "sale"}]}),
            (ORDER, (), "create", {"vals_list": [{**new, "state": "sent"}]}),
            (payment._name, payment.ids, "write", {"vals": {"state": "done"}}),
            (payment._name, payment.ids, "action_capture", {}),
        ):
            with self.subTest(method=method, arguments=arguments):
                response = self._call_json("north", model, method, ids, **arguments)
                self.assertFalse(response.ok, response.text)
                self.assertEqual(
                    self._read(order, "state", "signature"), ["sent", False]
                )
                self.assertEqual(self._read(payment, "state"), ["pending"])
        self.assertEqual(self._get_stock(), stock)

    def test_partners_with_accounting_pay_nothing_by_hand(self):
        self.roles["north"].group_ids += self.env.ref("account.group_account_invoice")
        payment = self._pay(self._create(), state="pending")
        with self._as("north") as env:
            with self.assertRaises(UserError):
                payment.with_env(env).write({"state": "done"})
            with self.assertRaises(UserError):
                env["payment.transaction"].create({"amount": 1})

    # ------------------------------------------------------------------ paying

    def test_a_payment_confirms(self):
        stock = self._get_stock()
        order = self._create(require_payment=True, prepayment_percent=1.0)
        self._pay(order)
        self.assertEqual(order.state, "sale")
        self.assertEqual(self._get_stock(), stock + 5)

    def test_what_is_no_payment(self):
        """Pending, a test, a part of it: it is recorded, and the vendor is told."""
        stock = self._get_stock()
        test = self.bank.copy({"state": "test"})
        for label, options in {
            "pending": {"state": "pending"},
            "a cent": {"amount": 0.01},
            "nothing": {"amount": 0},
            "test": {"provider": test},
        }.items():
            for vals in ({}, {"require_payment": True, "prepayment_percent": 1.0}):
                with self.subTest(payment=label, **vals):
                    order = self._create(**vals)
                    self._pay(order, **options)
                    self.assertEqual(order.state, "sent")
                    self.assertEqual(len(self._get_activities(order)), 1)
        self.assertEqual(self._get_stock(), stock)

    @mute_logger(*MUTED)
    def test_paying_with_the_link(self):
        order = self._create(require_payment=True, prepayment_percent=1.0)
        for role in ("public", "north"):
            self._log_in(role)
            route = f"/my/orders/{order.id}/transaction"
            answer = self._call(route, **self._prepare_payment(order))
            self.assertNotIn('"error"', answer)
        self.assertEqual(len(self._read(order, "transaction_ids")[0]), 2)
        self.assertEqual(order.state, "sent")


@tagged("post_install", "-at_install")
class TestPlainCustomers(AcceptCase):
    """Who has nothing to do with partners signs and pays as in Odoo."""

    @mute_logger(*MUTED)
    def test_signing_confirms(self):
        for role, state in (
            ("public", "sent"),
            ("plain", "sent"),
            ("public", "draft"),
            ("intern", "sent"),
        ):
            with self.subTest(role=role, state=state):
                order = self._create(self.plain, state)
                order.order_line.product_id = self.env["product.product"].create(
                    {"name": "Training", "type": "service"}
                )
                self.env.flush_all()
                self._log_in(role)
                token = self._get_token(order)
                self.assertIn("force_refresh", self._sign(order, token))
                self.assertEqual(self._read(order, "state"), ["sale"])
                self.assertFalse(self._get_activities(order))

    def test_paying_confirms(self):
        training = self.env["product.product"].create(
            {"name": "Training", "type": "service"}
        )
        test = self.bank.copy({"state": "test"})
        for state, options in (
            ("sent", {}),
            ("draft", {}),
            ("sent", {"amount": 0.01}),
            ("sent", {"provider": test}),
        ):
            with self.subTest(state=state, **options):
                order = self._create(self.plain, state)
                order.order_line.product_id = training
                self._pay(order, **options)
                self.assertEqual(order.state, "sale")

    def test_no_more_queries(self):
        """The page of such an order asks nothing of this addon."""
        order = self._create(self.plain)
        order._has_to_be_signed()
        order._has_to_be_paid()
        self.assertFalse(order.partner_id.commercial_partner_id.management_path)
        with self.assertQueryCount(0):
            order._get_closed_online()
            order._is_confirmed_by(self.roles["plain"])
