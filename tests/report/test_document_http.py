from unittest.mock import patch

from freezegun import freeze_time

from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.base.models.ir_actions_report import IrActionsReport as BaseReport

from ..common.access import MUTED
from ..common.document import INVOICE, STATEMENT, SUMMARY, DocumentCase
from ..common.paper import needs_renderer, read_pages, render


@needs_renderer
@tagged("post_install", "-at_install")
class TestDocumentHttp(DocumentCase, HttpCase):
    """The routes of reports, with ids that are somebody else's."""

    def setUp(self):
        super().setUp()
        self.startPatcher(patch.object(BaseReport, "_pre_render_qweb_pdf", render))
        statement = self._play()
        self.users = self._create_readers()
        wizard = {"partner_id": self.player.clients["North"].id, "month": "2026-01"}
        as_north = self.env(user=self.users["north"])
        summary = as_north["subscription.partner.summary"].create(wizard)
        self.targets = {
            STATEMENT: statement,
            INVOICE: statement.move_id,
            SUMMARY: summary,
        }
        self.env.flush_all()

    def _open(self, user, report, record, kind="pdf"):
        login = self.users[user].login
        self.authenticate(login, login)
        return self.url_open(f"/report/{kind}/{report}/{record.id}", timeout=60)

    @freeze_time("2026-01-20 10:00:00")
    def test_own(self):
        for report, record in self.targets.items():
            with self.subTest(report):
                response = self._open("north", report, record)
                self.assertEqual(response.status_code, 200)
                self.assertIn("Client 1", "".join(read_pages(response.content)))

    @mute_logger(*MUTED)
    def test_foreign(self):
        for user in ("south", "stranger"):
            for report, record in self.targets.items():
                for kind in ("pdf", "html"):
                    with self.subTest(user=user, report=report, kind=kind):
                        response = self._open(user, report, record, kind)
                        self.assertGreaterEqual(response.status_code, 400)
                        for word in (b"Client 1", b"Expenses", b"%PDF"):
                            self.assertNotIn(word, response.content)
