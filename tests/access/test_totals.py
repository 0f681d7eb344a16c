"""No number that a restricted user reads counts what it may not read."""

from odoo import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common.access import MUTED, AccessCase

PLAIN_TYPES = ("integer", "float", "monetary", "char", "text", "json", "boolean")
# What may change with the records of others, and why.
KNOWN = {
    ("ir.sequence", "number_next"): "documents say the numbers that follow one another",
    ("ir.sequence", "number_next_actual"): "likewise",
    ("account.move", "highest_name"): "likewise",
}
SAMPLE = '"is_sample_data": true'


@tagged("post_install", "-at_install")
class TestTotals(AccessCase):
    """Nora works at North too, and has groups of Odoo beside, which show more."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team = cls.env["crm.team"].create({"name": "Team"})
        cls.roles["nora"] = cls._create_user("nora", "standard", cls.north)
        cls.roles["nora"].group_ids += cls.env.ref(
            "sales_team.group_sale_manager"
        ) + cls.env.ref("account.group_account_manager")
        for client in (cls.acme, cls.bolt):
            cls._sell(client)
        cls.env.flush_all()

    @classmethod
    def _sell(cls, client):
        """Sell to ``client``; one of two invoices is paid."""
        line = {"product_id": cls.product.id, "price_unit": 50}
        values = {
            "move_type": "out_invoice",
            "partner_id": client.id,
            "team_id": cls.team.id,
            "invoice_line_ids": [Command.create(line)],
        }
        invoice, unpaid = cls.env["account.move"].create([values, dict(values)])
        (invoice | unpaid).action_post()
        unpaid.activity_schedule(summary=client.name, user_id=cls.env.uid)
        cls.env.flush_all()
        cls.env.cr.execute(
            "UPDATE account_move SET payment_state = 'paid' WHERE id = %s",
            [invoice.id],
        )
        order = cls.env["sale.order"].create(
            {
                "partner_id": client.id,
                "team_id": cls.team.id,
                "order_line": [Command.create({"product_id": cls.product.id})],
            }
        )
        order.action_confirm()
        cls.env.invalidate_all()

    def _read_all(self, role):
        """Return ``{(model, field): values}`` of what ``role`` reads."""
        found = {}
        with self._as(role) as env:
            self.env.invalidate_all()
            for records in env.values():
                if records._abstract or records._transient:
                    continue
                if records.has_access("read"):
                    found.update(self._read_plain(records))
        return found

    def _read_plain(self, records):
        records = records.with_context(active_test=False)
        found = self._try(lambda: records.search([], limit=80, order="id")) or records
        for name, field in found._fields.items():
            if (records._name, name) in KNOWN or field.type not in PLAIN_TYPES:
                continue
            if found and found._has_field_access(field, "read"):
                rows = self._try(lambda name=name: found.read([name])) or []
                yield (
                    (records._name, name),
                    {row["id"]: get_text(row[name]) for row in rows},
                )

    def _try(self, call):
        """Return what ``call`` returns, None for what nobody reads like this."""
        try:
            with self.cr.savepoint():
                return call()
        except Exception:  # noqa: BLE001 whatever it is that Odoo raises
            return None

    @mute_logger(*MUTED)
    def test_numbers_do_not_change_with_those_of_others(self):
        roles = ("north", "nora", "reef", "accountant")
        before = {role: self._read_all(role) for role in roles}
        foreign = {
            "north": "bolt",
            "nora": "bolt",
            "reef": "acme",
            "accountant": "coral",
        }
        for role in roles:
            with self._undone():
                self._create_records(self.clients[foreign[role]], "Spare")
                self._sell(self.clients[foreign[role]])
                after = self._read_all(role)
            changed = [
                (*key, values[id_], after[key].get(id_))
                for key, values in before[role].items()
                for id_ in values
                if values[id_] != after[key].get(id_)
            ]
            with self.subTest(role=role):
                self.assertFalse(changed)

    def test_teams(self):
        """A team shows what its own clients were invoiced, to others all."""
        amounts = {}
        for role in ("north", "accountant", "admin"):
            with self._as(role) as env:
                self.env.invalidate_all()
                team = env["crm.team"].browse(self.team.id)
                amounts[role] = team.invoiced
        self.assertEqual(amounts, {"north": 50, "accountant": 100, "admin": 100})


def get_text(value):
    """Return a value in words. Odoo draws lots for the figures of an empty journal."""
    return "sample" if SAMPLE in str(value) else repr(value)
