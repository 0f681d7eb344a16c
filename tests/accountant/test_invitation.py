import re
from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, new_test_user, tagged, users
from odoo.tools import mute_logger

from ..common.subscription import ADDON, SubscriptionCase


class InvitationCase(SubscriptionCase):
    """Acme may invite the accountant Robin."""

    EMAIL = "robin@ledger.test"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invitations = cls.env["subscription.invitation"]
        cls.group = cls.env.ref(f"{ADDON}.group_accountant")

    def _invite(self, client=None, email=EMAIL, name="Robin Ledger"):
        """Invite as superuser and return the invitation and the token e-mailed."""
        invitation = self.invitations._invite(client or self.acme, email, name)
        return invitation, self._get_token(invitation.email)

    def _get_mails(self, email=EMAIL):
        return self.env["mail.mail"].search([("email_to", "=", email)], order="id")

    def _get_token(self, email=EMAIL):
        """Return the token of the last e-mail sent to ``email``."""
        body = self._get_mails(email)[-1].body_html
        return re.search(r"/subscription/invitation/([\w-]+)", body)[1]

    def _accept(self, client=None, **options):
        """Invite and accept as somebody new, or as the user who has the address."""
        invitation, _token = self._invite(client, **options)
        users = invitation._get_users()
        return invitation, invitation._accept(users[:1] or None)

    def _get_visible(self, user, model="sale.subscription"):
        return self.env[model].with_user(user).search([])


