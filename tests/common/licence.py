"""What tests of the stocks of licences have in common."""

from odoo.tests import freeze_time

from .subscription import SubscriptionCase, create_plan

ACCOUNT = "subscription.licence.account"
MOVE = "subscription.licence.move"


@freeze_time("2026-03-15")
class LicenceCase(SubscriptionCase):
    """North has 20 licences of Expenses, its reseller Reef none yet.

    The plan *Yearly* runs for a year, with five seats of Expenses. It is 15 March 2026.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Numbers are written as in English.
        cls.env = cls.env(context=dict(cls.env.context, lang="en_US"))
        cls.company = cls.env.company
        cls.yearly = create_plan(
            cls.env,
            "Yearly",
            {cls.base: 10, cls.expenses: 5},
            recurring_rule_type="years",
            recurring_rule_boundary="limited",
        )
        cls.accounts = cls.env[ACCOUNT]
        cls.moves = cls.env[MOVE]
        cls._give(cls.north, 20)

    @classmethod
    def _give(cls, partner, quantity, module=None, company=None, **options):
        """Give licences as the vendor, of Expenses unless told otherwise."""
        return cls.accounts._give(
            partner,
            {module or cls.expenses: quantity},
            company or cls.company,
            **options,
        )

    @classmethod
    def _take_back(cls, partner, quantity, module=None, company=None, **options):
        return cls.accounts._take_back(
            partner,
            {module or cls.expenses: quantity},
            company or cls.company,
            **options,
        )

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
        cls.env["subscription.member"].create(
            [
                {
                    "client_id": client.id,
                    "partner_id": cls.staff["accountant"].partner_id.id,
                    "role_id": cls.role_accountant.id,
                }
                for client in (cls.acme, cls.north)
            ]
        )

    @classmethod
    def _get_account(cls, partner, module=None, company=None):
        return cls.accounts.search(
            [
                ("partner_id", "=", partner.id),
                ("module_id", "=", (module or cls.expenses).id),
                ("company_id", "=", (company or cls.company).id),
            ]
        )

    def _get_balance(self, partner, module=None, company=None):
        return self._get_account(partner, module, company).balance

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
