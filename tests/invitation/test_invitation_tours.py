from odoo.tests import tagged

from ..common.tour import TourCase
from .test_invitation_page import InvitationPageCase


@tagged("post_install", "-at_install")
class TestInvitationTours(InvitationPageCase, TourCase):
    """Accepting in a real browser, in English and French: as an administrator, a member
    and an accountant, each as somebody new and as somebody who has a login."""

    def setUp(self):
        super().setUp()
        self.env["res.lang"]._activate_lang("fr_FR")
        _invitation, self.accountant_token = self._invite()
        self.cases = {
            "administrator": (self.ann, self.tokens[self.ann]),
            "member": (self.ben, self.tokens[self.ben]),
            "accountant": (
                self.env["subscription.member"].search([("email", "=", self.EMAIL)]),
                self.accountant_token,
            ),
        }

    def _play(self, kind, prepare):
        """Accept each invitation in each language, after ``prepare(role, address)``."""
        for role, (member, token) in self.cases.items():
            for lang in ("en_US", "fr_FR"):
                with self.subTest(role, lang=lang), self._undone():
                    user = prepare(role, member.email, lang)
                    self.env.flush_all()
                    url = f"/subscription/invitation/{token}"
                    cookies = {"frontend_lang": lang}
                    self._check_language(url, lang)
                    self.start_tour(
                        url, f"subscription_accept_{kind}_{role}", cookies=cookies
                    )
                    self.env.invalidate_all()
                    self.assertEqual(member.invitation_state, "accepted")
                    accepted = member.invitation_ids.accepted_by_id
                    self.assertEqual(accepted, user or member.partner_id.user_ids)
                    self.assertEqual(accepted.email, member.email)

    def _check_language(self, url, lang):
        """The page speaks the language of whoever opens it."""
        self.authenticate(None, None)
        page = self.url_open(url, cookies={"frontend_lang": lang}).text
        words = {"en_US": " invites you as", "fr_FR": " vous invite"}
        self.assertIn(words[lang], page)

    def test_somebody_new(self):
        self._play("new", lambda role, email, lang: None)

    def test_somebody_who_has_a_login(self):
        def prepare(role, email, lang):
            group = "accountant" if role == "accountant" else "base.group_portal"
            company = self.dune if role == "accountant" else self.bolt
            return self._create_user("kim", group, company, email=email, lang=lang)

        self._play("known", prepare)
