from odoo import api, models, tools
from odoo.tools import SQL


class IrModelData(models.Model):
    _inherit = "ir.model.data"

    @api.model
    @tools.ormcache("model_name", cache="stable")
    def _get_closed_ids(self, model_name):
        """Return the ids of the records of ``model_name``, views or menus, that closed
        modules brought. Actions of all kinds, ``ir.actions.%``, share their ids."""
        closed = self.env["ir.module.module"]._get_closed_names()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT res_id FROM ir_model_data
                 WHERE model LIKE %s
                 GROUP BY res_id HAVING bool_or(module = ANY(%s))
                """,
                model_name,
                list(closed),
            )
        )
        return frozenset(id_ for (id_,) in rows)
