from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from ...exceptions import SeatRefusal
from ..accountant.test_invitation import InvitationCase
from ..common.subscription import ADDON

MEMBER = "subscription.member"


class MemberInvitationCase(InvitationCase):
    """Acme has room for three; Ann is its administrator, Ben a member, both with an
    address and without a login. North runs Acme, South does not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ann = cls._create_member(
            "Ann", role=cls.role_administrator, email="ann@acme.test"
        )
        cls.ben = cls._create_member("Ben", email="ben@acme.test")
        cls.staff = cls._create_user("staff", "standard", cls.north)
        cls.rival = cls._create_user("rival", "standard", cls.south)
        cls.env.flush_all()

    def _invite_ben(self):
        """Invite Ben and return the invitation and the token e-mailed."""
        invitation = self.ben._invite()
        return invitation, self._get_token(self.ben.email)

    def _get_login(self, login, **vals):
        vals = {"email": f"{login}@acme.test", **vals}
        return new_test_user(self.env, login, "base.group_portal", **vals)

    def _pass(self, **time):
        """Let time pass for the invitations of Acme."""
        for invitation in self.invitations.search([("client_id", "=", self.acme.id)]):
            invitation.sent_at -= timedelta(**time)
            invitation.expires_at -= timedelta(**time)
        self.env.flush_all()
        self.env.invalidate_all()

    def _get_events(self):
        self.env.flush_all()
        domain = [("client_id", "=", self.acme.id), ("event", "=like", "member_%")]
        entries = self.env["subscription.log"].search(domain, order="id")
        return entries.mapped("event")


@tagged("post_install", "-at_install")
class TestInvite(MemberInvitationCase):
    def test_states(self):
        """Nobody is called invited whom nobody has invited."""
        self.assertEqual((self.ben.login_state, self.ben.state), ("new", "invited"))
        self.assertEqual(self.ben.invitation_state, "none")
        invitation, _token = self._invite_ben()
        self.assertEqual(invitation.member_id, self.ben)
        self.assertEqual(self.ben.login_state, "invited")
        self.assertEqual(
            (self.ann | self.ben)._get_invitation_state(),
            {self.ann: "none", self.ben: "sent"},
        )
        self._pass(days=15)
        self.assertEqual(self.ben.login_state, "expired")
        self.assertEqual(self.ben.invitation_state, "expired")
        self.ben._invite()
        user = invitation._accept()
        self.assertEqual(self.ben.invitation_state, "accepted")
        self.assertEqual(self.ben.login_state, "invited")
        user.with_user(user)._update_last_login()
        self.assertEqual((self.ben.login_state, self.ben.state), ("active", "active"))
        self.ben.active = False
        self.assertEqual(self.ben.login_state, "archived")

    def test_search_by_state(self):
        cleo = self._create_member("Cleo", email="cleo@acme.test")
        members = self.ann | self.ben | cleo
        # A login that was deleted since: what waits now tells more.
        cleo._invite()._accept().unlink()
        self._invite_ben()
        self._pass(days=15)
        cleo.active = True
        cleo._invite()
        self.assertEqual(set(cleo.invitation_ids.mapped("state")), {"accepted", "sent"})
        for state, found in (
            ("none", self.ann),
            ("expired", self.ben),
            ("sent", cleo),
            ("accepted", cleo.browse()),
        ):
            with self.subTest(state):
                domain = [("invitation_state", "=", state)]
                self.assertEqual(members.search(domain) & members, found)
                domain = [("invitation_state", "!=", state)]
                self.assertEqual(members.search(domain) & members, members - found)

    def test_several_at_once(self):
        """One e-mail each, with links of their own, from the member's address on."""
        invitations = (self.ann | self.ben)._invite()
        self.assertEqual(len(invitations), 2)
        tokens = {self._get_token(member.email) for member in self.ann | self.ben}
        self.assertEqual(
            {self.invitations._find_open(token) for token in tokens},
            set(invitations),
        )
        mail = self._get_mails("ann@acme.test")
        self.assertEqual(mail.subject, "Acme invites you as an administrator")
        mail = self._get_mails("ben@acme.test")
        self.assertEqual((len(mail), mail.state), (1, "outgoing"))
        self.assertEqual(mail.subject, "Acme invites you as a member")
        self.assertIn("Ben", mail.body_html)
        self.assertEqual(mail.body_html.count("/subscription/invitation/"), 1)
        self.assertFalse(mail.recipient_ids)
        self.assertEqual(self.base_pool.used, 2)
        self.assertEqual(self._get_events(), ["member_invited"] * 2)

    def test_who_cannot_be_invited_is_named(self):
        """And nobody is then."""
        nameless = self._create_member("Nameless")
        self.base_pool.seat_limit = 9
        gone = self._create_member("Gone", email="gone@acme.test")
        gone.active = False
        login = self._get_login("lou", parent_id=self.acme.id)
        lou = self._create_member("Lou", partner_id=login.partner_id.id)
        closed = self._get_login("zoe", parent_id=self.acme.id)
        closed.active = False
        zoe = self._create_member("Zoe", partner_id=closed.partner_id.id)
        contact = self._create_contact("Olga", self.bolt, email="olga@bolt.test")
        olga = self._create_member("Olga", partner_id=contact.id)
        accountant = self._create_member("Books", email="books@acme.test")
        accountant.role_id = self.role_accountant
        self._invite_ben()
        everybody = self.ann | nameless | gone | lou | zoe | olga | accountant
        everybody |= self.ben
        with self.assertRaises(UserError) as refusal:
            everybody._invite()
        self.assertEqual(
            str(refusal.exception).splitlines(),
            [
                "Have left: Gone. Restore them first.",
                "Without a valid e-mail address: Nameless. Enter one first.",
                "Already have a login: Lou, Zoe.",
                "Contacts of another company: Olga. Add them with a name and an e-mail"
                " address instead.",
                "Invited a moment ago: Ben.",
                "Accountants: Books. Use Invite accountant.",
            ],
        )
        self.assertEqual(everybody._get_invitable(), self.ann)
        self.assertFalse(self.ann.invitation_ids)
        self.assertEqual(everybody.filtered("is_invitable"), self.ann)

    def test_invited_again(self):
        """A new link; the old one opens nothing."""
        invitation, token = self._invite_ben()
        with self.assertRaisesRegex(UserError, "Invited a moment ago: Ben"):
            self.ben._invite()
        self._pass(minutes=2)
        self.assertEqual(self.ben._invite(), invitation)
        self.assertFalse(self.invitations._find_open(token))
        self.assertTrue(self.invitations._find_open(self._get_token(self.ben.email)))

    def test_a_mailbox_is_not_flooded(self):
        """Five a day to one address, whoever it is made to belong to."""
        for _attempt in range(5):
            member = self.acme._invite_member("v@firm.test", "V", self.role_standard)
            member._withdraw_invitation()
        with self.assertRaisesRegex(UserError, "v@firm.test was invited 5 times"):
            self.acme._invite_member("v@firm.test", "V", self.role_standard)
        self.assertEqual(self.base_pool.used, 2)
        self.bolt._invite_member("v@firm.test", "V", self.role_standard)
        self._pass(days=1)
        self.acme._invite_member("v@firm.test", "V", self.role_standard)

    def test_another_address_ends_it(self):
        """A link does not follow a member to another mailbox, nor work from the old."""
        invitation, token = self._invite_ben()
        self.ben.email = "ben@new.test"
        self.env.flush_all()
        self.assertEqual(invitation.state, "withdrawn")
        self.assertFalse(self.invitations._find_open(token))
        with self.assertRaises(UserError):
            invitation._accept()
        self.assertEqual(self.ben.login_state, "new")
        again = self.ben._invite()
        self.assertNotEqual(again, invitation)
        self.assertEqual(again.email, "ben@new.test")
        self.ben.email = "ben@acme.test"
        self.env.flush_all()
        self.assertFalse(invitation.withdrawn_at)
        self.assertEqual(again.state, "withdrawn")

    def test_another_role(self):
        """A member's invitation goes on with another role, but makes no accountant."""
        invitation, token = self._invite_ben()
        self.ben.role_id = self.role_reports
        self.assertEqual(self.invitations._find_open(token), invitation)
        self.ben.role_id = self.role_accountant
        self.assertFalse(self.invitations._find_open(token))
        with self.assertRaises(UserError):
            invitation._accept()

    def test_an_invited_member_stays_who_it_is(self):
        dan = self._create_member("Dan", self.dune, email="dan@dune.test")
        dan._invite()
        contact = self._create_contact("Eve", self.dune)
        for vals in ({"client_id": self.bolt.id}, {"partner_id": contact.id}):
            with self.subTest(vals), self._undone():
                with self.assertRaisesRegex(UserError, "was invited to Dune"):
                    dan.write(vals)

    # ------------------------------------------------------------------ new people

    def test_new_member(self):
        """A contact of the client, a member, a seat and an invitation."""
        member = self.acme._invite_member(
            " Cleo@Acme.TEST ", " Cleo ", self.role_standard
        )
        self.assertEqual((member.name, member.email), ("Cleo", "cleo@acme.test"))
        self.assertEqual(member.partner_id.parent_id, self.acme)
        self.assertEqual(member.invitation_state, "sent")
        self.assertEqual(self.base_pool.used, 3)
        nameless = self.dune._invite_member("x@dune.test", "", self.role_standard)
        self.assertEqual(nameless.name, "x@dune.test")

    def test_refused_new_member_leaves_nothing(self):
        """Without a seat, with an address that is none or a member's."""
        self._create_member("Cleo")
        contacts = self.env["res.partner"].search([])
        for email, error in (
            ("dora@acme.test", SeatRefusal),
            ("dora", UserError),
            ("BEN@acme.test", UserError),
        ):
            with self.subTest(email), self.assertRaises(error):
                self.acme._invite_member(email, "Dora", self.role_standard)
        self.assertEqual(self.env["res.partner"].search([]), contacts)
        self.assertFalse(self._get_mails("dora@acme.test"))
        self.assertFalse(self.invitations.search([("client_id", "=", self.acme.id)]))

    def test_known_address_stays_unknown(self):
        """Whether an address has an account shows in nothing that the partner sees."""
        known = self._get_login("kim", parent_id=self.bolt.id, email="kim@bolt.test")
        answers = []
        for email in ("kim@bolt.test", "who@bolt.test"):
            with self._undone():
                members = self.acme.with_user(self.staff)
                member = members._invite_member(email, "K", self.role_standard)
                self.assertEqual(member.partner_id.parent_id, self.acme)
                self.assertNotEqual(member.partner_id, known.partner_id)
                invitation = member.sudo().invitation_ids.with_user(self.staff)
                answers.append(
                    [
                        member.read(["name", "login_state", "is_invitable", "state"]),
                        invitation.read(["state", "failure_text", "accepted_by_id"]),
                        member.partner_id.with_user(self.staff).read(["user_ids"]),
                    ]
                )
                for answer in answers[-1]:
                    del answer[0]["id"]
        self.assertEqual(*answers)

    def test_wizard(self):
        """Of the partner's staff, for its own clients, from the client's form."""
        action = self.acme.with_user(self.staff).action_invite_administrator()
        wizard = self.env[action["res_model"]].with_user(self.staff)
        form = Form(wizard.with_context(**action["context"]))
        self.assertEqual(form.role_id, self.role_administrator)
        form.email, form.name = "chief@acme.test", "Chief"
        form.save().action_invite()
        member = self.env[MEMBER].search([("email", "=", "chief@acme.test")])
        self.assertEqual(member.role_id, self.role_administrator)
        self.assertEqual(member.invitation_ids.invited_by_id, self.staff)
        values = {"client_id": self.bolt.id, "email": "x@y.test"}
        values["role_id"] = self.role_administrator.id
        with self.assertRaises(AccessError):
            wizard.create(values).action_invite()
        values |= {"client_id": self.acme.id, "role_id": False}
        with self.assertRaisesRegex(UserError, "Choose a role"):
            wizard.create(values).action_invite()

    def test_buttons_are_for_who_runs_the_client(self):
        """The staff of another partner, accountants and others cannot."""
        self._invite_ben()
        self._pass(minutes=2)
        accountant = self._create_user("books", "accountant", self.env["res.partner"])
        self._make_accountant(accountant, self.acme)
        intern = new_test_user(self.env, "intern", "base.group_user")
        for user in (self.rival, accountant, intern):
            for method in ("action_invite", "action_withdraw_invitation"):
                with (
                    self.subTest(user=user.login, method=method),
                    self._undone(),
                    self.assertRaises(AccessError),
                ):
                    getattr(self.ben.with_user(user), method)()
        self.assertEqual(self.ben.invitation_state, "sent")
        action = self.ben.with_user(self.staff).action_invite()
        self.assertIn("Invited: ben@acme.test", action["params"]["message"])
        self.ben.with_user(self.staff).action_withdraw_invitation()
        self.assertEqual(self.ben.login_state, "archived")

    def test_nobody_writes_invitations(self):
        invitation, _token = self._invite_ben()
        boss = self._create_user("boss", "admin", self.vendor)
        for user in (self.staff, boss):
            mine = invitation.with_user(user)
            self.assertTrue(mine.read(["email", "state"]))
            for vals in ({"is_accountant": True}, {"email": "thief@south.test"}):
                with self.assertRaises(AccessError):
                    mine.write(vals)

    # ------------------------------------------------------------------ withdrawing

    def test_withdraw(self):
        """The link is dead, and the seat is free."""
        invitation, token = self._invite_ben()
        self.ben._withdraw_invitation()
        self.assertEqual(invitation.state, "withdrawn")
        self.assertFalse(self.invitations._find_open(token))
        self.assertEqual(self.ben.departure, "access")
        self.assertEqual(self.base_pool.used, 1)
        self.assertEqual(self._get_events(), ["member_invited", "member_withdrawn"])
        with self.assertRaisesRegex(UserError, "No invitation waits for Ben"):
            self.ben._withdraw_invitation()
        self.ben.active = True
        self.assertEqual(self.ben.login_state, "new")
        self.assertNotEqual(self.ben._invite(), invitation)

    def test_withdraw_from_the_list_of_invitations(self):
        invitation, _token = self._invite_ben()
        invitation.with_user(self.staff).action_withdraw()
        self.assertFalse(self.ben.active)

    def test_withdraw_from_who_has_logged_in(self):
        """Who uses the vendor's software already stays a member."""
        self.ben.joined_at = "2026-01-02 08:00:00"
        self._invite_ben()
        self.ben._withdraw_invitation()
        self.assertEqual(self.ben.login_state, "active")
        self.assertEqual(self.base_pool.used, 2)

    def test_archived_with_an_open_invitation(self):
        """The same person can be added and invited anew."""
        invitation, token = self._invite_ben()
        self.ben.active = False
        self.assertFalse(self.invitations._find_open(token))
        member = self.acme._invite_member("ben@acme.test", "Ben", self.role_standard)
        self.assertEqual(member.invitation_state, "sent")
        self.assertTrue(invitation.withdrawn_at)

    # ------------------------------------------------------------------ administrators

    def test_an_invited_administrator_counts(self):
        """As one who acts, while the invitation is open: then another who acts may
        leave, and it may not leave itself."""
        self.assertFalse(self.ann._filter_acting())
        self.ann._invite()
        self.assertEqual((self.ann | self.ben)._filter_acting(), self.ann)
        with self.assertRaisesRegex(UserError, "has none but Ann"):
            self.ann.role_id = self.role_standard
        with self.assertRaisesRegex(UserError, "has none but Ann"):
            self.ann._withdraw_invitation()
        self.assertEqual(self.ann.invitation_state, "sent")
        self._pass(days=15)
        self.assertFalse(self.ann._filter_acting())

    # ------------------------------------------------------------------ accepting

    def test_accept_as_somebody_new(self):
        """A portal user for the member's own contact, and nothing else."""
        contact = self.ben.partner_id
        invitation, _token = self._invite_ben()
        user = invitation._accept()
        self.assertEqual(user.partner_id, contact)
        self.assertEqual(user.group_ids, self.env.ref("base.group_portal"))
        self.assertTrue(user.share)
        self.assertEqual(user.login, "ben@acme.test")
        self.assertEqual(invitation._get_landing_url(), "/my/access")
        self.assertFalse(user._get_administered_clients())
        invitation = self.ann._invite()
        self.assertEqual(invitation._get_landing_url(), "/my/subscription")
        self.assertEqual(invitation._accept()._get_administered_clients(), self.acme)
        self.assertEqual(self._get_events().count("member_accepted"), 2)
        with self.assertRaises(UserError):
            invitation._accept(user)

    def test_accept_with_an_account(self):
        """The member then stands for the contact of the account, whose company stays
        what it was. The contact made for the invitation is gone, others stay."""
        user = self._get_login("kim", parent_id=self.bolt.id, email="kim@bolt.test")
        self._create_member(
            "Kim", self.bolt, self.role_administrator, partner_id=user.partner_id.id
        )
        user.with_user(user)._update_last_login()
        member = self.acme._invite_member("kim@bolt.test", "K", self.role_administrator)
        placeholder = member.partner_id
        self.assertFalse(self.staff.partner_id & user.partner_id)
        invitation = member.invitation_ids
        with self.assertRaises(UserError):
            invitation._accept()
        groups = user.group_ids
        invitation._accept(user)
        self.assertEqual(member.partner_id, user.partner_id)
        self.assertEqual(user.partner_id.parent_id, self.bolt)
        self.assertEqual(user.group_ids, groups)
        self.assertEqual(member.login_state, "active")
        self.assertEqual(user._get_administered_clients(), self.acme | self.bolt)
        self.assertFalse(placeholder.exists())
        own = self.ben.partner_id
        self.ben.email = user2_email = "lou@acme.test"
        user2 = self._get_login("lou", email=user2_email)
        self.ben._invite()._accept(user2)
        self.assertTrue(own.exists() and own.active)
        self.assertEqual(self.ben.partner_id, user2.partner_id)

    def test_unsuited_accounts(self):
        """Whoever works in the back office, for whom ever."""
        self.base_pool.seat_limit = 20
        for login, groups in (
            ("clerk", "base.group_user"),
            ("boss", f"{ADDON}.group_admin"),
            ("seller", f"{ADDON}.group_standard"),
            ("books", f"{ADDON}.group_accountant"),
            ("closed", "base.group_portal"),
        ):
            with self.subTest(login=login):
                email = f"{login}@ledger.test"
                user = new_test_user(self.env, login, groups, email=email)
                user.active = login != "closed"
                before = user.group_ids
                member = self.acme._invite_member(email, login, self.role_standard)
                for candidate in (user, None):
                    with self.assertRaises(UserError):
                        member.invitation_ids._accept(candidate)
                self.assertEqual(member.invitation_state, "sent")
                self.assertEqual(user.group_ids, before)
                self.assertFalse(user.partner_id.membership_ids)

    def test_member_already(self):
        """Under another address: the account does not become a member twice."""
        user = self._get_login("kim", email="kim@new.test")
        user.login = "kim@old.test"
        kim = self._create_member("Kim", partner_id=user.partner_id.id)
        self.base_pool.seat_limit = 9
        again = self.acme._invite_member("kim@old.test", "K", self.role_standard)
        with self.assertRaisesRegex(UserError, "member of Acme already"):
            with self.env.cr.savepoint():
                again.invitation_ids._accept(user)
        self.assertEqual(again.invitation_state, "sent")
        kim.active = False
        again.invitation_ids._accept(user)
        self.assertEqual(again.partner_id, user.partner_id)

    def test_address_of_another_member(self):
        """The account has meanwhile the contact address of another member."""
        user = self._get_login("kim", email="kim@new.test")
        user.login = "kim@old.test"
        self._create_member("Namesake", email="kim@new.test")
        self.base_pool.seat_limit = 9
        member = self.acme._invite_member("kim@old.test", "K", self.role_standard)
        with self.assertRaisesRegex(UserError, "kim@new.test belongs to Namesake"):
            member.invitation_ids._accept(user)

    def test_an_accountant_by_a_members_invitation(self):
        """A member's invitation that was accepted opens no back office when the member
        becomes an accountant later."""
        user = self._get_login("kim", email="kim@old.test")
        member = self.acme._invite_member("kim@old.test", "K", self.role_standard)
        member.invitation_ids._accept(user)
        member.role_id = self.role_accountant
        user.group_ids = self.env.ref(f"{ADDON}.group_accountant")
        self.env.flush_all()
        self.env.registry.clear_cache()
        self.assertFalse(self._get_visible(user))
        members = self.env[MEMBER].with_user(user)
        self.assertEqual(members.get_accountant_clients(), [])

    def test_address_of_a_login_of_several(self):
        """Who runs one client cannot take over a login that opens another's as well:
        a new password would go to the address."""
        user = self._get_login("kim", parent_id=self.acme.id, email="kim@acme.test")
        contact = user.partner_id.with_user(self.staff)
        contact.email = "kim@old.test"
        member = self.bolt._invite_member("kim@old.test", "K", self.role_standard)
        member.invitation_ids._accept(user)
        with self.assertRaisesRegex(UserError, "not for your clients"):
            contact.email = "thief@north.test"
        contact.write({"email": "kim@old.test", "phone": "+44 20 7946 0009"})
        user.partner_id.sudo().email = "kim@new.test"

    # ------------------------------------------------------------------ merging

    def test_merge_accepts_nothing(self):
        """A contact of others, or one who logs in, does not become the member; the
        client's own does."""
        user = self._get_login("kim", parent_id=self.bolt.id, email="ben@acme.test")
        self._invite_ben()
        own = self.ben.partner_id
        for kept, other in ((user.partner_id, own), (own, user.partner_id)):
            with self.subTest(kept=kept.name), self._undone():
                self._merge(kept, other)
                self.assertNotEqual(self.ben.partner_id, kept)
                self.assertEqual(self.ben.partner_id.parent_id, self.acme)
                self.assertEqual(self.ben.invitation_state, "sent")
                self.assertFalse(user._get_administered_clients())
        double = self._create_contact("Ben", self.acme, email="ben@acme.test")
        self._merge(double, own)
        self.assertEqual(self.ben.partner_id, double)
        self.assertEqual(self.ben.invitation_state, "sent")

    # ------------------------------------------------------------------ e-mail

    def test_language_of_the_recipient(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.ben.partner_id.lang = "fr_FR"
        invitation, _token = self._invite_ben()
        self.assertEqual(invitation.letter_lang, "fr_FR")

    def test_link_is_secret(self):
        invitation, token = self._invite_ben()
        message = self._get_mails(self.ben.email).mail_message_id
        boss = self._create_user("boss", "admin", self.vendor)
        for user in (self.staff, boss):
            mine = self.env["mail.message"].with_user(user)
            self.assertFalse(mine.search([("id", "=", message.id)]))
            with self.assertRaises(AccessError):
                invitation.with_user(user).read(["token_hash"])
        self.assertNotIn(token, invitation.token_hash)

    @mute_logger("odoo.sql_db")
    def test_open_twice_is_refused_by_the_database(self):
        invitation, _token = self._invite_ben()
        with self.assertRaisesRegex(Exception, "open_unique"), self.cr.savepoint():
            invitation.copy({"member_id": self.ann.id, "token_hash": "x"})

    def test_the_moment_of_expiry(self):
        with freeze_time("2030-01-01 12:00:00"):
            invitation, _token = self._invite_ben()
        for moment, state in (("11:59:59", "sent"), ("12:00:00", "expired")):
            with freeze_time(f"2030-01-15 {moment}"):
                self.env.invalidate_all()
                self.assertEqual(invitation.state, state)
                self.assertEqual(
                    invitation, self.invitations.search([("state", "=", state)])
                )
        with freeze_time("2030-01-15 12:00:00"), self.assertRaises(UserError):
            invitation._accept()
        self.assertLess(fields.Datetime.now(), invitation.expires_at)
