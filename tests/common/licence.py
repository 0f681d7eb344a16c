"""What tests of the stocks of licences have in common."""

from odoo.tests import freeze_time

from ...exceptions import LicenceRefusal
from .subscription import SubscriptionCase, create_plan, create_yearly_plan

ACCOUNT = "subscription.licence.account"
MOVE = "subscription.licence.move"


class LicenceMixin:
    """How tests fill and read stocks: of Expenses and of the vendor's company, unless
    told otherwise."""

    @classmethod
    def _get_accounts(cls):
        return cls.env[ACCOUNT]

    @classmethod
    def _give(cls, partner, quantity, module=None, company=None, **options):
        """Give licences as the vendor."""
        return cls._get_accounts()._give(
            partner,
            {module or cls.expenses: quantity},
            company or cls.env.company,
            **options,
        )

    @classmethod
    def _take_back(cls, partner, quantity, module=None, company=None, **options):
        return cls._get_accounts()._take_back(
            partner,
            {module or cls.expenses: quantity},
            company or cls.env.company,
            **options,
        )

    @classmethod
    def _get_account(cls, partner, module=None, company=None):
        return cls._get_accounts().search(
            [
                ("partner_id", "=", partner.id),
                ("module_id", "=", (module or cls.expenses).id),
                ("company_id", "=", (company or cls.env.company).id),
            ]
        )

    @classmethod
    def _get_balance(cls, partner, module=None, company=None):
        return cls._get_account(partner, module, company).balance


@freeze_time("2026-03-15")
class LicenceCase(LicenceMixin, SubscriptionCase):
    """North has 20 licences of Expenses, its reseller Reef none yet.

    The plan *Yearly* runs for a year, with five seats of Expenses. It is 15 March 2026.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Numbers are written as in English.
        cls.env = cls.env(context=dict(cls.env.context, lang="en_US"))
        cls.company = cls.env.company
        cls.yearly = create_yearly_plan(
            cls.env, "Yearly", {cls.base: 10, cls.expenses: 5}
        )
        cls.accounts = cls.env[ACCOUNT]
        cls.moves = cls.env[MOVE]
        cls._give(cls.north, 20)

    @classmethod
    def _create_staff(cls):
        """Create a user of each role: ``cls.staff`` by name."""
        firm = cls.env["res.partner"].create({"name": "Firm", "is_company": True})
        cls.staff = {
            "boss": cls._create_user("boss", "admin", cls.vendor),
            "north": cls._create_user("north", "standard", cls.north),
            "south": cls._create_user("south", "standard", cls.south),
            "reef": cls._create_user("reef", "standard", cls.reef),
            "vendor staff": cls._create_user("clerk", "standard", cls.vendor),
            "accountant": cls._create_user("accountant", "accountant", firm),
            "intern": cls._create_user("intern", "base.group_user", cls.vendor),
            "portal": cls._create_user("portal", "base.group_portal", cls.acme),
        }
        cls._make_accountant(cls.staff["accountant"], cls.acme, cls.north)

    def _get_entries(self, since=()):
        """Return what the ledger has but not ``since``: kind, partner and quantity of
        each, in the order they were posted."""
        moves = self.moves.search([], order="id")
        if since:
            moves -= since
        return [(move.kind, move.partner_id.name, move.quantity) for move in moves]

    def _get_ledger(self):
        """Return everything that a refusal leaves as it was."""
        self.env.flush_all()
        moves = self.moves.search([], order="id")
        return (
            moves.ids,
            [(account.id, account.balance) for account in self.accounts.search([])],
        )

    def _check_adds_up(self):
        """Check that each balance is the sum of its ledger, and not below zero."""
        self.env.flush_all()
        self.env.invalidate_all()
        for account in self.accounts.search([]):
            total = sum(account.move_ids.mapped("quantity"))
            self.assertAlmostEqual(account.balance, total, places=2)
            self.assertGreaterEqual(account.balance, 0)


@freeze_time("2026-03-15")
class RaiseCase(LicenceCase):
    """Acme's year is 2026, with five seats of Expenses; North has 15.99 licences left.

    Until the end of the year a seat takes 292 / 365 = 0.8 licences.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_staff()
        with freeze_time("2026-01-01"):
            cls.term = cls._create_subscription(
                cls.acme, cls.yearly, date_start="2026-01-01"
            )
        cls.pool = cls._get_pool(cls.term, cls.expenses)
        cls.base_pool = cls._get_pool(cls.term, cls.base)
        cls.large = create_yearly_plan(
            cls.env, "Large", {cls.base: 10, cls.expenses: 8}
        )
        cls.forever = create_plan(cls.env, "Forever", {cls.base: 10, cls.expenses: 8})
        cls.north_env = cls.env(user=cls.staff["north"])

    def _as_north(self, record):
        return record.with_env(self.north_env)

    def _check_takes(self, licences, act, partner=None, msg=None):
        """Check what ``act`` takes from the stock of North."""
        partner = partner or self.north
        before = self._get_balance(partner)
        act()
        self._check_adds_up()
        taken = before - self._get_balance(partner)
        self.assertAlmostEqual(taken, licences, places=2, msg=msg)

    def _check_refused(self, act, *words, error=LicenceRefusal):
        """Check that ``act`` is refused with ``words``, and changes nothing."""
        before = self._get_ledger()
        pools = self.env["subscription.seat.pool"].search([])
        names = ["seat_limit", "is_unlimited", "licensed_seats", "module_id"]
        seats = pools.read(names)
        with self.assertRaises(error) as refusal:
            act()
        for word in words:
            self.assertIn(word, str(refusal.exception))
        self.env.invalidate_all()
        self.assertEqual(self._get_ledger(), before)
        self.assertEqual(pools.read(names), seats)

    def _empty(self, left=0.0, module=None):
        """Leave North no more than ``left``."""
        balance = self._get_balance(self.north, module)
        if balance > left:
            self._take_back(self.north, balance - left, module)


@freeze_time("2026-03-15")
class StockCase(LicenceCase):
    """Below North's reseller Reef is Cove; there is a user of each role."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_staff()
        cls.cove = cls._create_partner("Cove", managing_partner_id=cls.reef.id)

    def _get_stock(self, role):
        """Return the stocks as ``role`` posts to them."""
        return self.accounts.with_user(self.staff[role])
