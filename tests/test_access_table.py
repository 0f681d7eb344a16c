from odoo.tests import new_test_user

from .common import ADDON, SubscriptionCase

OPERATIONS = {"c": "create", "r": "read", "w": "write", "u": "unlink"}
NOTHING = {"employee": "", "portal": ""}
# What each role may do with each model of this module: create, read, write, unlink.
CONFIGURATION = {"admin": "crwu", "standard": "r", "accountant": "r"}
WORK = {"admin": "crwu", "standard": "crw", "accountant": "r"}
WIZARD = {"admin": "crw", "standard": "crw", "accountant": ""}
TABLE = {
    "subscription.module": CONFIGURATION,
    "subscription.member.role": CONFIGURATION,
    "subscription.plan.line": CONFIGURATION,
    "subscription.member": WORK,
    "subscription.team": WORK,
    "subscription.seat.pool": WORK,
    # A seat is proof: nobody deletes one.
    "subscription.seat": {**WORK, "admin": "crw"},
    "subscription.seat.usage": {"admin": "r", "standard": "r", "accountant": "r"},
    "subscription.seat.grant": WIZARD,
    "subscription.seat.release": WIZARD,
    "subscription.seat.preview": WIZARD,
    "subscription.member.remove": WIZARD,
    "subscription.seat.usage.date": {**WIZARD, "accountant": "crw"},
}


class TestAccessTable(SubscriptionCase):
    def _get_models(self):
        """Return the models that this module defines and that have records."""
        return {
            name
            for name, model in self.env.registry.items()
            if not model._abstract and model._original_module == ADDON
        }

    def test_every_model_is_in_the_table(self):
        self.assertEqual(self._get_models(), set(TABLE))

    def test_every_model_has_access_lines_of_groups(self):
        for name in sorted(self._get_models()):
            with self.subTest(model=name):
                lines = self.env["ir.model.access"].search(
                    [("model_id.model", "=", name)]
                )
                self.assertTrue(lines)
                self.assertTrue(all(line.group_id for line in lines))

    def test_roles_may_do_what_the_table_says(self):
        users = {
            role: self._create_user(f"table_{role}", role, self.north)
            for role in ("admin", "standard", "accountant")
        }
        for role, group in (("employee", "user"), ("portal", "portal")):
            users[role] = new_test_user(
                self.env, f"table_{role}", f"base.group_{group}"
            )
        for name, rights in TABLE.items():
            for role, user in users.items():
                model = self.env[name].with_user(user)
                allowed = {
                    letter
                    for letter, operation in OPERATIONS.items()
                    if model.has_access(operation)
                }
                with self.subTest(model=name, role=role):
                    self.assertEqual(allowed, set({**NOTHING, **rights}[role]))
