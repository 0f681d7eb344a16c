from odoo import api, models
from odoo.tools import SQL


class SubscriptionModuleSumMixin(models.AbstractModel):
    """Numbers of modules, which are not added up over different ones: three seats of
    one module and five of another are not eight of anything.

    Lists, pivots and graphs show such a total as empty. Group by module to see totals.
    """

    _name = "subscription.module.sum.mixin"
    _description = "Totals by Module"

    # The fields that are added up for each module alone.
    _module_sums = ()

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        """Leave a sum empty that would be over more than one module."""
        total = super()._read_group_select(aggregate_spec, query)
        name, _colon, function = aggregate_spec.partition(":")
        if function != "sum" or name not in self._module_sums:
            return total
        # What has no module is not added to what has one either.
        module = SQL(
            "COALESCE(%s, 0)", self._field_to_sql(self._table, "module_id", query)
        )
        return SQL(
            "CASE WHEN MIN(%(module)s) = MAX(%(module)s) THEN %(total)s END",
            module=module,
            total=total,
        )
