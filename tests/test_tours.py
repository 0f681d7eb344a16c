"""The screens in a real browser: the wizards from end to end, and the gauge."""

import re
from pathlib import Path

from odoo.tests import HttpCase, tagged

from odoo.addons.web.tests.test_js import unit_test_error_checker

from .common import ADDON

UNIT_TESTS = Path(__file__).parents[1] / "static" / "tests"


@tagged("post_install", "-at_install")
class TestUnits(HttpCase):
    def test_javascript_units(self):
        """Run the JavaScript tests of this module, all that there are."""
        sources = [path.read_text("utf-8") for path in UNIT_TESTS.glob("*.test.js")]
        count = len(re.findall(r"^\s*test\(", "\n".join(sources), re.MULTILINE))
        self.assertTrue(count)
        with self.assertLogs(self._logger.getChild("browser"), "INFO") as logs:
            self.browser_js(
                f"/web/tests?headless&loglevel=2&preset=desktop&filter={ADDON}",
                "",
                login="admin",
                timeout=300,
                success_signal="[HOOT] Test suite succeeded",
                error_checker=unit_test_error_checker,
            )
        self.assertIn(f"Passed {count} tests", "\n".join(logs.output))
