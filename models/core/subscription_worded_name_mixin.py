from functools import partial

from odoo import api, models
from odoo.tools import format_date, format_datetime

FORMATS = {"date": format_date, "datetime": format_datetime}


class SubscriptionWordedNameMixin(models.AbstractModel):
    """Records that are named by a choice, a day or a moment, as their reader words it:
    Odoo would show the key of the choice, or the moment in UTC."""

    _name = "subscription.worded.name.mixin"
    _description = "Worded Names"

    @api.depends(lambda self: (self._rec_name,) if self._rec_name else ())
    @api.depends_context("lang", "tz")
    def _compute_display_name(self):
        word = self._get_worder()
        for record in self:
            value = record[self._rec_name]
            record.display_name = value and word(value)

    @api.model
    def _get_worder(self):
        """Return the function that words a value of the field of the name."""
        kind = self._fields[self._rec_name].type
        if kind == "selection":
            return dict(self._get_choices(self._rec_name)).get
        return partial(FORMATS[kind], self.env)
