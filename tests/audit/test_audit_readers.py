from odoo.tests import tagged

from ..common.access import AccessCase

AUDIT = "subscription.audit"
MASK = "Another partner"


@tagged("post_install", "-at_install")
class TestAuditReaders(AccessCase):
    """Two who read the audit trail in one transaction each read what is theirs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.acme.managing_partner_id = cls.south
        cls.env.flush_all()
        domain = [("client_id", "=", cls.acme.id), ("event", "=", "managing_partner")]
        cls.entry = cls.env[AUDIT].search(domain, limit=1)

    def _read(self, role, sudo=False):
        entry = self.entry.with_user(self.roles[role])
        return entry.sudo() if sudo else entry

    def test_each_reads_its_own(self):
        """Whoever comes first; nothing is thrown out of the cache between them."""
        self.env.invalidate_all()
        expected = {"admin": "North", "accountant": "North", "south": MASK}
        for roles in (list(expected), list(reversed(expected))):
            for role in roles:
                with self.subTest(role=role):
                    entry = self._read(role)
                    self.assertEqual(entry.old_value, expected[role])
                    self.assertEqual(entry.details, f"{expected[role]} → South")
                    self.assertEqual(
                        self._read(role, sudo=True).old_value, entry.old_value
                    )

    def test_each_finds_by_what_it_reads(self):
        for role, found in (("admin", True), ("south", False), ("accountant", True)):
            with self.subTest(role=role):
                trail = self.entry.with_user(self.roles[role])
                own = [("id", "=", self.entry.id)]
                named = trail.search([*own, ("old_value", "ilike", "north")])
                masked = trail.search([*own, ("old_value", "=", MASK)])
                self.assertEqual((bool(named), bool(masked)), (found, not found))
                kept = self.entry.with_user(self.roles[role]).filtered_domain(
                    [("old_value", "=", "North")]
                )
                self.assertEqual(bool(kept), found)

    def test_nobody_knows_whose_user_it_was(self):
        """Of a user whose company is gone, partners neither read the name nor find
        entries by it."""
        self.env.cr.execute(
            "UPDATE subscription_log SET user_name = 'Gil', user_company_id = NULL"
            " WHERE id = %s",
            [self.entry.sudo().log_id.id],
        )
        self.env.invalidate_all()
        for role, name in (("admin", "Gil"), ("accountant", "Gil"), ("south", False)):
            with self.subTest(role=role):
                entry = self._read(role)
                self.assertEqual(entry.user_name, name)
                own = [("id", "=", entry.id), ("user_name", "ilike", "gil")]
                self.assertEqual(bool(entry.search(own)), bool(name))
