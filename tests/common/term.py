"""What tests of terms and renewals have in common."""

from contextlib import contextmanager

from odoo.exceptions import UserError

from .subscription import ADDON, SubscriptionCase, create_company, create_plan

# What a plan of a year has beyond its modules.
YEARLY = {"recurring_rule_type": "years", "recurring_rule_boundary": "limited"}


class TermCase(SubscriptionCase):
    """Acme has a term of a year, which is 2026, with ten users and five seats of
    Expenses. North has twenty licences of it, before the term takes some.

    Users: Sam of North, Rival of South, Vera of the vendor.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.renewals = cls.env["subscription.renewal"]
        cls.accounts = cls.env["subscription.licence.account"]
        cls.yearly = create_plan(
            cls.env, "Yearly", {cls.base: 10, cls.expenses: 5}, **YEARLY
        )
        cls.accounts._give(cls.north, {cls.expenses: 20}, cls.env.company)
        cls.account = cls._get_account(cls.north)
        cls.term = cls._create_subscription(
            cls.acme, cls.yearly, date_start="2026-01-01"
        )
        cls.users = cls._get_pool(cls.term, cls.base)
        cls.pool = cls._get_pool(cls.term, cls.expenses)
        cls.sam = cls._create_user("sam", "standard", cls.north)
        cls.rival = cls._create_user("rival", "standard", cls.south)
        cls.vera = cls._create_user("vera", "admin", cls.vendor)

    @classmethod
    def _get_account(cls, partner, module=None):
        return cls.accounts.search(
            [
                ("partner_id", "=", partner.id),
                ("module_id", "=", (module or cls.expenses).id),
            ]
        )

    @classmethod
    def _create_terms(cls, count, plan=None, **vals):
        """Create clients of North, each with a term as Acme's."""
        plan = plan or cls.yearly
        licences = 20 * count
        cls.accounts._give(cls.north, {cls.expenses: licences}, cls.env.company)
        terms = cls.env["sale.subscription"]
        vals = {"date_start": "2026-01-01", **vals}
        for number in range(count):
            client = create_company(
                cls.env, f"Client {number}", managing_partner_id=cls.north.id
            )
            terms |= cls._create_subscription(client, plan, **vals)
        return terms

    def _ask(self, term, years=1, choice="same", *, from_today=False, numbers=None):
        """Return what renewing ``term`` that way asks of ``_schedule``."""
        return term._prepare_term_request(years, choice, numbers, from_today=from_today)

    def _renew(self, terms=None, user=None, **options):
        """Renew ``terms``, by default Acme's, as ``user``."""
        terms = terms or self.term
        renewals = self.renewals.with_user(user) if user else self.renewals
        terms = terms.with_env(renewals.env)
        return renewals._schedule({term: self._ask(term, **options) for term in terms})[
            0
        ]

    @contextmanager
    def _refused(self, words, error=UserError):
        """Check that what is done within is refused with ``words``; take it back."""
        with self.assertRaises(error) as refusal:
            yield refusal
        self.assertIn(words, str(refusal.exception))

    def _run_job(self):
        """Run the job that starts terms, as Odoo does."""
        with self.enter_registry_test_mode():
            self.env.ref(f"{ADDON}.ir_cron_renewal_apply").method_direct_trigger()
        self.env.invalidate_all()
