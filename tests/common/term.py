"""What tests of terms and renewals have in common."""

from contextlib import contextmanager

from odoo.exceptions import UserError

from .licence import LicenceMixin
from .subscription import (
    ADDON,
    SubscriptionCase,
    create_yearly_plan,
    renew,
)


class TermCase(LicenceMixin, SubscriptionCase):
    """Acme has a term of a year, which is 2026, with ten users and five seats of
    Expenses. North has twenty licences of it, before the term takes some.

    Users: Sam of North, Rival of South, Vera of the vendor.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.renewals = cls.env["subscription.renewal"]
        cls.accounts = cls.env["subscription.licence.account"]
        cls.yearly = create_yearly_plan(
            cls.env, "Yearly", {cls.base: 10, cls.expenses: 5}
        )
        cls._give(cls.north, 20)
        cls.account = cls._get_account(cls.north)
        cls.term = cls._create_term(cls.acme)
        cls.users = cls._get_pool(cls.term, cls.base)
        cls.pool = cls._get_pool(cls.term, cls.expenses)
        cls.sam = cls._create_user("sam", "standard", cls.north)
        cls.rival = cls._create_user("rival", "standard", cls.south)
        cls.vera = cls._create_user("vera", "admin", cls.vendor)

    @classmethod
    def _create_terms(cls, count, *args, **vals):
        """Create clients of North, each with a term as Acme's, and their licences."""
        cls._give(cls.north, 20 * count)
        return super()._create_terms(count, *args, **vals)

    def _renew(self, terms=None, user=None, **options):
        """Renew ``terms``, by default Acme's, as ``user``."""
        return renew(terms or self.term, user, **options)

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
