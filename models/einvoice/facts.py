"""What an electronic invoice says: plain values, without a database.

The numbers of the terms of EN 16931, like BT-73, stand beside what they are."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

# Business processes (BT-23): what is sold, and whether it is paid already.
PAID, UNPAID = "2", "1"
# What a platform does with an invoice: a note of this subject says it (BT-21).
TREATMENT = "BAR"
# Numbers of the directory of French companies, and their addresses there.
SIREN_SCHEME, ADDRESS_SCHEME = "0002", "0225"
EMAIL_SCHEME = "EM"
# The currency in which the VAT of a French seller is declared (BT-6).
VAT_CURRENCY = "EUR"
# Categories without a rate, and those that want the reason why none is due.
WITHOUT_RATE, WITH_REASON = {"O"}, {"E", "AE", "K", "G", "O"}


class Note(NamedTuple):
    """A note of the document (BG-1)."""

    # UNTDID 4451
    code: str
    text: str


class Address(NamedTuple):
    """Where a party is (BG-5, BG-8)."""

    street: str = ""
    zip: str = ""
    city: str = ""
    country: str = ""


class Party(NamedTuple):
    """Seller or buyer."""

    name: str
    # Nine digits, of French companies (BT-30, BT-47)
    siren: str = ""
    # The register number of others
    registry: str = ""
    vat: str = ""
    # Electronic address (BT-34, BT-49) and its scheme
    scheme: str = ""
    endpoint: str = ""
    address: Address = Address()


class Span(NamedTuple):
    """Days of a service, both included."""

    first: date
    last: date


class Line(NamedTuple):
    """A line (BG-25). Amounts are as text, with a point."""

    name: str
    text: str = ""
    # Whose line it is, where somebody else pays (BT-127)
    note: str = ""
    # Its days (BG-26)
    span: Span | None = None
    # Below zero what is taken back: prices never are
    quantity: str = ""
    # Of one unit without VAT: before and after the discount, and that (BT-146 to 148)
    gross: str = ""
    net: str = ""
    discount: str = ""
    # Without VAT (BT-131)
    amount: str = ""
    category: str = ""
    rate: str = ""


class TaxPart(NamedTuple):
    """A row of the VAT breakdown (BG-23)."""

    category: str
    rate: str
    basis: str
    tax: str
    reason: str = ""
    reason_code: str = ""


class Totals(NamedTuple):
    """The totals of the document (BG-22)."""

    basis: str
    tax: str
    total: str
    paid: str
    due: str
    # Empty where there is none
    rounding: str = ""
    # VAT in the currency in which it is declared, where that is another one (BT-111)
    declared: str = ""


class Original(NamedTuple):
    """An invoice that this document takes back, whole or in part (BG-3)."""

    number: str
    day: date | None


class Facts(NamedTuple):
    """All that this addon knows of an invoice which XML has to say."""

    number: str
    is_credit: bool
    currency: str
    # Purchase order (BT-13) and contract (BT-12)
    order: str = ""
    contract: str = ""
    # How it is to be paid (BT-20)
    terms: str = ""
    # The days of the service (BG-14)
    span: Span | None = None
    # Whether a day of delivery was given by hand (BT-72)
    has_delivery: bool = False
    originals: tuple = ()
    lines: tuple = ()
    # What follows is said for French sellers alone
    is_french: bool = False
    process: str = ""
    notes: tuple = ()
    seller: Party | None = None
    buyer: Party | None = None
    # Whether the buyer is a French company as well: platforms hand it on
    is_domestic: bool = False
    # Whether VAT falls due when it is paid, and not when it is invoiced (BT-8)
    is_due_on_payment: bool = False
    taxes: tuple = ()
    # None where this addon does not foresee how the amounts came about
    totals: Totals | None = None


# ---------------------------------------------------------------------- numbers


def to_decimal(number, digits):
    """Return a float or Decimal as a Decimal of at most ``digits`` decimals."""
    exact = number if isinstance(number, Decimal) else Decimal(repr(number))
    return exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def format_money(amount):
    """Return an amount as XML wants it; nothing is minus zero."""
    return f"{to_decimal(amount, 2) + 0:.2f}"


def format_number(number, digits, least=0):
    """Return a number with ``least`` to ``digits`` decimals."""
    value = to_decimal(number, digits) + 0
    text = f"{value:f}"
    whole, _point, decimals = text.partition(".")
    decimals = decimals.rstrip("0").ljust(least, "0")
    return f"{whole}.{decimals}" if decimals else whole


def format_rate(rate):
    """Return a rate of VAT as the French rules list it, like 20 or 5.5."""
    return format_number(rate, 2)


def price_line(quantity, price, discount, amount, decimals=2):
    """Return how a line comes to ``amount``: quantity, price of a unit before and after
    the discount, and the discount of a unit, as text.

    Prices are not below zero, the quantity has the sign. Quantity x net price is the
    amount, rounded as its currency is, with as many decimals as that takes, six at
    most.
    The price before the discount is the one that was given, as far as that goes.

    :param quantity: as entered, a float
    :param price: of one unit before the discount, without VAT, a float
    :param discount: in per cent, a float
    :param amount: without VAT, rounded, a float
    :param int decimals: what the currency is rounded to
    """
    count, total = abs(to_decimal(quantity, 4)), to_decimal(amount, 2)
    given = abs(to_decimal(price, 10))
    factor = 1 - to_decimal(discount, 10) / 100
    net = _get_net(count, given * factor, abs(total), decimals)
    gross = to_decimal(given, 6)
    if not discount or gross < net:
        gross = net
    taken = total < 0 or (not total and quantity < 0)
    return (
        format_number(-count if taken else count, 4),
        format_number(gross, 6, 2),
        format_number(net, 6, 2),
        format_number(gross - net, 6, 2) if gross > net else "",
    )


def _get_net(count, net, total, decimals):
    """Return the net price of which ``count`` units make ``total``."""
    short = to_decimal(net, 6)
    if not count or to_decimal(short * count, decimals) == total:
        return short
    return to_decimal(total / count, 6)