@tagged("post_install", "-at_install")
class TestInvitation(InvitationCase):
    def test_pending(self):
        """An invitation makes a member who is listed and takes no seat."""
        self._create_members(self.acme, 3)
        invitation, token = self._invite(email=" Robin@Ledger.TEST ")
        member = invitation.member_id
        self.assertEqual(invitation.email, self.EMAIL)
        self.assertEqual(invitation.state, "sent")
        self.assertEqual(
            (member.state, member.role_id), ("invited", self.role_accountant)
        )
        self.assertFalse(member.partner_id.parent_id)
        self.assertEqual(self.base_pool.used, 3)
        self.assertEqual(self.invitations._find_open(token), invitation)
        self.assertFalse(self.env["res.users"].search([("login", "=", self.EMAIL)]))

    def test_every_plan(self):
        """A client without plan, or whose plan does not run, has an accountant too."""
        for client in (self.bolt, self.dune):
            with self.subTest(client=client.name):
                invitation, _user = self._accept(client)
                self.assertEqual(invitation.state, "accepted")

    def test_accept_as_somebody_new(self):
        """A new user is internal, with the accountant's group and no other."""
        invitation, user = self._accept()
        self.assertEqual(invitation.state, "accepted")
        self.assertEqual(invitation.accepted_by_id, user)
        self.assertEqual(user.group_ids, self.group)
        self.assertFalse(user.share)
        self.assertEqual(user.login, self.EMAIL)
        self.assertEqual(user.partner_id, invitation.member_id.partner_id)
        self.assertEqual(self._get_visible(user), self.subscription)
        self.assertFalse(
            invitation.member_id._get_seats_in_use().mapped("takes_seat")[0]
        )

    def test_reads_and_changes_nothing(self):
        _invitation, user = self._accept()
        other = self._create_subscription(self.bolt, self.plan)
        subscription = self.subscription.with_user(user)
        self.assertTrue(subscription.read(["name", "managing_partner_id"]))
        self.assertTrue(subscription.export_data(["name"])["datas"])
        for attempt in (
            lambda: subscription.write({"description": "x"}),
            lambda: self.base_pool.with_user(user).write({"seat_limit": 9}),
            lambda: other.with_user(user).read(["name"]),
            lambda: (
                self.env["subscription.member"]
                .with_user(user)
                .create({"client_id": self.acme.id, "name": "x"})
            ),
            lambda: self.env["res.config.settings"].with_user(user).create({}),
        ):
            with self.assertRaises(AccessError):
                attempt()
                self.env.flush_all()

    def test_export_right(self):
        """An accountant may export lists to a spreadsheet."""
        _invitation, user = self._accept()
        self.assertTrue(user.has_group("base.group_allow_export"))

    def test_once(self):
        invitation, token = self._invite()
        invitation._accept()
        self.assertFalse(self.invitations._find_open(token))
        with self.assertRaises(UserError):
            invitation._accept(invitation.accepted_by_id)

    def test_no_longer_open(self):
        """Accepted, expired, withdrawn, replaced and made-up links are all the same."""
        for end in ("expired", "withdrawn", "archived", "recast", "resent"):
            with self.subTest(end=end):
                email = f"{end}@ledger.test"
                invitation, token = self._invite(email=email)
                if end == "expired":
                    invitation.expires_at = fields.Datetime.now() - timedelta(seconds=1)
                elif end == "withdrawn":
                    invitation._withdraw()
                elif end == "archived":
                    invitation.member_id.active = False
                elif end == "recast":
                    invitation.member_id.role_id = self.role_reports
                else:
                    invitation.sent_at -= timedelta(hours=1)
                    invitation._resend()
                self.assertFalse(self.invitations._find_open(token))
                if end != "resent":
                    with self.assertRaises(UserError):
                        invitation._accept()
        for token in ("", "x", False):
            self.assertFalse(self.invitations._find_open(token))

    def test_state_search(self):
        accepted, _user = self._accept()
        sent, _token = self._invite(email="sent@ledger.test")
        expired, _token = self._invite(email="expired@ledger.test")
        expired.expires_at = fields.Datetime.now()
        withdrawn, _token = self._invite(email="withdrawn@ledger.test")
        withdrawn._withdraw()
        everything = accepted | sent | expired | withdrawn
        for record, state in (
            (accepted, "accepted"),
            (sent, "sent"),
            (expired, "expired"),
            (withdrawn, "withdrawn"),
        ):
            self.assertEqual(record.state, state)
            found = self.invitations.search([("state", "=", state)])
            self.assertEqual(found & everything, record)
            others = self.invitations.search([("state", "!=", state)])
            self.assertEqual(others & everything, everything - record)

    def test_expiry_is_a_setting(self):
        self.env.company.invitation_days = 3
        with freeze_time("2030-01-01 12:00:00"):
            invitation, _token = self._invite()
        self.assertEqual(str(invitation.expires_at), "2030-01-04 12:00:00")

    def test_the_moment_of_expiry(self):
        """An invitation is open until that moment, and no longer when it has come."""
        self.env.company.invitation_days = 3
        with freeze_time("2030-01-01 12:00:00"):
            invitation, token = self._invite()
        for moment, state in (("11:59:59", "sent"), ("12:00:00", "expired")):
            with self.subTest(moment=moment), freeze_time(f"2030-01-04 {moment}"):
                self.env.invalidate_all()
                self.assertEqual(invitation.state, state)
                self.assertIn(
                    invitation, self.invitations.search([("state", "=", state)])
                )
                is_open = state == "sent"
                self.assertEqual(bool(self.invitations._find_open(token)), is_open)
        with freeze_time("2030-01-04 12:00:00"), self.assertRaises(UserError):
            invitation._accept()

    # ------------------------------------------------------------------ inviting

    def test_invited_twice(self):
        invitation, token = self._invite()
        with self.assertRaisesRegex(UserError, "invited already"):
            self._invite()
        with (
            self.assertRaisesRegex(Exception, "open_unique"),
            mute_logger("odoo.sql_db"),
            self.cr.savepoint(),
        ):
            invitation.copy({"member_id": invitation.member_id.id, "token_hash": "x"})
        invitation.expires_at = fields.Datetime.now()
        invitation.sent_at -= timedelta(hours=1)
        again, new_token = self._invite()
        self.assertEqual(again, invitation)
        self.assertEqual(again.state, "sent")
        self.assertNotEqual(new_token, token)

    def test_refused_addresses(self):
        self._create_member("Kim", email="Kim@acme.test")
        for email, message in (
            ("", "not an e-mail address"),
            ("Robin", "not an e-mail address"),
            ("a@b.test, c@d.test", "not an e-mail address"),
            ("kim@ACME.test", "member of Acme already .Standard."),
        ):
            with self.subTest(email=email), self.assertRaisesRegex(UserError, message):
                self.invitations._invite(self.acme, email)

    def test_flood(self):
        """Twenty a day, and again at the earliest after a minute."""
        invitation, _token = self._invite()
        with self.assertRaisesRegex(UserError, "a moment ago"):
            invitation._resend()
        for number in range(19):
            self.invitations._invite(self.acme, f"robin{number}@ledger.test")
        with self.assertRaisesRegex(UserError, "20 accountants"):
            self.invitations._invite(self.acme, "robin20@ledger.test")
        self.invitations._invite(self.bolt, "robin20@ledger.test")

    def test_known_address_stays_unknown(self):
        """Inviting an address teaches nothing about who has it, and changes nothing."""
        known = self.env["res.partner"].create(
            {"name": "Known", "email": self.EMAIL, "parent_id": self.bolt.id}
        )
        invitation, _token = self._invite(name="")
        self.assertEqual(invitation.name, self.EMAIL)
        self.assertNotEqual(invitation.partner_id, known)

    def test_partner_invites_for_own_clients_only(self):
        north = self._create_user("north", "standard", self.north)
        wizard = self.env["subscription.invitation.send"].with_user(north)
        form = Form(wizard.with_context(default_client_id=self.acme.id))
        form.email, form.name = self.EMAIL, "Robin"
        form.save().action_invite()
        invitation = self.invitations.search([("email", "=", self.EMAIL)])
        self.assertEqual(invitation.invited_by_id, north)
        self.assertEqual(
            self._get_visible(north, "subscription.invitation"), invitation
        )
        with self.assertRaises(AccessError):
            wizard.create(
                {"client_id": self.bolt.id, "email": "x@y.test"}
            ).action_invite()
        with self.assertRaises(AccessError):
            self.invitations.with_user(north)._invite(self.bolt, "x@y.test")
        south = self._create_user("south", "standard", self.south)
        self.assertFalse(self._get_visible(south, "subscription.invitation"))
        for user, name in ((south, "action_withdraw"), (south, "action_resend")):
            with self.assertRaises(AccessError):
                getattr(invitation.with_user(user), name)()
        invitation.with_user(north).action_withdraw()
        self.assertEqual(invitation.state, "withdrawn")
        self.assertEqual(invitation.withdrawn_by_id, north)

    def test_nobody_writes_invitations(self):
        """The wizard and the portal are the only ways in, for whatever role."""
        invitation, _token = self._invite()
        for group in ("standard", "admin"):
            user = self._create_user(f"{group}_user", group, self.north)
            mine = invitation.with_user(user)
            self.assertTrue(mine.read(["email", "state"]))
            for attempt in (
                lambda mine=mine: mine.write({"email": "thief@south.test"}),
                lambda mine=mine: mine.copy(),
                lambda mine=mine: mine.unlink(),
                lambda mine=mine: mine.read(["token_hash"]),
                lambda mine=mine: mine.search([("token_hash", "like", "a")]),
                lambda mine=mine: mine.export_data(["token_hash"]),
            ):
                with self.subTest(group=group), self.assertRaises(AccessError):
                    attempt()

    # ------------------------------------------------------------------ e-mail

    def test_mail(self):
        """One e-mail, in the queue, to the address invited, with the link."""
        invitation, token = self._invite()
        mail = self._get_mails()
        self.assertEqual((len(mail), mail.state), (1, "outgoing"))
        self.assertEqual(mail.subject, "Acme invites you as its accountant")
        self.assertIn("Robin Ledger", mail.body_html)
        self.assertFalse(mail.recipient_ids)
        self.assertTrue(mail.auto_delete)
        self.assertNotIn(token, invitation.sudo().token_hash)

    def test_link_is_secret(self):
        """Who invited, and who may read the invitation, cannot read the link."""
        north = self._create_user("north", "standard", self.north)
        admin = self._create_user("vendor", "admin", self.vendor)
        self.invitations.with_user(north)._invite(self.acme, self.EMAIL)
        message = self._get_mails().mail_message_id
        for user in (north, admin):
            mine = self.env["mail.message"].with_user(user)
            self.assertFalse(mine.search([("id", "=", message.id)]))
            with self.assertRaises(AccessError):
                mine.browse(message.id).read(["body"])

    # ------------------------------------------------------------------ existing users

    def test_accept_as_accountant_of_others(self):
        """One accountant, several clients: one user, whose name the member takes."""
        _invitation, user = self._accept()
        invitation, _token = self._invite(self.bolt, name="Rob")
        placeholder = invitation.partner_id
        self.assertFalse(self._get_visible(user, "res.partner") & self.bolt)
        self.assertEqual(invitation._accept(user), user)
        self.assertEqual(invitation.member_id.partner_id, user.partner_id)
        self.assertEqual(invitation.member_id.name, "Robin Ledger")
        self.assertFalse(placeholder.exists())
        self.assertEqual(user.group_ids, self.group)
        self.assertEqual(
            user.partner_id.membership_ids.client_id, self.acme + self.bolt
        )

    def test_unsuited_accounts(self):
        """A portal user does not become internal, the vendor's staff is not restricted,
        a partner's staff does not come to read a client of another partner."""
        for login, groups in (
            ("portal", "base.group_portal"),
            ("clerk", "base.group_user"),
            ("boss", f"{ADDON}.group_admin"),
            ("staff", f"{ADDON}.group_standard"),
            ("both", f"{ADDON}.group_standard,{ADDON}.group_accountant"),
        ):
            with self.subTest(login=login):
                email = f"{login}@ledger.test"
                user = new_test_user(self.env, login, groups, email=email)
                before = user.group_ids
                invitation, _token = self._invite(email=email)
                for candidate in (user, None):
                    with self.assertRaises(UserError):
                        invitation._accept(candidate)
                self.assertEqual(invitation.state, "sent")
                self.assertEqual(user.group_ids, before)

    def test_wrong_and_archived_account(self):
        invitation, _token = self._invite()
        other = self._create_user("other", "accountant", self.env["res.partner"])
        with self.assertRaises(UserError):
            invitation._accept(other)
        user = self._create_user(
            "robin", "accountant", self.env["res.partner"], email=self.EMAIL.upper()
        )
        user.active = False
        for candidate in (user, None):
            with self.assertRaises(UserError):
                invitation._accept(candidate)

    def test_address_with_wildcards(self):
        """``_`` in an address is a letter like any other."""
        new_test_user(self.env, "robin@ledger.test", email="robin@ledger.test")
        invitation, _token = self._invite(email="r_bin@ledger.test")
        self.assertFalse(invitation._get_users())

    def test_member_with_another_address(self):
        """Who is a member of the client already does not become one twice."""
        _invitation, user = self._accept()
        user.email = "robin@new.test"
        self.env["subscription.member"].flush_model()
        invitation, _token = self._invite(email=user.login, name="Again")
        with self.assertRaisesRegex(UserError, "member of Acme already"):
            invitation._accept(user)

    # ------------------------------------------------------------------ withdrawing

    def test_withdraw(self):
        """The next look shows nothing, without a new log-in, and nothing is cached."""
        invitation, user = self._accept()
        env = self.env(user=user)
        mine = env["sale.subscription"].browse(self.subscription.id)
        self.assertTrue(mine.name)
        invitation._withdraw()
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertFalse(env["sale.subscription"].search([]))
        with self.assertRaises(AccessError):
            mine.read(["name"])
        self.assertEqual(user.group_ids, self.group)
        self.assertEqual(invitation.state, "withdrawn")
        self.assertEqual(invitation.member_id.state, "archived")

    def test_withdraw_before_acceptance(self):
        invitation, token = self._invite()
        invitation._withdraw()
        self.assertFalse(self.invitations._find_open(token))
        again, _token = self._invite()
        self.assertNotEqual(again, invitation)

    def test_withdrawn_does_not_come_back_unasked(self):
        invitation, user = self._accept()
        invitation._withdraw()
        with self.assertRaisesRegex(UserError, "Invite the accountant again"):
            invitation.member_id.active = True
        user.active = False
        user.active = True
        self.assertFalse(self._get_visible(user))

    def test_invited_again(self):
        """A withdrawn accountant is invited and accepts anew; the past stays."""
        former, user = self._accept()
        former._withdraw()
        invitation, _token = self._invite()
        self.assertFalse(self._get_visible(user))
        invitation._accept(user)
        self.assertEqual(self._get_visible(user), self.subscription)
        self.assertEqual(former.state, "withdrawn")
        self.assertEqual(former.member_id.name, "Robin Ledger")
        self.assertTrue(former.member_id.seat_ids)

    def test_user_deactivated_for_a_while(self):
        _invitation, user = self._accept()
        user.active = False
        user.active = True
        self.assertEqual(self._get_visible(user), self.subscription)

    def test_withdraw_accountants_only(self):
        member = self._create_member("Kim")
        with self.assertRaises(UserError):
            member._withdraw_accountant()
        self.assertTrue(member.active)

    def test_role_reads_only(self):
        """A role for accountants cannot be made one that takes seats or administers."""
        for name in ("takes_seat", "is_administrator"):
            with (
                self.subTest(name=name),
                mute_logger("odoo.sql_db"),
                self.assertRaisesRegex(Exception, "accountant_reads"),
                self.cr.savepoint(),
            ):
                self.role_accountant[name] = True
                self.env.flush_all()

    # ------------------------------------------------------------------ around

    def test_audit(self):
        invitation, user = self._accept()
        invitation._withdraw()
        entries = self.env["subscription.log"].search(
            [("client_id", "=", self.acme.id), ("event", "=like", "accountant_%")]
        )
        self.assertEqual(
            entries.sorted("id").mapped(lambda entry: (entry.event, entry.user_id.id)),
            [
                ("accountant_invited", self.env.uid),
                ("accountant_accepted", user.id),
                ("accountant_withdrawn", self.env.uid),
            ],
        )

    def test_companies(self):
        """A pure accountant gets the vendor's companies of its clients."""
        company = self.env["res.company"].create({"name": "Vendor Two"})
        self.dune.company_id = company
        _invitation, user = self._accept()
        self.assertEqual(user.company_ids, self.env.company)
        self._accept(self.dune)
        self.assertEqual(user.company_ids, self.env.company | company)


