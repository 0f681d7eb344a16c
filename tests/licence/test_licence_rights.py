from contextlib import suppress

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from ..common.licence import ACCOUNT, MOVE, LicenceCase, StockCase
from ..common.rpc import RpcCase

MUTED = (
    "odoo.addons.base.models.ir_model",
    "odoo.addons.base.models.ir_rule",
    "odoo.http",
    "odoo.sql_db",
)


@freeze_time("2026-03-15")
@tagged("post_install", "-at_install")
class TestLicenceRights(StockCase):
    """Who gives and takes back; nobody changes a stock or its ledger by hand."""

    # ------------------------------------------------------------------ who may

    def test_who_may_give_and_take_back(self):
        self._give(self.reef, 5)
        self._give(self.cove, 2)
        allowed = {
            "boss": {"north", "south", "reef", "cove"},
            # Whoever runs the partners below may do so for them.
            "north": {"reef", "cove"},
            "reef": {"cove"},
        }
        for role in self.staff:
            for name in ("north", "south", "reef", "cove"):
                partner = getattr(self, name)
                for method in ("_give", "_take_back"):
                    quantities = {self.expenses: 1}
                    if method == "_take_back" and name == "south":
                        self._give(self.south, 1)
                    with self.subTest(role=role, partner=name, method=method):
                        before = self._get_ledger()
                        act = getattr(self._get_stock(role), method)
                        if name in allowed.get(role, ()):
                            act(partner, quantities, self.company)
                            continue
                        with (
                            mute_logger(*MUTED),
                            self.assertRaises(AccessError),
                        ):
                            act(partner, quantities, self.company)
                        self.assertEqual(self._get_ledger(), before)

    def test_only_the_vendor_passes_over_partners(self):
        self._give(self.reef, 5)
        for role in set(self.staff) - {"boss"}:
            stock = self._get_stock(role)
            with self.subTest(role=role), mute_logger(*MUTED):
                with self.assertRaises(AccessError):
                    stock._give(
                        self.reef, {self.expenses: 1}, self.company, from_vendor=True
                    )
                with self.assertRaises(AccessError):
                    stock._take_back(
                        self.reef, {self.expenses: 1}, self.company, to_vendor=True
                    )

    def test_a_refusal_of_access_names_who_may(self):
        with self.assertRaises(AccessError) as refusal:
            self._get_stock("reef")._give(self.reef, {self.expenses: 1}, self.company)
        self.assertIn("ask North", str(refusal.exception))
        with self.assertRaises(AccessError) as refusal:
            self._get_stock("north")._give(self.north, {self.expenses: 1}, self.company)
        self.assertIn("ask the vendor", str(refusal.exception))

    def test_staff_that_is_an_accountant_as_well_gives_nothing_there(self):
        user = self._create_user("both", "standard", self.south)
        user.group_ids |= self.env.ref("partner_managed_subscription.group_accountant")
        self._make_accountant(user, self.north)
        with mute_logger(*MUTED), self.assertRaises(AccessError):
            self.accounts.with_user(user)._give(
                self.reef, {self.expenses: 1}, self.company
            )

    def test_each_tier_sees_its_own_stock_and_those_below(self):
        self._give(self.reef, 5)
        self._give(self.cove, 2)
        self._give(self.south, 1)
        seen = {
            "boss": {"North", "South", "Reef", "Cove"},
            "north": {"North", "Reef", "Cove"},
            "south": {"South"},
            "reef": {"Reef", "Cove"},
        }
        for role, names in seen.items():
            for model in (ACCOUNT, MOVE):
                with self.subTest(role=role, model=model):
                    records = self.env[model].with_user(self.staff[role]).search([])
                    self.assertEqual(set(records.mapped("partner_id.name")), names)
        for role in set(self.staff) - set(seen) - {"vendor staff"}:
            for model in (ACCOUNT, MOVE):
                with self.subTest(role=role, model=model), mute_logger(*MUTED):
                    with self.assertRaises(AccessError):
                        self.env[model].with_user(self.staff[role]).search([])
        clerk = self.env[ACCOUNT].with_user(self.staff["vendor staff"])
        self.assertFalse(clerk.search([]))

    # ------------------------------------------------------------------ append-only

    def _get_forgeries(self, record):
        """Return calls that would change a stock or its ledger by another way."""
        model = record.browse()
        partner = record.env["res.partner"].browse(self.north.id)
        inverse = {ACCOUNT: "licence_account_ids"}.get(record._name)
        values = {
            ACCOUNT: {
                "partner_id": self.north.id,
                "module_id": self.time.id,
                "company_id": self.company.id,
                "balance": 99,
            },
            MOVE: {
                "account_id": self._get_account(self.north).id,
                "kind": "given",
                "quantity": 99,
                "date": "2026-01-01",
            },
        }[record._name]
        name = "balance" if record._name == ACCOUNT else "quantity"
        calls = {
            "create": lambda: model.create(values),
            "create in context": lambda: model.with_context(
                **{f"default_{key}": value for key, value in values.items()}
            ).create({}),
            "write": lambda: record.write({name: 99}),
            "write nothing": lambda: record.write({}),
            "web_save": lambda: record.web_save({name: 99}, {}),
            "assign": lambda: record.__setattr__(name, 99),
            "unlink": lambda: record.unlink(),
            "copy": lambda: record.copy(),
        }
        if inverse:
            for label, command in {
                "created": Command.create(values),
                "updated": Command.update(record.id, {"balance": 99}),
                "deleted": Command.delete(record.id),
            }.items():
                calls[label] = lambda command=command: partner.write(
                    {inverse: [command]}
                )
        else:
            account = self._get_account(self.north).with_env(record.env)
            calls["by the stock"] = lambda: account.write(
                {"move_ids": [Command.create(values)]}
            )
        return calls

    def test_nobody_changes_a_stock_or_its_ledger_by_hand(self):
        account = self._get_account(self.north)
        users = [self.env.user, self.env.ref("base.user_admin"), *self.staff.values()]
        for user in users:
            for record in (account, account.move_ids[0]):
                calls = self._get_forgeries(record.with_user(user))
                for label, call in calls.items():
                    before = self._get_ledger()
                    with (
                        self.subTest(user=user.login, model=record._name, call=label),
                        mute_logger(*MUTED, "odoo.models.unlink"),
                    ):
                        with self.assertRaises(UserError, msg=label):
                            call()
                        self.assertEqual(self._get_ledger(), before)

    def test_nothing_is_imported(self):
        account = self._get_account(self.north)
        rows = {
            ACCOUNT: (
                ["partner_id/.id", "module_id/.id", "company_id/.id", "balance"],
                [str(self.south.id), str(self.time.id), str(self.company.id), "99"],
            ),
            MOVE: (
                ["account_id/.id", "kind", "quantity", "date"],
                [str(account.id), "Given by the vendor", "99", "2026-01-01"],
            ),
        }
        for model, (names, row) in rows.items():
            before = self._get_ledger()
            with self.subTest(model=model), mute_logger(*MUTED):
                boss = self.env[model].with_user(self.staff["boss"])
                # A refusal of access ends the import before it has messages.
                with suppress(AccessError):
                    result = boss.load(names, [row])
                    self.assertFalse(result["ids"])
                    self.assertTrue(result["messages"])
                self.assertEqual(self._get_ledger(), before)

    def test_defaults_do_not_forge_entries(self):
        forged = {
            "default_partner_id": self.south.id,
            "default_module_id": self.time.id,
            "default_company_id": self.env["res.company"].create({"name": "Two"}).id,
            "default_account_id": 0,
            "default_kind": "given",
            "default_quantity": 99,
            "default_counterpart_id": self.south.id,
            "default_user_name": "Somebody else",
            "default_user_id": self.staff["boss"].id,
            "default_date": "2020-01-01",
            "default_reversed_id": self._get_account(self.north).move_ids.id,
            "default_balance": 99,
        }
        north = self._get_stock("north")
        defaults = self.env["ir.default"].with_user(self.staff["north"])
        defaults.set(MOVE, "partner_id", self.south.id, user_id=True)
        moves = north.with_context(**forged)._give(
            self.reef, {self.expenses: 2}, self.company
        )
        self.env.invalidate_all()
        self.assertEqual(set(moves.mapped("partner_id.name")), {"North", "Reef"})
        self.assertEqual(moves.module_id, self.expenses)
        self.assertEqual(moves.company_id, self.company)
        self.assertEqual(set(moves.mapped("kind")), {"allocated"})
        self.assertEqual(moves.user_id, self.staff["north"])
        self.assertEqual(set(moves.mapped("user_name")), {self.staff["north"].name})
        self.assertEqual({str(move.date)[:4] for move in moves}, {"2026"})
        self.assertFalse(moves.reversed_id)
        self.assertEqual(self._get_balance(self.reef), 2)
        south = self.env[MOVE].with_user(self.staff["south"])
        self.assertFalse(south.search([]))

    # ------------------------------------------------------------------ others

    def test_whoever_has_no_rights_to_the_ledger_reads_contacts_as_before(self):
        for role in ("intern", "accountant"):
            with self.subTest(role=role):
                partner = self.acme.with_user(self.staff[role])
                names = [
                    name
                    for name in partner.fields_get()
                    if name in ("licence_balance", "licence_billing", "renewal_state")
                ]
                self.assertTrue(partner.read(names))


