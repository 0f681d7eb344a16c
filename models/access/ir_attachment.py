from odoo import models
from odoo.fields import Domain

AUTHORS = ("create_uid", "write_uid")


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    def _search(self, domain, *args, **kwargs):
        """Find nothing by what partners' staff and accountants ask about the author:
        Odoo searches with the rights of nobody here, and sorts out afterwards."""
        if self._is_user_restricted():
            domain = Domain(domain).map_conditions(self._close_condition)
        return super()._search(domain, *args, **kwargs)

    def _close_condition(self, condition):
        """Return ``condition``, or that nothing matches, if it is about an author other
        than by id."""
        name, _dot, path = condition.field_expr.partition(".")
        if name not in AUTHORS:
            return condition
        value = condition.value
        values = value if isinstance(value, (list, tuple, set)) else [value]
        is_id = all(isinstance(item, int) for item in values)
        return condition if is_id and path in ("", "id") else Domain.FALSE
