import re
from functools import partial
from urllib.parse import urlsplit

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..common.access import MUTED, SUBSCRIPTION
from ..common.links import INVOICE, ORDER, SIGNATURE, LinkCase

SECRET = re.compile(r"token|secret|password|signup|uuid|(^|_)key$|hash|otp")
# Fields that are called like secrets and are none, or that each user has of its own.
NO_SECRETS = {
    "account.merge.wizard.line": {"grouping_key"},
    "account.move": {"inalterable_hash"},
    "auth_totp.wizard": {"secret"},
    "change.password.own": {"new_password", "confirm_password"},
    # The members of a channel invite others to it.
    "discuss.channel": {"uuid"},
    "ir.ui.view": {"key"},
    "res.users.identitycheck": {"password"},
    "res.users.settings": {"push_to_talk_key"},
    # Each user sees the ones that it made.
    "spreadsheet.dashboard.share": {"access_token"},
}
RESTRICTED = ("north", "reef", "accountant")
SHARES = (
    (ORDER, "get_portal_url"),
    (ORDER, "action_preview_sale_order"),
    (ORDER, "action_quotation_send"),
    (INVOICE, "get_portal_url"),
    (INVOICE, "preview_invoice"),
    (INVOICE, "action_send_and_print"),
    (INVOICE, "action_invoice_sent"),
)
PAGES = {
    ORDER: ("/my/orders/{id}", "/my/orders/{id}?report_type=html"),
    INVOICE: ("/my/invoices/{id}", "/my/invoices/{id}?report_type=html"),
}
# What messages say: words of people, which nobody translates.
NEWS = "News"
SECRET_NEWS = "Between us"
ACCOUNTANT_TEXT = "An accountant reads documents"
DRAFT_TEXT = "has sent and an invoice that is posted"
STATE = ("state", "signature", "signed_by", "transaction_ids", "message_ids")


