from odoo import api, models
from odoo.fields import Command

# Models of which a restricted user reads the records of its clients, or its own. A
# reference to one of them shows its name, and may hand a record to somebody else.
RESTRICTED_MODELS = frozenset(
    {
        "account.move",
        "account.payment",
        "res.partner",
        "res.partner.bank",
        "res.users",
        "sale.order",
        "sale.subscription",
        "subscription.invitation",
        "subscription.licence.account",
        "subscription.licence.move",
        "subscription.licence.transfer",
        "subscription.member",
        "subscription.notice",
        "subscription.renew",
        "subscription.renewal",
        "subscription.seat",
        "subscription.seat.pool",
        "subscription.team",
    }
)


class Base(models.AbstractModel):
    """Partner staff and accountants refer to nothing that they may not see.

    Odoo checks who may read a record, but not who may point to it: the name of what a
    field is set to is shown, by ``onchange`` already, and a record that may be written
    may be moved to where it may not. For everybody else nothing changes.
    """

    _inherit = "base"

    @api.model_create_multi
    def create(self, vals_list):
        """:raise AccessError: when a restricted user refers to records out of reach"""
        if self._is_user_restricted():
            self._verify_references([*vals_list, self._get_context_defaults()])
        return super().create(vals_list)

    def write(self, vals):
        """:raise AccessError: when a restricted user refers to records out of reach, or
        moves these records out of it"""
        if not self._is_user_restricted():
            return super().write(vals)
        self.check_access("write")
        self._verify_references([vals])
        result = super().write(vals)
        if any(self._fields[name].type in REFERRING_TYPES for name in vals):
            self.check_access("write")
        return result

    def onchange(self, values, field_names, fields_spec):
        """:raise AccessError: when a restricted user refers to records out of reach"""
        if self._is_user_restricted():
            self._verify_references([values, self._get_context_defaults()])
        return super().onchange(values, field_names, fields_spec)

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        """Sort by users, but not by names that are not told."""
        field = self._fields.get(field_name)
        if field and field.comodel_name == "res.users" and self._is_user_restricted():
            field_name = f"{field_name}.id" if field.type == "many2one" else field_name
        return super()._order_field_to_sql(alias, field_name, direction, nulls, query)

    def export_data(self, fields_to_export):
        """Export the names that screens show, also of what is out of reach itself, like
        the partner above a reseller: Odoo reads them as the user here.

        :raise AccessError: when these records are out of reach
        """
        named = self._get_exported_names(fields_to_export)
        result = super().export_data(
            [".id" if name in named else name for name in fields_to_export]
        )
        for row in result["datas"]:
            for number, name in enumerate(fields_to_export):
                if name in named:
                    row[number] = named[name].get(row[number], "")
        return result

    def _get_exported_names(self, fields_to_export):
        """Return ``{field: {id of the record, as text: name of what it refers to}}``
        for the many2one fields among ``fields_to_export``.

        :raise AccessError: when these records are out of reach
        """
        if not self._is_user_restricted():
            return {}
        self.check_access("read")
        return {
            name: {
                str(record.id): record[name].display_name or ""
                for record in self.sudo()
            }
            for name in fields_to_export
            if name in self._fields
            and self._fields[name].type == "many2one"
            and self._has_field_access(self._fields[name], "read")
        }

    @api.model
    def _is_user_restricted(self):
        return not self.env.su and self.env.user._is_restricted()

    @api.model
    def _get_context_defaults(self):
        """Return the default values that the context gives, by field name."""
        return {
            key.removeprefix("default_"): value
            for key, value in self.env.context.items()
            if key.startswith("default_")
        }

    @api.model
    def _verify_references(self, vals_list):
        """:raise AccessError: when ``vals_list`` refers to records out of reach"""
        for vals in vals_list:
            for name, value in vals.items():
                field = self._fields.get(name)
                if field and value and field.type in REFERRING_TYPES:
                    model, ids = self._get_referred(field, value, vals)
                    if model in RESTRICTED_MODELS:
                        self.env[model].browse(ids).check_access("read")
                    if field.type in ("one2many", "many2many"):
                        self.env[model]._verify_references(_get_command_vals(value))

    @api.model
    def _get_referred(self, field, value, vals):
        """Return the model and the ids that ``field`` refers to with ``value``."""
        if field.type == "many2one":
            return field.comodel_name, [value] if isinstance(value, int) else []
        if field.type == "many2one_reference":
            model = vals.get(field.model_field) or self[:1][field.model_field]
            return model or self._get_model_referred(field, vals), [value]
        return field.comodel_name, list(_get_command_ids(value))

    @api.model
    def _get_model_referred(self, field, vals):
        """Return the model that ``field`` refers to where it follows from ``vals``."""
        names = {"many2one", "char", "selection"}
        given = {
            name: value
            for name, value in vals.items()
            if name in self._fields and self._fields[name].type in names
        }
        return self.sudo().new(given)[field.model_field]


REFERRING_TYPES = {"many2one", "many2one_reference", "one2many", "many2many"}


def _get_command_vals(commands):
    """Return the values that x2many ``commands`` create or change records with."""
    return [
        command[2]
        for command in commands
        if not isinstance(command, int)
        and command[0] in (Command.CREATE, Command.UPDATE)
        and isinstance(command[2], dict)
    ]


def _get_command_ids(commands):
    """Yield the ids that x2many ``commands`` refer to."""
    for command in commands:
        if isinstance(command, int):
            yield command
        elif command[0] == Command.SET:
            yield from command[2]
        elif command[0] in (Command.UPDATE, Command.LINK, Command.DELETE):
            yield from [command[1]] if isinstance(command[1], int) else []
