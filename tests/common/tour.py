"""What tests in a real browser have in common."""

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tests import HttpCase, get_db_name

# What the web client loads in a test.
BUNDLES = ("web.assets_web", "web.assets_web_print", "web.assets_tests")


class TourCase(HttpCase):
    """Has patience: a machine may run several browsers on a slow processor."""

    # Seconds that a request waits for another one of the same test.
    test_cursor_lock_timeout = 120
    # Seconds that a tour may take.
    TOUR_SECONDS = 300

    @classmethod
    def setUpClass(cls):
        cls._keep_bundles()
        super().setUpClass()

    @classmethod
    def _keep_bundles(cls):
        """Make the scripts and styles of the web client, unless they are there.

        What a test makes is rolled back, and so each would make them anew. Odoo itself
        does the same before its tests; other runners do not.
        """
        with Registry(get_db_name()).cursor() as cr:
            views = api.Environment(cr, SUPERUSER_ID, {})["ir.qweb"]
            for name in BUNDLES:
                bundle = views._get_asset_bundle(name)
                bundle.js()
                bundle.css()

    def start_tour(self, *args, **options):
        super().start_tour(*args, **{"timeout": self.TOUR_SECONDS, **options})
