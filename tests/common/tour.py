"""What tests in a real browser have in common."""

from odoo.tests import HttpCase


class TourCase(HttpCase):
    """Has patience: a machine may run several browsers on a slow processor."""

    # Seconds that a request waits for another one of the same test.
    test_cursor_lock_timeout = 120
    # Seconds that a tour may take.
    TOUR_SECONDS = 300

    def start_tour(self, *args, **options):
        super().start_tour(*args, **{"timeout": self.TOUR_SECONDS, **options})
