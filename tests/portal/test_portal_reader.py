"""Pages of the portal for who reads them by a screen reader or on a phone."""

import importlib.util
import json
from pathlib import Path
from unittest import skipUnless

from odoo.tests import tagged

from ..common.portal import ClientPageCase

FOUND = importlib.util.find_spec("axe_core_python")
ADDRESS = "/axe.min.js"
# As wide as a phone and as a screen of a desk.
WIDTHS = (390, 1400)
# Opens each page in a frame of each width, and lets axe-core look at it.
CODE = """
(async () => {
    const source = await (await fetch("%(address)s")).text();
    const faults = [];
    for (const width of %(widths)s) {
        for (const page of %(pages)s) {
            const frame = document.createElement("iframe");
            frame.width = width;
            frame.height = 900;
            frame.src = page;
            const loaded = new Promise((done) => (frame.onload = done));
            document.body.append(frame);
            await loaded;
            const root = frame.contentDocument.documentElement;
            if (!root.querySelector(".o_portal_wrap h1")) {
                faults.push(`${page}: no page`);
            }
            if (root.scrollWidth > width) {
                faults.push(`${page}: ${root.scrollWidth} wide on ${width}`);
            }
            frame.contentWindow.eval(source);
            const {violations} = await frame.contentWindow.axe.run(root);
            for (const {impact, id, nodes} of violations) {
                if (["serious", "critical"].includes(impact)) {
                    faults.push(`${page} on ${width}: ${id}: ${nodes[0].html}`);
                }
            }
            frame.remove();
        }
    }
    if (faults.length) {
        console.error(faults.join("\\n"));
    } else {
        console.log("test successful");
    }
})();
"""


@skipUnless(FOUND, "needs axe-core-python")
@tagged("post_install", "-at_install")
class TestPortalReader(ClientPageCase):
    """axe-core finds nothing serious, and no page scrolls sideways."""

    def setUp(self):
        super().setUp()
        source = Path(FOUND.origin).with_name("axe.min.js").read_bytes()
        self.env["ir.attachment"].create(
            {
                "name": "axe",
                "url": ADDRESS,
                "type": "binary",
                "raw": source,
                "mimetype": "text/javascript",
                "public": True,
            }
        )

    def _get_pages(self):
        team = self.env["subscription.team"].create(
            {"name": "Sales", "client_id": self.acme.id}
        )
        member = self.kim.partner_id.membership_ids
        pool = self.expenses_pool
        paths = [
            *("", f"/module/{pool.id}", f"/module/{pool.id}/add"),
            *("/members", f"/members/{member.id}", "/members/add"),
            *("/members/inactive", "/undo", "/teams", f"/teams/{team.id}"),
            *(f"/teams/{team.id}/modules", "/requests", "/requests/new"),
            *("/invoices", "/billing", "/accountants", "/history", "/companies"),
        ]
        return [f"/my/subscription/{self.acme.id}{path}" for path in paths]

    def _look(self, user, pages):
        self.env.flush_all()
        given = {"address": ADDRESS, "widths": list(WIDTHS), "pages": json.dumps(pages)}
        self.browser_js("/my", CODE % given, login=user.login, timeout=300)

    def test_pages_of_an_administrator(self):
        for lang in ("en_US", "fr_FR"):
            with self.subTest(lang=lang):
                self.ada.lang = lang
                self._look(self.ada, self._get_pages())
                self.env["subscription.team"].search([]).active = False

    def test_page_of_a_member(self):
        self._look(self.kim, ["/my/access"])
