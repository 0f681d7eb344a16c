from odoo.tests import tagged

from ..common.portal import ClientPageCase


@tagged("post_install", "-at_install")
class TestPortalLive(ClientPageCase):
    def test_in_every_language(self):
        """Pages in another language have other addresses; what their gauges ask for has
        one, since a script that is sent elsewhere takes the session to have ended."""
        self.env["res.lang"]._activate_lang("fr_FR")
        for lang, path in (("en_US", ""), ("fr_FR", "/fr")):
            with self.subTest(lang):
                self.ada.lang = lang
                self._log_in(self.ada)
                cookies = {"frontend_lang": lang}
                page = self.url_open(f"{path}{self._get_url()}", cookies=cookies).text
                self.assertIn(f'data-live="{self._get_url("/live")}"', page)
                answer = self.url_open(
                    self._get_url("/live"), cookies=cookies, allow_redirects=False
                )
                self.assertEqual(answer.status_code, 200)
                pools = [one["pool_id"] for one in answer.json()["pools"]]
                self.assertIn(self.expenses_pool.id, pools)
