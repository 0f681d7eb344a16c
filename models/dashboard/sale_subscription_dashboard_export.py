from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Date

from ..core.table_files import MIME_TYPES, write_sheets

EXPORTERS = "base.group_allow_export"


class SaleSubscription(models.Model):
    """The dashboard as a workbook: a sheet for each section."""

    _inherit = "sale.subscription"

    @api.model
    def _can_export_dashboard(self):
        """Return whether the user may take data away in files."""
        return self.env.user.has_group(EXPORTERS) and self.has_access("read")

    @api.model
    def _write_dashboard(self, filters, file):
        """Write what the dashboard shows for ``filters`` to a binary file, and return
        its MIME type.

        :raise AccessError: when the user may not export
        """
        if not self._can_export_dashboard():
            raise AccessError(
                self.env._("You may not export. Ask an administrator for the right.")
            )
        dashboard = self.get_dashboard(filters)
        sheets = [self._get_tile_sheet(dashboard["tiles"])]
        sheets += [self._get_section_sheet(one) for one in dashboard["sections"]]
        write_sheets(file, sheets)
        return MIME_TYPES["xlsx"]

    @api.model
    def _get_dashboard_file_name(self):
        return f"{self.env._('Dashboard')} {self.env.company._get_today()}.xlsx"

    @api.model
    def _get_tile_sheet(self, tiles):
        """Return the sheet of the counts: ``(title, heads, rows)``."""
        rows = []
        for tile in tiles:
            if tile["value"] is not None:
                rows.append([tile["title"], "", tile["value"]])
            for detail in tile["details"]:
                rows.append([tile["title"], detail["label"], detail["value"]])
        heads = [self.env._("Tile"), self.env._("Of These"), self.env._("Number")]
        return self.env._("Overview"), heads, rows

    @api.model
    def _get_section_sheet(self, section):
        """Return the sheet of ``section``: ``(title, heads, rows)``."""
        columns = section["columns"]
        return (
            section["title"],
            [self._get_column_head(column) for column in columns],
            [
                [self._get_cell(column, row["values"]) for column in columns]
                for row in section["rows"]
            ],
        )

    @api.model
    def _get_column_head(self, column):
        """Return what stands above ``column``: of money with its currency."""
        currency = self.env["res.currency"].browse(column.get("currency_id", ()))
        return f"{column['label']} ({currency.name})" if currency else column["label"]

    @api.model
    def _get_cell(self, column, values):
        value = values.get(column["name"])
        if column["type"] == "state":
            return column["states"].get(value, value or "")
        if column["type"] == "date" and value:
            return Date.to_date(value)
        return value or None if value is False else value
