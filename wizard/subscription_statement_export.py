from urllib.parse import urlencode

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

# An address holds no more ids.
MAX_STATEMENTS = 500


class SubscriptionStatementExport(models.TransientModel):
    """Choose which statements to export: those chosen in a list, or all of a client, a
    partner, a month, or those together."""

    _name = "subscription.statement.export"
    _description = "Export Billed Holders"

    statement_ids = fields.Many2many("subscription.statement", string="Statements")
    client_id = fields.Many2one(
        "res.partner", domain=[("management_path", "!=", False)]
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Managing Partner",
        domain=[("is_managing_partner", "=", True)],
        help="The partner that managed the clients when they were billed, or one above"
        " it.",
    )
    month = fields.Date(help="Any day of it: statements that bill days of its month.")
    file_format = fields.Selection(
        [("xlsx", "Excel (XLSX)"), ("csv", "CSV")],
        string="Format",
        required=True,
        default="xlsx",
    )
    statement_count = fields.Integer(
        string="Found",
        compute="_compute_statement_count",
        help="Statements that are exported.",
    )

    @api.model
    def default_get(self, fields):
        """Take the statements that were chosen in a list, or the one that is open."""
        values = super().default_get(fields)
        context = self.env.context
        if context.get("active_model") == "subscription.statement":
            chosen = self.env["subscription.statement"].browse(
                context.get("active_ids") or []
            )
            if "statement_ids" in fields:
                values["statement_ids"] = [
                    Command.set(chosen._filtered_access("read").ids)
                ]
        return values

    @api.depends("statement_ids", "client_id", "partner_id", "month")
    def _compute_statement_count(self):
        statements = self.env["subscription.statement"]
        for wizard in self:
            domain = statements._get_export_domain(**wizard._get_asked())
            wizard.statement_count = statements.search_count(domain)

    def _get_asked(self):
        """Return what is exported, as ``_get_export_domain`` takes it."""
        return {
            "statements": self.statement_ids._origin if self.statement_ids else None,
            "client": self.client_id._origin,
            "partner": self.partner_id._origin,
            "month": self.month,
        }

    def action_export(self):
        """Download the file.

        :raise UserError: when more statements were chosen one by one than an address
            holds
        """
        self.ensure_one()
        if len(self.statement_ids) > MAX_STATEMENTS:
            raise UserError(
                self.env._(
                    "Up to %(count)s statements can be chosen one by one. Choose a"
                    " client, a partner or a month instead.",
                    count=MAX_STATEMENTS,
                )
            )
        asked = {
            "statement_ids": ",".join(map(str, self.statement_ids.ids)),
            "client_id": self.client_id.id,
            "partner_id": self.partner_id.id,
            "month": self.month,
            "company_ids": ",".join(map(str, self.env.companies.ids)),
        }
        query = urlencode({name: value for name, value in asked.items() if value})
        return {
            "type": "ir.actions.act_url",
            "url": f"/subscription/statement/export/{self.file_format}?{query}",
            "target": "download",
        }
