import re

from odoo.tests import tagged

from ..common.request import RequestCase
from ..common.tour import TourCase


@tagged("post_install", "-at_install")
class TestRequestTours(RequestCase, TourCase):
    """The partner's staff answers in a real browser, from the button of the e-mail on,
    in English and French."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("fr_FR")
        cls.expenses.licence_product_id = cls.env["product.product"].create(
            {"name": "Seat", "list_price": 10}
        )

    def _play_tour(self, tour, check, *args, **values):
        for lang in ("en_US", "fr_FR"):
            with self.subTest(lang), self._undone():
                self.nora.lang = lang
                request = self._ask(*args, **values)
                self.start_tour(self._get_button(request), tour, login="nora")
                self.env.invalidate_all()
                self.assertEqual(request.answered_by_id, self.nora)
                check(request)

    def _get_button(self, request):
        """Return the address that the button of the e-mail opens."""
        self.env.flush_all()
        mail = self._get_mails(request)
        (path,) = re.findall(r'href="[^"]*(/odoo/[^"]+)"', mail.body_html)
        return path

    def test_approve(self):
        def check(request):
            self.assertEqual(request.state, "approved")
            self.assertEqual(self.term.renewal_id.years, 1)
            self.assertEqual(self._get_balance(self.north), 5)

        self._play_tour("subscription_request_approve", check, "renewal")

    def test_what_has_changed_is_shown_again(self):
        def check(request):
            self.assertEqual(request.state, "approved")
            self.assertEqual(self.term_pool.seat_limit, 9)

        self._play_tour("subscription_request_stale", check, number="3")

    def test_client_asks_for_a_renewal(self):
        for lang in ("en_US", "fr_FR"):
            with self.subTest(lang), self._undone():
                self.ada.lang = lang
                self.env.flush_all()
                page = f"/my/subscription/{self.acme.id}/requests/new"
                url = f"{page}?kind=renewal&subscription_id={self.term.id}"
                self.start_tour(url, "subscription_page_renewal", login="ada")
                self.env.invalidate_all()
                request = self.requests.search([])
                self.assertEqual((request.years, request.state), (2, "waiting"))
                self.assertEqual(request._get_asked_numbers()[self.term_pool], 4)

    def test_refuse(self):
        def check(request):
            self.assertEqual(request.state, "refused")
            self.assertEqual(request.answer, "Not before March.")

        self._play_tour("subscription_request_refuse", check)
