"""What the dashboard is asked for."""

from datetime import date
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from odoo.fields import Domain
from odoo.models import BaseModel

from ..seat.subscription_seat_usage import NAME_FIELDS

# What the names of records are made of.
NAMES = {"res.partner": NAME_FIELDS, "subscription.module": ["name"]}
# Months that can be looked back and ahead; the one that is shown at first.
PERIODS = (3, 6, 12, 24)
DEFAULT_PERIOD = 12


class Asked(NamedTuple):
    """What the dashboard is asked for, read and checked."""

    # A managing partner, with all companies below it; empty for all that the user sees
    partner: BaseModel
    # Empty for all
    module: BaseModel
    # How far is looked back and ahead
    months: int
    today: date
    # What several sections need is read once in a request
    cache: dict

    @property
    def first_day(self):
        """The first day that is looked back to."""
        return self.today - relativedelta(months=self.months)

    @property
    def first_month(self):
        """The first day of the present month."""
        return self.today.replace(day=1)

    @property
    def next_months(self):
        """The first day of each month that is looked ahead to, the present included."""
        return [
            self.first_month + relativedelta(months=number)
            for number in range(self.months)
        ]

    @property
    def end_ahead(self):
        """The first day after the months that are looked ahead to."""
        return self.first_month + relativedelta(months=self.months)

    def get_domain(self, client="client_id", module=""):
        """Return the domain of the records that are asked for.

        :param str client: the way to the client, or the path itself where it ends in
            ``management_path``; empty for companies
        :param str module: the way to the module; empty where it does not matter
        """
        domain = Domain.TRUE
        if self.partner:
            end = "management_path"
            path = client if client.endswith(end) else f"{client}.{end}".lstrip(".")
            domain &= Domain(path, "=like", f"{self.partner[end] or '/'}%")
        if self.module and module:
            domain &= Domain(module, "=", self.module.id)
        return domain

    def once(self, key, read):
        """Return what ``read()`` returns, called once in a request."""
        if key not in self.cache:
            self.cache[key] = read()
        return self.cache[key]
