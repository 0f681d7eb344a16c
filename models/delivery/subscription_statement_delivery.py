from odoo import fields, models
from odoo.tools import SQL
from odoo.tools.sql import column_exists


class SubscriptionStatement(models.Model):
    """Which invoices the job that sends them has seen."""

    _inherit = "subscription.statement"

    # Nothing in it is computed or related: billing must not become slower by it.
    is_delivery_noted = fields.Boolean(
        copy=False,
        groups=fields.NO_ACCESS,
        help="The job that sends invoices has taken note of this one.",
        exportable=False,
    )

    # Of a million statements, those that wait to be seen.
    _delivery_due = models.Index(
        "(move_id) WHERE is_delivery_noted IS NOT TRUE AND move_id IS NOT NULL"
        " AND state <> 'void'"
    )

    def _auto_init(self):
        """Note the statements that were there before invoices were sent: an upgrade
        sends no old ones."""
        name = "is_delivery_noted"
        is_new = not column_exists(self.env.cr, self._table, name)
        result = super()._auto_init()
        if is_new:
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET %s = true",
                    SQL.identifier(self._table),
                    SQL.identifier(name),
                )
            )
        return result
