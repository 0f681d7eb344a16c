import csv
import io

from odoo.tests import tagged
from odoo.tools import SQL

from ..common.access import AccessCase
from ..common.subscription import ADDON

# Upstream's and Odoo's models that partners and the vendor edit.
SUBSCRIPTION_MODELS = {
    "sale.subscription",
    "sale.subscription.line",
    "sale.subscription.template",
}
# Odoo's accounting itself notes each contact whose company is given, changed or not.
PARTNER_FIELDS = {
    *("name", "email", "phone", "street", "street2", "zip", "city", "state_id"),
    *("country_id", "is_company", "active", "type", "lang"),
}
# What an import changes of a record that stays as it is: who saved it last, and when.
STAMPS = ["write_uid", "write_date"]
# What an import notes of itself.
IMPORT_TABLES = {"base_import_import", "base_import_mapping"}
OPTIONS = {
    "has_headers": True,
    "quoting": '"',
    "separator": ",",
    "encoding": "utf-8",
    "float_thousand_separator": "",
    "float_decimal_separator": ".",
    "date_format": "%Y-%m-%d",
    "datetime_format": "%Y-%m-%d %H:%M:%S",
}


@tagged("post_install", "-at_install")
class TestImportUnchanged(AccessCase):
    """What was exported and is imported as it is changes nothing, notes nothing and is
    not refused: of every model that can be imported, for whoever may import it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # As in a database at work: changes of records are noted in their chatter.
        cls.env = cls.env(context={})
        # Odoo refuses to write contacts with bank accounts to who may not write those.
        cls.env["res.partner.bank"].search([]).unlink()
        for own in cls.own.values():
            # Members have the name of their contact.
            own["subscription.member"].name = own["subscription.member"].partner_id.name
        cls._use_seats("acme", "bolt")
        cls._end_term("acme")
        cls.env.flush_all()

    @classmethod
    def _use_seats(cls, *names):
        """Use, free and overfill pools of clients, and add a module by hand."""
        for name in names:
            own = cls.own[name]
            members = cls._create_members(cls.clients[name], 3)
            pool = own["subscription.seat.pool"]
            pool._grant({pool: members})
            members[0]._get_seats_in_use()._release("access")
            members[1].action_archive()

    @classmethod
    def _end_term(cls, name):
        """Let a term of a client be over, whose dates nobody but the vendor moves."""
        term = cls.own[name]["subscription.renewal"].subscription_id
        cls.own[name]["subscription.renewal"].action_cancel()
        term.write({"date_start": "2020-01-01", "date": "2020-12-31"})

    # ------------------------------------------------------------------ what is there

    def _get_models(self, env):
        """Return the names of the models of this addon, and of those it builds on, that
        the user may import."""
        names = sorted(name for name in env.registry if self._is_of_ours(env[name]))
        return [
            name for name in [*names, "res.partner"] if self._is_imported(env[name])
        ]

    def _is_imported(self, model):
        is_stored = model._auto and not (model._abstract or model._transient)
        return is_stored and all(map(model.has_access, ("read", "write", "create")))

    def _get_columns(self, model, id_name):
        """Return the columns of an export from which ``model`` can be imported, those
        of lines included; records are told by ``id_name``."""
        tree = model.env["base_import.import"].get_fields_tree(model._name, depth=2)
        columns = [id_name]
        for node in tree:
            field = model._fields[node["name"]]
            if node["name"] == "id" or not self._is_own(model, field):
                continue
            if field.type == "one2many":
                # Those of contacts may be out of reach; they are imported themselves.
                if model._name == "res.partner":
                    continue
                columns += self._get_line_columns(model, node, id_name)
            elif field.type == "many2many":
                # Odoo exports no lists of other identifiers.
                columns.append(f"{field.name}/id")
            elif field.comodel_name:
                columns.append(f"{field.name}/{id_name}")
            else:
                columns.append(field.name)
        return columns

    def _is_of_ours(self, model):
        return model._original_module == ADDON or model._name in SUBSCRIPTION_MODELS

    def _is_own(self, model, field):
        if field.name.startswith(("message_", "activity_", "image")):
            return False
        if model._name == "res.partner":
            return field.name in PARTNER_FIELDS or field._module == ADDON
        return field.name not in ("invoice_ids", "sale_order_ids", "subscription_ids")

    def _get_line_columns(self, model, node, id_name):
        """Return the columns of the lines in the field ``node``, if the user may import
        those."""
        lines = model.env[model._fields[node["name"]].comodel_name]
        if not (self._is_of_ours(lines) and self._is_imported(lines)):
            return []
        names = [
            one["name"]
            for one in node["fields"]
            if one["name"] in lines._fields
            and not lines._fields[one["name"]].relational
            and self._is_own(lines, lines._fields[one["name"]])
            and one["name"] != "id"
        ]
        return [f"{node['name']}/{name}" for name in [id_name, *names]]

    # ------------------------------------------------------------------ importing

    def _export(self, records, columns):
        """Return the file that the screen exports of ``records``."""
        file = io.StringIO()
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(columns)
        for row in records.export_data(columns)["datas"]:
            writer.writerow("" if value is False else str(value) for value in row)
        return file.getvalue()

    def _import(self, model, columns, text):
        """Import ``text`` as the screen does, and return what it says."""
        wizard = model.env["base_import.import"].create(
            {
                "res_model": model._name,
                "file": text.encode(),
                "file_type": "text/csv",
                "file_name": "records.csv",
            }
        )
        return wizard.execute_import(list(columns), list(columns), dict(OPTIONS))

    def _get_picture(self):
        """Return ``{table: rows}`` of the database, with the messages about changes
        that Odoo writes at the end of a transaction."""
        self.env.cr.flush()
        self.env.cr.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            " AND tablename NOT LIKE 'ir\\_%'"
        )
        tables = {table for (table,) in self.env.cr.fetchall()} - IMPORT_TABLES
        return {table: self._get_rows(table) for table in sorted(tables)}

    def _get_rows(self, table):
        """Return what the rows of ``table`` say; where a boolean or a number was never
        set, no and zero say the same."""
        query = SQL("SELECT to_jsonb(t) FROM %s t", SQL.identifier(table))
        return sorted(
            str({k: v for k, v in sorted(row.items()) if v and k not in STAMPS})
            for (row,) in self.env.execute_query(query)
        )

    def _get_records(self, model, id_name):
        """Return the records that are exported. Odoo finds archived ones again by their
        external ids alone; it lets few write the contacts of users."""
        records = model.with_context(active_test=id_name == ".id")
        of_users = model._name == "res.partner"
        domain = [("user_ids", "=", False)] if of_users else []
        return records.search(domain)._filtered_access("write")

    def _find_changes(self, model, id_name):
        """Return what importing all records of ``model`` unchanged refuses or changes:
        nothing, as it should be."""
        records = self._get_records(model, id_name)
        self.assertTrue(records)
        columns = self._get_columns(model, id_name)
        text = self._export(records, columns)
        before = self._get_picture()
        messages = self._import(model, columns, text)["messages"]
        if messages:
            return [message["message"] for message in messages]
        after = self._get_picture()
        return {
            table: set(before[table]) ^ set(after[table])
            for table in before
            if before[table] != after[table]
        }

    def test_an_unchanged_import_changes_nothing(self):
        refused = {}
        for role in ("admin", "north"):
            with self._as(role) as env:
                names = self._get_models(env)
            self.assertIn("subscription.seat.pool", names)
            for name in names:
                for id_name in (".id", "id"):
                    with self._as(role) as env:
                        found = self._find_changes(env[name], id_name)
                    if found:
                        refused[role, name, id_name] = found
        self.maxDiff = None
        self.assertEqual(refused, {})
