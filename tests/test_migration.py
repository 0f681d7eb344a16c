from odoo.modules import get_module_path
from odoo.modules.migration import load_script
from odoo.tests import TransactionCase, tagged
from odoo.tools import SQL
from odoo.tools.sql import column_exists, rename_column

from .common.subscription import ADDON, SubscriptionCase

MODEL, TABLE = "subscription.snooze", "subscription_snooze"
OLD, NEW = "tier_id", "addressee_id"


def load_migration(version):
    path = f"{get_module_path(ADDON)}/migrations/{version}/pre-migrate.py"
    return load_script(path, "pms_pre_migrate").migrate


@tagged("post_install", "-at_install")
class TestRules(TransactionCase):
    """Upgrades write record rules as the code has them, and remove those that are gone,
    which Odoo does for records without ``noupdate``."""

    def _get_kept(self):
        """Return the external ids of rules that an upgrade would leave alone."""
        return self.env["ir.model.data"].search(
            [("module", "=", ADDON), ("model", "=", "ir.rule"), ("noupdate", "=", True)]
        )

    def test_rules_are_updated(self):
        self.assertFalse(self._get_kept())

    def test_rules_of_earlier_versions_are_updated_from_now_on(self):
        migrate = load_migration("19.0.1.2.0")
        rule = self.env.ref(f"{ADDON}.res_partner_rule_visible")
        data = self.env["ir.model.data"].search(
            [("model", "=", "ir.rule"), ("res_id", "=", rule.id)]
        )
        data.noupdate = True
        self.env.flush_all()
        migrate(self.cr, None)
        self.env.invalidate_all()
        self.assertEqual(self._get_kept(), data, "a new database has nothing to mend")
        migrate(self.cr, "19.0.1.1.0")
        self.env.invalidate_all()
        self.assertFalse(self._get_kept())


