"""What is asked for when a client is made together with its subscription, and what that
takes. Without a database."""

from datetime import date
from typing import NamedTuple

from odoo.models import BaseModel

from ...terms import get_term_end


class NewClient(NamedTuple):
    """What is asked for."""

    # A company that is there already; empty for a new one
    contact: BaseModel
    # {field: value} of a new one
    values: dict
    manager: BaseModel
    plan: BaseModel
    # {module: seats}, infinity without limit; modules that are not named have what the
    # plan says
    seats: dict
    # The company of the vendor
    seller: BaseModel
    start: date | None
    # 0: as long as the plan says
    years: int
    # Name and e-mail address
    administrator: tuple

    @property
    def date_end(self):
        """The last day of the term, False where the plan says it, or none."""
        fixed = self.plan.recurring_rule_boundary == "limited"
        return fixed and self.years and get_term_end(self.start, self.years)


class FirstTerm(NamedTuple):
    """The term that a new client begins with, as a ``TermRequest`` of later ones."""

    date_start: date
    # From today on, where it began before
    years: float
    # {pool: seats}, infinity for a pool without limit
    seats: dict


class NewClientPlan(NamedTuple):
    """What a new client takes: worked out to show it."""

    # Not saved, with the pools that it would have; empty where there are refusals
    subscription: BaseModel
    term: FirstTerm | None
    # PlannedSeats
    lines: list
    # {stock: licences left after that}, below 0 where some are missing
    left: dict
    # Why it cannot be made, a line each
    refusals: list
