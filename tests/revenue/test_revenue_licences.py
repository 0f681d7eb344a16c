from odoo.tests import freeze_time, tagged

from ..common.licence import MOVE, LicenceCase
from ..common.revenue import REVENUE, RevenueMixin
from ..common.subscription import create_yearly_plan, renew

PRICE = 120.0


@tagged("post_install", "-at_install")
class TestRevenueOfLicences(RevenueMixin, LicenceCase):
    """A licence of Expenses costs 120.00 a year, so that a seat brings 10.00 a month.
    Acme's first term is 2026, with five seats."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product = cls.env["product.product"].create(
            {"name": "Licence", "type": "service", "list_price": PRICE}
        )
        cls.expenses.licence_product_id = cls.product
        cls.company.correction_window_days = 7
        cls._give(cls.north, 100)
        with freeze_time("2026-01-01 09:00:00"):
            cls.term = cls._create_subscription(
                cls.acme, cls.yearly, date_start="2026-01-01"
            )
            cls.env.flush_all()
        cls.pool = cls._get_pool(cls.term, cls.expenses)

    def look(self, today):
        """Return the figures of Acme in the month of ``today``, without zeros."""
        self.env.flush_all()
        self.env.invalidate_all()
        with freeze_time(f"{today} 12:00:00"):
            day = self.company._get_today()
            self.check_reckoned(self.env["sale.subscription"].search([]), day)
            groups = self.read_groups(
                domain=[
                    ("subscription_id", "=", self.term.id),
                    ("month", "=", day.replace(day=1)),
                ]
            )
        return {
            name: amount
            for figures in groups.values()
            for name, amount in figures.items()
            if amount
        }

    def set_seats(self, seats, day):
        with freeze_time(f"{day} 09:00:00"):
            self.pool.seat_limit = seats
            self.env.flush_all()

    def get_last_move(self, kind):
        return self.env[MOVE].search(
            [("subscription_id", "=", self.term.id), ("kind", "=", kind)], limit=1
        )

    def test_first_term(self):
        move = self.get_last_move("raise")
        self.assertEqual((move.seats, move.yearly_amount), (5, 5 * PRICE))
        self.assertEqual(
            (str(move.date_first), str(move.date_last)), ("2026-01-01", "2026-12-31")
        )
        self.assertEqual(move.currency_id, self.term.currency_id)
        self.assertEqual(self.look("2026-01-15"), {"mrr": 50, "new": 50})
        self.assertEqual(self.look("2026-03-15"), {"opening": 50, "mrr": 50})
        # Its price is that of then.
        self.product.list_price = 240
        self.assertEqual(self.look("2026-03-15"), {"opening": 50, "mrr": 50})
        # Nothing was renewed.
        self.assertEqual(self.look("2027-01-15"), {"opening": 50, "lost": 50})

    def test_raised_seats(self):
        """Three seats take 2.33 licences until the end of the year: 30.00 a month."""
        self.set_seats(8, "2026-03-23")
        self.assertEqual(
            self.look("2026-03-25"), {"opening": 50, "mrr": 80, "raised": 30}
        )
        # Outside the window nothing comes back.
        self.set_seats(2, "2026-05-10")
        self.assertEqual(self.look("2026-05-15"), {"opening": 80, "mrr": 80})

    def test_corrected_in_time(self):
        """What comes back is less than was taken, but the seats are gone."""
        self.set_seats(8, "2026-04-10")
        self.set_seats(6, "2026-04-14")
        move = self.get_last_move("returned")
        self.assertEqual((move.seats, move.yearly_amount), (-2, -2 * PRICE))
        self.assertEqual(
            self.look("2026-04-15"), {"opening": 50, "mrr": 60, "raised": 10}
        )
        self.set_seats(5, "2026-04-16")
        self.assertEqual(self.look("2026-04-20"), {"opening": 50, "mrr": 50})

    def test_what_comes_back_is_what_was_taken_last(self):
        """The seats that were raised cost 240.00, those before 120.00."""
        self.product.list_price = 240
        self.set_seats(7, "2026-01-05")
        self.set_seats(4, "2026-01-06")
        move = self.get_last_move("returned")
        self.assertEqual(move.yearly_amount, -2 * 240 - PRICE)
        self.assertEqual(self.look("2026-01-10"), {"mrr": 40, "new": 40})

    def test_several_years_at_once(self):
        """Three years paid at once, at another price: a twelfth of one year."""
        self.product.list_price = 132
        with freeze_time("2026-12-01 09:00:00"):
            renewal = renew(self.term, years=3)
            self.env.flush_all()
        move = self.get_last_move("renewal")
        self.assertEqual((move.quantity, move.seats), (-15, 5))
        self.assertEqual(self.look("2026-12-15"), {"opening": 50, "mrr": 50})
        with freeze_time("2027-01-01 09:00:00"):
            renewal._apply()
        found = self.look("2027-01-15")
        self.assertEqual(found, {"opening": 50, "mrr": 55, "raised": 5})
        # At the price that the renewal showed, whatever it costs today
        self.product.list_price = 1000
        self.set_seats(6, "2028-02-01")
        found = self.look("2028-02-15")
        self.assertEqual(found, {"opening": 55, "mrr": 66, "raised": 11})

    def test_a_renewal_that_is_cancelled(self):
        with freeze_time("2026-12-01 09:00:00"):
            renewal = renew(self.term)
            renewal.action_cancel()
            self.env.flush_all()
        moves = renewal.move_ids
        self.assertEqual(sorted(moves.mapped("yearly_amount")), [-600, 600])
        self.assertEqual(self.look("2027-01-15"), {"opening": 50, "lost": 50})

    def test_renewed_late_from_the_old_end(self):
        """Lost while nobody renews it, and not when somebody did."""
        self.assertEqual(self.look("2027-01-10"), {"opening": 50, "lost": 50})
        with freeze_time("2027-01-10 12:30:00"):
            renew(self.term)
            self.env.flush_all()
        self.assertEqual(self.look("2027-01-10"), {"opening": 50, "mrr": 50})

    def test_on_account_counts_once(self):
        """Entries on account, and the statements that bill them, say who pays for
        licences that the term took."""
        self.south.licence_billing = "on_account"
        plan = create_yearly_plan(self.env, "Other", {self.base: 10, self.expenses: 3})
        with freeze_time("2026-02-01 09:00:00"):
            self.term = self._create_subscription(
                self.bolt, plan, date_start="2026-02-01"
            )
            self.env.flush_all()
        move = self.get_last_move("on_account")
        self.assertEqual((move.quantity, move.seats, move.yearly_amount), (3, 0, 0))
        with freeze_time("2026-03-02 09:00:00"):
            self.company.term_tz = "UTC"
            statements = self.accounts._bill_on_account()
            self.env.flush_all()
        self.assertEqual(len(statements), 1)
        self.assertEqual(self.look("2026-02-15"), {"mrr": 30, "new": 30})
        self.assertEqual(self.look("2026-03-15"), {"opening": 30, "mrr": 30})

    def test_a_longer_term_is_no_raise(self):
        """Brought to one end: more days of the same seats."""
        self.set_seats(7, "2026-05-20")
        with freeze_time("2026-06-10 09:00:00"):
            self.term._coterminate(self.term._fields["date"].to_date("2027-03-31"))
            self.env.flush_all()
        move = self.get_last_move("raise")
        self.assertEqual((move.seats, str(move.date_first)), (7, "2027-01-01"))
        self.assertEqual(self.look("2026-06-15"), {"opening": 70, "mrr": 70})
        self.assertEqual(self.look("2027-02-15"), {"opening": 70, "mrr": 70})

    def test_closed(self):
        with freeze_time("2026-04-20 09:00:00"):
            self.term.close_subscription()
            self.env.flush_all()
        self.assertEqual(self.look("2026-04-20"), {"opening": 50, "mrr": 50})
        self.assertEqual(self.look("2026-04-30"), {"opening": 50, "lost": 50})

    def test_entries_from_before_an_upgrade(self):
        """Seats, days and amounts are the same as if they had been noted."""
        with freeze_time("2026-12-01 09:00:00"):
            renew(self.term).action_cancel()
            renewal = renew(self.term, years=2)
            self.env.flush_all()
        with freeze_time("2027-01-01 09:00:00"):
            renewal._apply()
        self.set_seats(8, "2027-07-02")
        self.set_seats(7, "2027-07-03")
        names = ("seats", "date_first", "date_last", "yearly_amount", "currency_id")
        moves = self.env[MOVE].search([("subscription_id", "=", self.term.id)])
        before = moves.read(names)
        self.assertEqual(len(moves), 6)
        moves._set(dict.fromkeys(names, False))
        self.env.flush_all()
        moves._fill_seats()
        self.assertEqual(moves.read(names), before)

    def test_queries(self):
        """As many for one as for many, whoever looks."""
        self.env.flush_all()
        with freeze_time("2026-03-15 12:00:00"):
            rows = self.env[REVENUE]
            rows._read_group([], ["month:month"], ["mrr:sum"])
            with self.assertQueryCount(1):
                rows._read_group([], ["month:month"], ["mrr:sum", "opening:sum"])
            with self.assertQueryCount(1):
                rows.search([])
