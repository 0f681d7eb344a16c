from typing import NamedTuple

from odoo.models import BaseModel


class StockKey(NamedTuple):
    """What a stock of licences is of. There is one stock for each key."""

    # Who has it
    partner: BaseModel
    module: BaseModel
    # Who sells its licences
    company: BaseModel

    @property
    def record_ids(self):
        """The ids of the three, for the database and for JSON."""
        return tuple(record.id for record in self)