@tagged("post_install", "-at_install")
class TestSwitcher(InvitationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls._create_subscription(cls.bolt, cls.plan)
        cls.robin = cls._create_user("robin", "accountant", cls.env["res.partner"])
        cls._make_accountant(cls.robin, cls.acme, cls.bolt)

    def _get_clients(self):
        clients = self.env["subscription.member"].get_accountant_clients()
        return {client["name"]: client["is_selected"] for client in clients}

    def _select(self, client=None):
        members = self.env["subscription.member"]
        members.select_accountant_client(client.id if client else False)
        self.env.flush_all()

    def _search(self):
        return self.env["sale.subscription"].search([]).sudo(False)

    @users("robin")
    def test_select(self):
        self.assertEqual(self._get_clients(), {"Acme": True, "Bolt": True})
        self.assertEqual(len(self._search()), 2)
        self._select(self.acme)
        self.assertEqual(self._get_clients(), {"Acme": True, "Bolt": False})
        self.assertEqual(self._search().ids, self.subscription.ids)
        self._select(self.bolt)
        self.assertEqual(self._search().ids, self.other.ids)
        self._select()
        self.assertEqual(len(self._search()), 2)

    @users("robin")
    def test_not_my_client(self):
        with self.assertRaises(UserError):
            self._select(self.coral)
        self.assertEqual(len(self._search()), 2)

    def test_of_the_caller_only(self):
        """The switch of one accountant leaves the others' alone."""
        _invitation, user = self._accept()
        members = self.env["subscription.member"]
        members.with_user(self.robin).select_accountant_client(self.bolt.id)
        self.assertEqual(self._get_visible(user), self.subscription)
        staff = self._create_user("north", "standard", self.north)
        self.assertEqual(members.with_user(staff).get_accountant_clients(), [])
        with self.assertRaises(UserError):
            members.with_user(staff).select_accountant_client(self.acme.id)

    def test_selected_client_leaves(self):
        """When the only client shown is gone, the others are shown."""
        members = self.env["subscription.member"]
        members.with_user(self.robin).select_accountant_client(self.acme.id)
        self.acme.subscription_member_ids._withdraw_accountant()
        self.assertEqual(self._get_visible(self.robin), self.other)

    def test_new_client_shows(self):
        members = self.env["subscription.member"]
        members.with_user(self.robin).select_accountant_client(self.acme.id)
        third = self._create_subscription(self.coral, self.plan)
        self._accept(self.coral, email=self.robin.email)
        self.assertEqual(
            self._get_visible(self.robin), self.subscription | self.other | third
        )

    def test_documents(self):
        """Invoices follow the switch, and are read only."""
        moves = self.env["account.move"]
        journal = self.env["account.journal"].search([("type", "=", "sale")], limit=1)
        if not journal:
            self.skipTest("no chart of accounts")
        product = self.env["product.product"].create({"name": "Seats"})
        by_client = {}
        for client in (self.acme, self.bolt, self.coral):
            by_client[client] = moves.create(
                {
                    "move_type": "out_invoice",
                    "partner_id": client.id,
                    "invoice_date": "2030-01-01",
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "product_id": product.id,
                                "price_unit": 10,
                                "tax_ids": [Command.clear()],
                            }
                        )
                    ],
                }
            )
            by_client[client].action_post()
        members = self.env["subscription.member"].with_user(self.robin)
        self.assertEqual(
            self._get_visible(self.robin, "account.move"),
            by_client[self.acme] | by_client[self.bolt],
        )
        members.select_accountant_client(self.acme.id)
        invoice = self._get_visible(self.robin, "account.move")
        self.assertEqual(invoice, by_client[self.acme])
        form = Form(invoice, view=f"{ADDON}.account_move_view_form_document")
        self.assertEqual(form.amount_total, 10)
        for attempt in (
            lambda: invoice.write({"ref": "x"}),
            lambda: invoice.button_draft(),
            lambda: by_client[self.bolt].with_user(self.robin).read(["name"]),
        ):
            with self.assertRaises(AccessError):
                attempt()
        self.assertTrue(invoice.export_data(["name", "amount_total"])["datas"])