@freeze_time("2026-03-15")
@tagged("post_install", "-at_install")
class TestLicenceHttp(LicenceCase, RpcCase):
    """What programs may do with stocks: read."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_staff()
        cls.staff["system"] = new_test_user(
            cls.env,
            "system",
            "base.group_system,partner_managed_subscription.group_admin",
        )
        roles = ("boss", "system", "north", "south", "intern")
        cls._create_keys({role: cls.staff[role] for role in roles})

    def test_programs_change_nothing(self):
        account = self._get_account(self.north)
        move = account.move_ids
        values = {
            "partner_id": self.north.id,
            "module_id": self.time.id,
            "company_id": self.company.id,
            "balance": 9,
        }
        entry = {"account_id": account.id, "kind": "given", "quantity": 9}
        attempts = [
            (ACCOUNT, "create", {"vals_list": [values]}),
            (ACCOUNT, "write", {"ids": account.ids, "vals": {"balance": 99}}),
            (ACCOUNT, "unlink", {"ids": account.ids}),
            (
                ACCOUNT,
                "web_save",
                {"ids": account.ids, "vals": {"balance": 9}, "specification": {}},
            ),
            (ACCOUNT, "load", {"fields": ["balance"], "data": [["9"]]}),
            (ACCOUNT, "_post", {"vals_list": [entry]}),
            (
                ACCOUNT,
                "_give",
                {
                    "partner": self.north.id,
                    "quantities": {},
                    "company": self.company.id,
                },
            ),
            (ACCOUNT, "_open_stocks", {"keys": []}),
            (MOVE, "create", {"vals_list": [entry]}),
            (MOVE, "write", {"ids": move.ids, "vals": {"quantity": 99}}),
            (MOVE, "unlink", {"ids": move.ids}),
            (MOVE, "_insert_moves", {"vals_list": [entry]}),
            (MOVE, "_set", {"ids": move.ids, "vals": {"quantity": 99}}),
            (MOVE, "_reverse", {"ids": move.ids}),
            (
                "res.partner",
                "write",
                {
                    "ids": self.north.ids,
                    "vals": {"licence_account_ids": [[1, account.id, {"balance": 9}]]},
                },
            ),
        ]
        before = self._get_ledger()
        for role in self.keys:
            for model, method, kwargs in attempts:
                with self.subTest(role=role, model=model, method=method):
                    self.assertTrue(hasattr(self.env[model], method))
                    with mute_logger(*MUTED):
                        response = self._call_json(role, model, method, **kwargs)
                    if method == "load" and response.ok:
                        self.assertFalse(response.json()["ids"])
                    else:
                        self.assertIn(response.status_code, (403, 404, 422))
                    self.env.invalidate_all()
                    self.assertEqual(self._get_ledger(), before)

    def test_programs_read_their_own(self):
        for role, found in (("boss", 1), ("north", 1), ("south", 0)):
            with self.subTest(role=role):
                response = self._call_json(
                    role, ACCOUNT, "search_read", domain=[], fields=["balance"]
                )
                self.assertEqual(len(response.json()), found)
        with mute_logger(*MUTED):
            response = self._call_json("intern", ACCOUNT, "search_read", domain=[])
        self.assertEqual(response.status_code, 403)