@tagged("post_install", "-at_install")
class TestMigration(TransactionCase):
    """The renaming of fields, from a database that has one by its old name."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.migrate = staticmethod(load_migration("19.0.1.1.0"))

    def setUp(self):
        super().setUp()
        self.env.flush_all()
        rename_column(self.cr, TABLE, NEW, OLD)
        self.cr.execute(
            "UPDATE ir_model_fields SET name = %s WHERE model = %s AND name = %s",
            [OLD, MODEL, NEW],
        )
        self.cr.execute(
            "UPDATE ir_model_data SET name = %s WHERE module = %s AND name = %s",
            [f"field_{TABLE}__{OLD}", ADDON, f"field_{TABLE}__{NEW}"],
        )

    def _migrate(self, version="19.0.1.0.0"):
        self.migrate(self.cr, version)
        self.env.invalidate_all()

    def _has_index(self, field):
        """Return whether the column of ``field`` has the index that the ORM made."""
        return bool(
            self.env.execute_query(
                SQL(
                    "SELECT FROM pg_indexes WHERE indexname = %s",
                    f"{TABLE}__{field}_index",
                )
            )
        )

    def test_a_field_is_renamed_with_its_data(self):
        self.cr.execute(
            SQL(
                "ALTER INDEX %s RENAME TO %s",
                SQL.identifier(f"{TABLE}__{NEW}_index"),
                SQL.identifier(f"{TABLE}__{OLD}_index"),
            )
        )
        field = self.env["ir.model.fields"].search(
            [("model", "=", MODEL), ("name", "=", OLD)]
        )
        self._migrate()
        self.assertTrue(column_exists(self.cr, TABLE, NEW))
        self.assertFalse(column_exists(self.cr, TABLE, OLD))
        self.assertTrue(self._has_index(NEW))
        self.assertFalse(self._has_index(OLD))
        self.assertEqual(field.name, NEW)
        self.assertEqual(self.env.ref(f"{ADDON}.field_{TABLE}__{NEW}"), field)

    def test_what_users_saved_says_the_new_name(self):
        """As a whole word: names that only begin or end like it stay."""
        saved = self.env["ir.filters"].create(
            {
                "name": "Snoozed",
                "model_id": MODEL,
                "domain": f"[('{OLD}.name', '=', 'x_{OLD} {OLD}s {OLD}')]",
                "context": f"{{'group_by': ['{OLD}']}}",
            }
        )
        self.env.flush_all()
        self._migrate()
        self.assertEqual(saved.domain, f"[('{NEW}.name', '=', 'x_{OLD} {OLD}s {NEW}')]")
        self.assertEqual(saved.context, f"{{'group_by': ['{NEW}']}}")

    def test_a_value_is_renamed(self):
        company = self.env["res.partner"].create({"name": "Acme", "is_company": True})
        self.cr.execute(
            "INSERT INTO subscription_log (event, client_id, date)"
            " VALUES ('manager', %s, NOW()), ('added', %s, NOW()) RETURNING id",
            [company.id, company.id],
        )
        log_ids = [log_id for (log_id,) in self.cr.fetchall()]
        self._migrate()
        self.cr.execute(
            "SELECT event FROM subscription_log WHERE id = ANY(%s) ORDER BY id",
            [log_ids],
        )
        self.assertEqual(self.cr.fetchall(), [("managing_partner",), ("added",)])

    def test_it_runs_twice(self):
        self._migrate()
        self._migrate()
        self.assertTrue(column_exists(self.cr, TABLE, NEW))

    def test_a_new_database_has_nothing_to_rename(self):
        self._migrate(version=None)
        self.assertTrue(column_exists(self.cr, TABLE, OLD))


@tagged("post_install", "-at_install")
class TestMigrationOfAddresses(SubscriptionCase):
    """Members and contacts whose e-mail addresses differ have one afterwards."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        path = f"{get_module_path(ADDON)}/migrations/19.0.1.2.0/post-addresses.py"
        cls.migrate = staticmethod(load_script(path, "pms_post_addresses").migrate)

    def test_the_later_one_is_kept(self):
        ann = self._create_member("Ann", email="old@acme.test")
        none = self._create_member("Bob")
        user = self._create_user("robin", "accountant", self.south)
        accountant = self._make_accountant(user, self.acme)
        self.env.flush_all()
        self.cr.execute(
            "UPDATE subscription_member SET email = concat('new', id, '@acme.test')"
            " WHERE id IN %s",
            [(ann | none | accountant)._ids],
        )
        self.env.invalidate_all()
        self.migrate(self.cr, "19.0.1.0.0")
        self.env.flush_all()
        self.env.invalidate_all()
        for member in ann | none:
            self.assertEqual(member.email, f"new{member.id}@acme.test")
            self.assertEqual(member.partner_id.email, member.email)
        # Who logs in keeps the address that a password is sent to.
        self.assertEqual(user.partner_id.email, "robin@users.test")
        self.assertEqual(accountant.email, "robin@users.test")


@tagged("post_install", "-at_install")
class TestMigrationOfInvitations(SubscriptionCase):
    """All who were invited before were accountants, whatever has become of them."""

    def test_what_was_there_stays_an_accountants(self):
        invitations = self.env["subscription.invitation"]
        sent = invitations._invite(self.acme, "books@firms.test", "Books")
        recast = invitations._invite(self.bolt, "old@firms.test", "Old")
        recast.member_id.role_id = self.role_reports
        self.env.flush_all()
        for column in ("is_accountant", "is_contact_new"):
            self.cr.execute(
                SQL(
                    "ALTER TABLE subscription_invitation DROP COLUMN %s",
                    SQL.identifier(column),
                )
            )
        migrate = load_migration("19.0.1.2.0")
        for _twice in range(2):
            migrate(self.cr, "19.0.1.1.0")
            self.env.invalidate_all()
            for invitation, state in ((sent, "sent"), (recast, "withdrawn")):
                self.assertTrue(invitation.is_accountant)
                self.assertTrue(invitation.is_contact_new)
                self.assertEqual(invitation.state, state)
