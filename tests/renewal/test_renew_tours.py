"""The wizard *Renew* in a real browser, as the staff of a partner."""

from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.tests import tagged

from ..common.tour import TourCase
from .test_renew_wizard import RenewCase


@tagged("post_install", "-at_install")
class TestRenewTours(RenewCase, TourCase):
    """Acme's term ends soon; North has 20 licences left."""

    @classmethod
    def setUpClass(cls):
        cls.TERM_START = fields.Date.today() - relativedelta(months=10)
        super().setUpClass()
        cls.subscription.active = False

    @classmethod
    def _set_balance(cls, licences):
        change = licences - cls._get_balance(cls.north)
        if change > 0:
            cls._give(cls.north, change)
        else:
            cls._take_back(cls.north, -change, to_vendor=True)

    def _tour(self, name):
        self.start_tour("/odoo/managed-subscriptions", name, login=self.staff.login)
        self.env.invalidate_all()

    def test_renew_one(self):
        self._set_balance(20)
        self._tour("subscription_renew_one")
        renewal = self.term.renewal_id
        self.assertEqual((renewal.years, renewal.licences), (5, 20))
        self.assertEqual(self._get_balance(self.north), 0)

    def test_renew_many_with_a_refusal(self):
        terms = self._create_terms(4)
        self._set_balance(20)
        self._tour("subscription_renew_many")
        self.assertEqual(len((terms | self.term).renewal_id), 4)
        self.assertEqual(self._get_balance(self.north), 0)
