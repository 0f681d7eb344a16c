"""What tests of the dashboard have in common."""

from datetime import date

from odoo.tests import freeze_time

from .licence import LicenceCase
from .subscription import renew

SUBSCRIPTION = "sale.subscription"
# Clients of North whose term is in each state on 15 March 2026, by the start of the
# year that it runs.
STARTS = {
    "ended": "2025-02-01",
    "ending": "2025-05-01",
    "running": "2026-01-01",
    "renewed": "2025-04-01",
}
TODAY = date(2026, 3, 15)


@freeze_time("2026-03-15")
class DashboardCase(LicenceCase):
    """North has a client with a term in each state, Reef and South one each; seats were
    given and freed over two years."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for partner, number in ((cls.north, 100), (cls.reef, 30), (cls.south, 40)):
            cls._give(partner, number)
        cls.users = {
            "admin": cls._create_user("vera", "admin", cls.vendor),
            "north": cls._create_user("nora", "standard", cls.north),
            "south": cls._create_user("sara", "standard", cls.south),
            "reef": cls._create_user("rita", "standard", cls.reef),
            "accountant": cls._create_user("alma", "accountant", cls.dune),
            "intern": cls._create_user("igor", "base.group_user", cls.vendor),
        }
        cls.terms = {
            state: cls._create_term(cls._create_client(state.title(), cls.north), start)
            for state, start in STARTS.items()
        }
        cls.terms["reef"] = cls._create_term(cls.coral, "2025-06-15")
        cls.terms["south"] = cls._create_term(cls.bolt, "2025-07-01")
        renew(cls.terms["renewed"])
        cls._make_accountant(cls.users["accountant"], cls.terms["ending"].client_id)

    @classmethod
    def _give_seats(cls, term, *periods):
        """Give seats of Expenses of ``term``, one for each of ``periods``: when it was
        given, and when freed or None."""
        pool = cls._get_pool(term, cls.expenses)
        members = cls._create_members(term.client_id, len(periods))
        for number, (member, (given, freed)) in enumerate(
            zip(members, periods, strict=True), start=1
        ):
            cls._insert_seat(pool, member, number, given, freed)

    @classmethod
    def _insert_seat(cls, pool, member, number, given, freed):
        """Insert a seat of the past, which no door gives."""
        cls.env.flush_all()
        cls.env.cr.execute(
            "INSERT INTO subscription_seat (pool_id, member_id, holder_name, number,"
            " takes_seat, granted_at, released_at) VALUES (%s, %s, %s, %s, TRUE, %s,"
            " %s)",
            (pool.id, member.id, member.name, number, given, freed),
        )
        cls.env.invalidate_all()

    def _get_dashboard(self, role="north", **filters):
        model = self.env[SUBSCRIPTION].with_user(self.users[role])
        return model.get_dashboard(filters)

    def _get_sections(self, role="north", **filters):
        sections = self._get_dashboard(role, **filters)["sections"]
        return {section["name"]: section for section in sections}

    def _get_values(self, section):
        return [row["values"] for row in section["rows"]]

    def _find(self, action, role):
        """Return what ``action`` of the dashboard shows to ``role``."""
        window = self.env.ref(action["action"])
        context = action.get("context", {})
        model = self.env[window.res_model].with_user(self.users[role])
        return model.with_context(**context).search(action.get("domain", []))
