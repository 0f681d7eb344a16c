from odoo import models


class Base(models.AbstractModel):
    """Lists and exports tell partner staff and accountants the names that screens show,
    and no others."""

    _inherit = "base"

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
