"""What tests of the wizard *Renew* have in common."""

from odoo.tests import Form

from .licence import LicenceMixin
from .subscription import SubscriptionCase, create_yearly_plan


class RenewCase(LicenceMixin, SubscriptionCase):
    """Acme's year is 2026, with five seats of Expenses; North has 20 licences left."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.yearly = create_yearly_plan(
            cls.env, "Yearly", {cls.base: 10, cls.expenses: 5}
        )
        cls._give(cls.north, 24, from_vendor=True)
        cls.term = cls._create_term(cls.acme)
        cls.staff = cls._create_user("nora", "standard", cls.north)
        cls.rival = cls._create_user("sven", "standard", cls.south)
        cls.admin = cls._create_user("vera", "admin", cls.vendor)

    def _open(self, terms=None, user=None):
        """Open the wizard as the screen does."""
        terms = self.term if terms is None else terms
        wizard = self.env["subscription.renew"].with_user(user or self.staff)
        return Form(wizard.with_context(default_subscription_ids=terms.ids))

    def _get_line(self, form, module=None, partner=None):
        """Return the values of the line of a module, of Expenses by default."""
        wanted = (module or self.expenses).id, (partner or self.north).id
        (line,) = [
            line
            for line in form.line_ids._records
            if (line["module_id"], line["partner_id"]) == wanted
        ]
        return line

    def _set_seats(self, form, seats, module=None):
        """Type the number of seats of a module."""
        line = self._get_line(form, module)
        with form.line_ids.edit(form.line_ids._records.index(line)) as edited:
            edited.seats_each = seats

    def _check_line(self, form, *, module=None, partner=None, **expected):
        line = self._get_line(form, module, partner)
        self.assertEqual({name: line[name] for name in expected}, expected)

    def _submit(self, form):
        return form.save().action_renew()
