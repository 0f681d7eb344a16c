"""What is to be billed: plain values that the steps of billing pass on."""

from datetime import date
from typing import NamedTuple

from odoo.models import BaseModel

from ...billing import Period, Span, Step, Term


class Due(NamedTuple):
    """Something that is to be billed, on the day on which it is to be."""

    on: date
    # "raise", "period" or "closing"; in this order where they come on one day
    kind: str
    period: Period
    term: Term
    # Of a period: when units are counted, and its days that are not paused
    moment: str = ""
    spans: tuple = ()


class Billed(NamedTuple):
    """A line that a statement has which is not void."""

    line: BaseModel
    pool: BaseModel
    kind: str
    span: Span
    quantity: float
    # Whether no credit note took back its invoice in full
    is_valid: bool = True

    @property
    def step(self):
        """Its quantity, on its days."""
        return Step(self.span, self.quantity)


class Owed(NamedTuple):
    """A line that is to be billed, before its price."""

    # A basis, "manual" or "credit"
    kind: str
    # Empty for members and teams
    pool: BaseModel
    # The period whose price it has
    period: Period
    span: Span
    # Days that are paid for
    days: int
    quantity: float
    # The day whose payer pays
    payer_day: date
    # The quantity that decides its price
    price_quantity: float = 0
    # Seats of other lines below these, on the same days
    base: float = 0
    # Whether holders beyond the contracted number are listed under it
    is_top: bool = False
    # Of credits: why, and the line whose days they are
    reason: str | bool = False
    credited: BaseModel | None = None
    # Of lines made by hand
    source: BaseModel | None = None
    # Of what is counted once a period: values of rows
    rows: tuple = ()


class Priced(NamedTuple):
    """A line that is to be billed, with its price."""

    owed: Owed
    product: BaseModel
    # Of one unit and a full period
    price_full: float
    # Of one unit and the days of the line, rounded
    price_unit: float
    discount: float = 0
    analytic: dict | bool = False

    @property
    def amount(self):
        """What it comes to without taxes, before it is rounded."""
        return self.owed.quantity * self.price_unit * (1 - self.discount / 100)


class Planned(NamedTuple):
    """A statement that is to be made."""

    subscription: BaseModel
    payer: BaseModel
    kind: str
    # Its days
    span: Span
    row: BaseModel
    lines: list

    @property
    def is_grouped(self):
        """Whether it stands on one invoice with those of the payer's other clients."""
        pays_for_others = self.payer != self.subscription.client_id
        return self.kind == "period" and self.row.billing_grouped and pays_for_others

    @property
    def has_units(self):
        """Whether it bills anything at all."""
        return any(line.owed.quantity for line in self.lines)


class Obstacle(NamedTuple):
    """Why something that is due cannot be billed."""

    code: str
    # What it is about, in the words of who has to mend it
    detail: str = ""


class PriceKey(NamedTuple):
    """What a price depends on."""

    pricelist: BaseModel
    product: BaseModel
    quantity: float
    day: date


class OfferedUnits(NamedTuple):
    """Seats, members or teams that a period of a next term will bill."""

    # Empty for members and teams
    pool: BaseModel
    product: BaseModel
    # Contracted seats of the term, infinity without limit; else how many there are now
    quantity: float
    # Of one unit for a full period, None where there is none
    price: float | None
    discount: float

    @property
    def amount(self):
        """What a full period costs, before it is rounded."""
        return self.quantity * self.price * (1 - self.discount / 100)


class Offer(NamedTuple):
    """What a full period of a next term will cost, by the prices of its first day."""

    subscription: BaseModel
    # The billing terms of that day
    terms: BaseModel
    start: date
    # OfferedUnits
    units: list

    @property
    def currency(self):
        """The currency of its prices."""
        return self.subscription.currency_id

    @property
    def is_counted(self):
        """Whether it bills what is counted once a period, so that prices alone are
        known."""
        return self.terms.billing_basis != "contracted"

    @property
    def is_fixed(self):
        """Whether its prices hold for the whole term."""
        return self.terms.billing_price == "fixed"

    def get_prices(self):
        """Return ``{product: price}``."""
        return {one.product: one.price for one in self.units if one.price is not None}