@tagged("post_install", "-at_install")
class TestLinks(LinkCase):
    """Who reads a document has not its link; links are shared by who may act on it, of
    what was sent."""

    # ------------------------------------------------------------------ tokens

    def test_no_secret_can_be_read(self):
        """Whatever is called like a secret, on every model."""
        for role in RESTRICTED:
            with self._as(role) as env:
                found = {
                    (model, name)
                    for model in env.registry
                    if not env[model]._abstract and env[model].has_access("read")
                    for name, field in env[model]._fields.items()
                    if field.store
                    and field.type in ("char", "text", "binary", "json")
                    and SECRET.search(name)
                    and name not in NO_SECRETS.get(model, ())
                    and env[model]._has_field_access(field, "read")
                }
                self.assertFalse(found, role)

    def test_the_vendor_still_has_tokens(self):
        for role, record in (("sales", self.order), ("billing", self.invoice)):
            record.sudo()[{ORDER: "user_id"}.get(record._name, "invoice_user_id")] = (
                self.roles[role]
            )
            record = record.with_user(self.roles[role])
            self.assertTrue(record.read(["access_token"])[0]["access_token"])
            self.assertIn(record.sudo().access_token, record.get_portal_url())

    def test_files_of_ones_own(self):
        """The editor gets the token of what was uploaded, and of nothing else."""
        with self._as("north") as env:
            files = env["ir.attachment"]
            mine = files.create({"name": "Mine", "raw": b"Mine"})
            self.assertTrue(mine.generate_access_token()[0])
            rows = files.search_read([("id", "=", mine.id)], ["name", "access_token"])
            self.assertEqual(rows[0]["access_token"], False)
            self.assertFalse(mine._get_media_info()["access_token"])
            foreign = files.browse(self.own["acme"]["ir.attachment"].id)
            foreign.check_access("read")
            with self.assertRaises(AccessError):
                foreign.generate_access_token()

    def test_images_in_messages(self):
        image = f'<img src="data:image/png;base64,{SIGNATURE}">'
        with self._as("north") as env:
            subscription = env[SUBSCRIPTION].browse(self.own["acme"][SUBSCRIPTION].id)
            values = {"model": SUBSCRIPTION, "res_id": subscription.id, "body": image}
            message = env["mail.message"].create(values)
            self.assertIn("access_token=", message.body)
            with self.assertRaises(AccessError):
                message.attachment_ids.read(["access_token"])

    def test_editing_an_image(self):
        self._log_in("north")
        image = self.env["ir.attachment"].with_user(self.roles["north"])
        image = image.create({"name": "I.png", "raw": b"I", "mimetype": "image/png"})
        answer = self._call(
            f"/html_editor/modify_image/{image.id}",
            res_model="res.partner",
            res_id=self.acme.id,
            data=SIGNATURE,
            mimetype="image/png",
        )
        self.assertIn("access_token=", answer)

    # ------------------------------------------------------------------ sharing

    @mute_logger(*MUTED)
    def _check_share(self, role, records, text):
        """Check that ``role`` is refused, with ``text``, to share ``records``; None:
        that it is not."""
        for model, method in SHARES:
            record = records[model]
            with self.subTest(role=role, method=method, text=text), self._undone():
                response = self._call_json(role, model, method, record.ids)
                if text:
                    self.assertIn(text, response.text)
                else:
                    self.assertTrue(response.ok, response.text)
                self.assertEqual(
                    record.access_token in response.text,
                    not text and "portal" in method or not text and "preview" in method,
                )

    def test_accountants_share_nothing(self):
        self._check_share("accountant", self.documents, ACCOUNTANT_TEXT)
        self._check_share("accountant", self.drafts, ACCOUNTANT_TEXT)

    def test_partners_share_what_was_sent(self):
        self._check_share("north", self.documents, None)
        self._check_share("north", self.drafts, DRAFT_TEXT)

    def test_cancelled_orders_are_not_shared(self):
        self.order.state = "cancel"
        self.env.flush_all()
        self._check_share(
            "north", self.documents | {INVOICE: self.drafts[INVOICE]}, "sent"
        )

    def _share(self, env, record):
        return env["portal.share"].create(
            {
                "res_model": record._name,
                "res_id": record.id,
                "partner_ids": [Command.set(self.own["acme"]["res.partner"].ids)],
            }
        )

    def test_the_wizard_that_shares(self):
        """Also of who may create contacts, and so has the wizard."""
        group = self.env.ref("base.group_partner_manager")
        for role in ("north", "accountant"):
            self.roles[role].group_ids += group
        for record in (*self.documents.values(), *self.drafts.values()):
            for role in ("north", "accountant"):
                allowed = role == "north" and record in self.documents.values()
                context = {"active_model": record._name, "active_id": record.id}
                with self.subTest(record=record, role=role), self._as(role) as env:
                    env = env(context=context)
                    if not allowed:
                        for call in (
                            lambda env=env, record=record: self._share(env, record),
                            lambda env=env: env["portal.share"].default_get(["res_id"]),
                            env[record._name].action_share,
                        ):
                            with self.assertRaises(UserError):
                                call()
                        continue
                    self.assertTrue(env[record._name].action_share())
                    wizard = self._share(env, record)
                    self.assertIn(record.access_token, wizard.share_link)
                    before = record.message_ids
                    wizard.action_send_mail()
                    self.assertTrue(record.message_ids - before)

    def test_the_wizards_that_send_invoices(self):
        """Also the one that makes links to pay."""
        group = self.env.ref("account.group_account_invoice")
        for role in ("north", "accountant"):
            self.roles[role].group_ids += group
            for model, name in (
                ("account.move.send.wizard", "move_id"),
                ("account.move.send.batch.wizard", "move_ids"),
                ("payment.link.wizard", "res_id"),
            ):
                for record in (self.invoice, self.drafts[INVOICE]):
                    with self.subTest(role=role, model=model), self._as(role) as env:
                        vals = {name: record.ids if name == "move_ids" else record.id}
                        if name == "res_id":
                            vals = {**vals, "res_model": INVOICE, "amount": 10}
                        if role == "north" and record == self.invoice:
                            self.assertTrue(env[model].create(vals))
                            continue
                        with self.assertRaises(UserError):
                            env[model].create(vals)

    def test_posting_sends_links(self):
        """Who posts on an invoice sends mails with its link, but not of a draft."""
        customer = self.own["acme"]["res.partner"]
        for record, is_shared in ((self.invoice, True), (self.drafts[INVOICE], False)):
            with self.subTest(record=record), self._as("north") as env:
                mine = env[INVOICE].browse(record.id)
                mine.message_post(
                    body=NEWS,
                    partner_ids=customer.ids,
                    subtype_xmlid="mail.mt_comment",
                )
                mails = self.env["mail.mail"].search([], order="id desc", limit=3)
                bodies = "".join(map(str, mails.mapped("body_html")))
                self.assertIn(NEWS, bodies)
                self.assertEqual(record.access_token in bodies, is_shared)

    @mute_logger(*MUTED)
    def test_nobody_learns_how_to_log_in(self):
        self.env["ir.config_parameter"].set_param("auth_signup.invitation_scope", "b2c")
        for role in RESTRICTED:
            for contact in (self.bolt, self.own["acme"]["res.partner"]):
                response = self._call_json(
                    role, "res.partner", "signup_get_auth_param", contact.ids
                )
                self.assertEqual(response.status_code, 403)
                self.assertNotRegex(response.text, "auth_(signup_token|login)")

    # ------------------------------------------------------------------ pages

    @mute_logger(*MUTED)
    def test_pages(self):
        """Pages hold the token, so they open to whom it may be given."""
        for role, records, is_open in (
            ("north", self.documents, True),
            ("north", self.drafts, False),
            ("accountant", self.documents, False),
            ("accountant", self.drafts, False),
            ("public", self.documents, False),
        ):
            self._log_in(role)
            for model, record in records.items():
                for page in PAGES[model]:
                    path = page.format(id=record.id)
                    with self.subTest(role=role, path=path):
                        answer = self._get(path)
                        is_page = "report_type" not in path
                        found = self._get_token(record) in answer.text
                        self.assertEqual(found, is_open and is_page)
                        self.assertLess(answer.status_code, 500)
                        if is_open:
                            self.assertIn(record.name, answer.text)
                        elif role != "public":
                            self.assertIn(self._get_refusal(role), answer.text)

    def _get_refusal(self, role):
        return ACCOUNTANT_TEXT if role == "accountant" else DRAFT_TEXT

    @mute_logger(*MUTED)
    def test_lists(self):
        for path in ("/my", "/my/invoices", "/my/orders", "/my/quotes"):
            self._log_in("accountant")
            answer = self._get(path)
            self.assertLess(answer.status_code, 500)
            for record in self.documents.values():
                self.assertNotIn(self._get_token(record), answer.text)
            self._log_in("north")
            self.assertEqual(self._get(path).status_code, 200)

    @mute_logger(*MUTED)
    def test_whoever_has_the_link(self):
        """Nobody else needs an account, as in Odoo; a link of somebody else's client
        opens nothing to a partner that is logged in."""
        foreign = self.own["bolt"][INVOICE]
        foreign.action_post()
        token = foreign._portal_ensure_token()
        path = f"/my/invoices/{foreign.id}?access_token={token}"
        for role, is_open in (("public", True), ("north", False), ("south", True)):
            self._log_in(role)
            answer = self._get(path)
            self.assertEqual(foreign.name in answer.text, is_open, role)

    @mute_logger(*MUTED)
    def test_accountants_change_nothing(self):
        """By no route, with the token or without."""
        self._log_in("accountant")
        for record in (*self.documents.values(), *self.drafts.values()):
            before = self._read(record, *STATE[-2:])
            for token in (None, self._get_token(record)):
                with self.subTest(record=record, token=bool(token)):
                    self._act(record, token)
                    self.assertEqual(self._read(record, *STATE[-2:]), before)
        self.assertEqual(self._read(self.order, "state", "signature"), ["sent", False])
        self.assertEqual(self.drafts[ORDER].state, "draft")

    def _act(self, record, token):
        """Follow the routes that change ``record``."""
        payment = {
            "provider_id": self.provider.id,
            "payment_method_id": self.payment_method.id,
            "token_id": None,
            "amount": 10,
            "flow": "direct",
            "tokenization_requested": False,
            "landing_route": "/my",
        }
        thread = {"thread_model": record._name, "thread_id": record.id}
        if record._name == ORDER:
            self.assertIn("error", self._sign(record, token))
            self._decline(record, token)
            line = record.order_line[0].id
            route = f"/my/orders/{record.id}/update_line_dict"
            self._call(route, line_id=line, access_token=token, input_quantity=9)
            route = f"/my/orders/{record.id}/transaction"
            self.assertIn("error", self._call(route, access_token=token, **payment))
            self.assertNotEqual(
                self._read(record.order_line[0], "product_uom_qty"), [9]
            )
        else:
            route = f"/invoice/transaction/{record.id}"
            self.assertIn("error", self._call(route, access_token=token, **payment))
            route = "/invoice/transaction/overdue"
            answer = self._call(route, payment_reference="Pay", **payment)
            self.assertIn("error", answer)
        posted = {**thread, "post_data": {"body": "A word"}, "token": token}
        self.assertIn("error", self._call("/mail/message/post", **posted))

    @mute_logger(*MUTED)
    def test_overdue_invoices(self):
        self.invoice.invoice_date_due = "2026-02-01"
        self.env.flush_all()
        self._log_in("accountant")
        self._act(self.invoice, None)
        self.assertFalse(self._read(self.invoice, "transaction_ids")[0])

    # ------------------------------------------------------------------ chatter

    @mute_logger(*MUTED)
    def test_the_chatter_behind_a_link(self):
        """A made-up token does not show a partner what its former one has written."""
        self.invoice.with_user(self.roles["north"]).message_post(
            body=SECRET_NEWS,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        self.acme.managing_partner_id = self.south
        message = self.invoice.message_ids[0]
        self.env.flush_all()
        thread = {"thread_model": INVOICE, "thread_id": self.invoice.id}
        for role, is_shown in (("south", False), ("billing", True)):
            self._log_in(role)
            answer = self._call("/mail/chatter_fetch", token="made-up", **thread)
            self.assertEqual(SECRET_NEWS in answer, is_shown, role)
        self._log_in("south")
        path = f"/mail/avatar/mail.message/{message.id}/author_avatar/50x50"
        made_up = self._get(f"{path}?access_token=made-up")
        self.assertEqual(made_up.content, self._get(path).content)

    @mute_logger(*MUTED)
    def test_a_link_lets_nobody_else_talk(self):
        foreign = self.own["bolt"][INVOICE]
        token = foreign._portal_ensure_token()
        self.env.flush_all()
        self._log_in("north")
        thread = {"thread_model": INVOICE, "thread_id": foreign.id, "token": token}
        posted = self._call("/mail/message/post", post_data={"body": "A"}, **thread)
        self.assertIn("error", posted)
        pid = self.bolt.id
        signed = {**thread, "token": None, "pid": pid, "hash": foreign._sign_token(pid)}
        posted = self._call("/mail/message/post", post_data={"body": "A"}, **signed)
        self.assertIn("error", posted)
        self.assertIn('"messages": []', self._call("/mail/chatter_fetch", **thread))


@tagged("post_install", "-at_install")
class TestLinksEnd(LinkCase):
    """A link that somebody got ends with the access."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.file = cls.env["ir.attachment"].create(
            {"name": "F", "raw": b"File", "res_model": ORDER, "res_id": cls.order.id}
        )
        cls.file.generate_access_token()
        cls.others = cls.own["coral"][ORDER], cls.own["bolt"][ORDER]
        for order in cls.others:
            order._portal_ensure_token()
        cls.env.flush_all()

    def _get_links(self):
        """Return ``{label: call}``: each says whether what was a link still opens."""
        order, file, pid = self.order, self.file, self.acme.id
        token, key = order.access_token, file.access_token
        signed = {"pid": pid, "hash": order._sign_token(pid)}
        thread = {"thread_model": ORDER, "thread_id": order.id}
        post = {**thread, "post_data": {"body": "A word"}}
        invoice = self.invoice
        pages = {
            "order": f"/my/orders/{order.id}?access_token={token}",
            "invoice": f"/my/invoices/{invoice.id}?access_token={invoice.access_token}",
            "mail": f"/mail/view?model={ORDER}&res_id={order.id}&access_token={token}",
        }
        return {
            **{
                label: lambda path=path: "/my/" in urlsplit(self._get(path).url).path
                for label, path in pages.items()
            },
            "file": lambda: (
                self._get(f"/web/content/{file.id}?access_token={key}").content
                == b"File"
            ),
            "fetch": lambda: (
                "error" not in self._call("/mail/chatter_fetch", token=token, **thread)
            ),
            "post": lambda: (
                "error" not in self._call("/mail/message/post", token=token, **post)
            ),
            "signed": lambda: (
                "error" not in self._call("/mail/message/post", **post, **signed)
            ),
        }

    @mute_logger(*MUTED)
    def _check_end(self, end, *, others=()):
        """Check that links open until ``end`` is called, and not afterwards; and that
        those to ``others``, which nobody lost, still do."""
        self._log_in("public")
        links = self._get_links()
        for label, link in links.items():
            with self.subTest(link=label, ended=False):
                self.assertTrue(link())
        self.env.invalidate_all()
        kept = [order.access_token for order in others]
        end()
        self.env.flush_all()
        self.env.invalidate_all()
        for label, link in links.items():
            with self.subTest(link=label, ended=True):
                self.assertFalse(link())
        self.assertEqual([order.access_token for order in others], kept)
        self.assertTrue(self.order.access_token)

    def test_a_client_changes_partner(self):
        def move():
            self.acme.managing_partner_id = self.south

        self._check_end(move, others=self.others)

    def test_a_client_leaves_its_partner(self):
        def move():
            self.acme.managing_partner_id = False

        self._check_end(move, others=self.others)

    def test_an_accountant_is_withdrawn(self):
        members = self.roles["accountant"].partner_id.membership_ids
        member = members.filtered(lambda one: one.client_id == self.acme)
        self._check_end(member._withdraw_accountant, others=self.others)

    def test_staff_is_archived(self):
        def archive():
            self.roles["north"].active = False

        self._check_end(archive, others=self.others[1:])

    def _check_renewed(self, *orders, label=""):
        """Return a check that the tokens of these orders alone are new."""
        before = {order: order.access_token for order in (self.order, *self.others)}

        def check():
            self.env.flush_all()
            self.env.invalidate_all()
            renewed = {one for one in before if before[one] != one.access_token}
            self.assertEqual(renewed, set(orders), label)

        return check

    def test_whatever_else_ends_access(self):
        """Each by the orders whose links end."""
        order, (coral, bolt) = self.order, self.others
        north, accountant = self.roles["north"], self.roles["accountant"]
        members = accountant.partner_id.membership_ids
        member = members.filtered(lambda one: one.client_id == self.acme)
        doors = {
            "reseller moved": (lambda: self._move(self.reef, self.south), {coral}),
            "group removed": (lambda: self._set_groups(north), {order, coral}),
            "staff moved": (
                lambda: north.partner_id.write({"parent_id": self.south.id}),
                {order, coral},
            ),
            "staff deleted": (
                lambda: self._create_user("new", "standard", self.reef).unlink(),
                {coral},
            ),
            "member deleted": (member.unlink, {order}),
            "other role": (
                lambda: member.write({"role_id": self.role_reports.id}),
                {order},
            ),
            "no accountant's role": (
                lambda: self.role_accountant.write({"is_accountant": False}),
                {order, bolt},
            ),
            "accountant archived": (
                lambda: accountant.write({"active": False}),
                {order, bolt},
            ),
            "order of another client": (
                lambda: order.write({"partner_id": self.bolt.id}),
                {order},
            ),
            "merged": (lambda: self._merge(self.bolt, self.acme), {order}),
        }
        for label, (end, orders) in doors.items():
            with self.subTest(door=label), self._undone():
                check = self._check_renewed(*orders, label=label)
                end()
                check()
            # It holds who was in which group.
            self.env.registry.clear_cache()

    def _move(self, company, partner):
        company.managing_partner_id = partner

    def _set_groups(self, user):
        user.group_ids = self.env.ref("base.group_user")

    def test_what_ends_no_access(self):
        """Ordinary changes leave the links alone."""
        north = self.roles["north"]
        for label, change in {
            "renamed": lambda: self.acme.write({"name": "Acme 2"}),
            "the same partner": lambda: self._move(self.acme, self.north),
            "of a partner first": lambda: self._move(self.dune, self.north),
            "one more group": lambda: north.write(
                {"group_ids": [Command.link(self.env.ref("base.group_no_one").id)]}
            ),
            "a new accountant": lambda: self._make_accountant(
                self.roles["accountant"], self.coral
            ),
        }.items():
            with self.subTest(change=label), self._undone():
                check = self._check_renewed(label=label)
                change()
                check()

    def test_links_end_in_batch(self):
        """A client with many documents needs no more queries."""
        counts = []
        for number in (0, 0, 8):  # the first one fills caches
            for _number in range(number):
                self._create_order(self.acme)
            with self._undone():
                move = partial(self._move, self.acme, self.south)
                counts.append(self._count_queries(move))
        self.assertEqual(*counts[1:])

    def test_new_links_open(self):
        self._move(self.acme, self.south)
        url = self.order.with_user(self.roles["south"]).get_portal_url()
        self._log_in("public")
        self.assertIn(self.order.name, self._get(url).text)


@tagged("post_install", "-at_install")
class TestScreensStayOpen(LinkCase):
    """Screens of who may not read tokens."""

    def test_forms_and_copies(self):
        for role in ("north", "accountant"):
            for record in (*self.documents.values(), *self.drafts.values()):
                with self.subTest(role=role, record=record), self._as(role) as env:
                    mine = env[record._name].browse(record.id)
                    self.assertTrue(mine.read(["name", "state", "access_url"]))
                    self.assertNotIn("access_token", mine.fields_get())
                    self.assertTrue(Form(mine))

    @mute_logger(*MUTED)
    def test_reports(self):
        for role in ("north", "accountant"):
            self._log_in(role)
            for path in (
                f"/report/html/account.report_invoice/{self.invoice.id}",
                f"/report/html/sale.report_saleorder/{self.order.id}",
            ):
                answer = self._get(path)
                self.assertEqual(answer.status_code, 200)
                self.assertIn("Acme", answer.text)
