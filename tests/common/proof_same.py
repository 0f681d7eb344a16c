"""Says where an electronic invoice and its page differ."""

from decimal import Decimal
from typing import NamedTuple

from lxml import etree

from odoo.tools import html2plaintext

from .proof_breaks import NS
from .proof_page import find_days, read_numbers, squash

# What the XML says and the page does not, and why: by XPath. Nothing else is left out.
NOT_ON_PAGE = {
    "//ram:IncludedNote[ram:SubjectCode='BAR']/ram:Content": (
        "tells a platform what to do with the invoice"
    ),
    "//ram:SpecifiedTradeProduct[ram:Description]/ram:Name": (
        "the page has the description, which is the text of the line"
    ),
    "//ram:GrossPriceProductTradePrice[ram:AppliedTradeAllowanceCharge]"
    "/../ram:NetPriceProductTradePrice/ram:ChargeAmount": (
        "follows from price and discount, which the page has"
    ),
    "//ram:AppliedTradeAllowanceCharge/ram:ActualAmount": (
        "follows from price and discount, which the page has"
    ),
    "//ram:ApplicableHeaderTradeSettlement[count(ram:ApplicableTradeTax) > 1]"
    "/*/ram:TaxTotalAmount": ("is the sum of the VAT of each rate, which the page has"),
}


class Aside(NamedTuple):
    """What the page says and the XML has no place for, by the invoice."""

    # What was paid since, and how it is reckoned in the currency of the books: EN 16931
    # knows the VAT alone in a second currency
    amounts: frozenset = frozenset()
    # The days on which that was paid
    days: frozenset = frozenset()
    # What is on the page as words, and must be in the XML
    words: tuple = ()


def get_aside(move):
    """Return the :class:`Aside` of an invoice."""
    move = move.with_context(lang=move.partner_id.lang)
    widget = move.invoice_payments_widget or {}
    paid = widget.get("content", ())
    amounts = [payment["amount"] for payment in paid]
    totals = move.tax_totals
    if totals.get("display_in_company_currency"):
        amounts += [totals["base_amount"], totals["total_amount"]]
        for subtotal in totals["subtotals"]:
            amounts += [group["base_amount"] for group in subtotal["tax_groups"]]
            amounts += [group["tax_amount"] for group in subtotal["tax_groups"]]
    return Aside(
        frozenset(Decimal(f"{amount:.2f}") for amount in amounts),
        frozenset(payment["date"] for payment in paid),
        tuple(_iter_words(move)),
    )


def _iter_words(move):
    """Yield parties and mentions that the page of an invoice has."""
    company = move.company_id
    for partner in (company.partner_id, move.partner_id):
        yield partner.commercial_partner_id.name
        yield partner.city
        yield partner.zip
        yield from partner.street.split("\n")
        for _label, number in partner._get_identity_numbers():
            yield number
    for mention in company._get_payment_mentions(move.invoice_payment_term_id):
        yield mention.text
    notes = [move.narration, move.fiscal_position_id.note, move.taxes_legal_notes]
    if move.move_type == "out_invoice":
        notes.append(move.invoice_payment_term_id.note)
    for note in notes:
        yield from html2plaintext(note or "").split("\n")
    yield from (move.name, move.ref, move.invoice_origin, move.partner_id.name)
    for line in move.invoice_line_ids:
        yield from (line.name or "").split("\n")


NOTHING = Aside()


def find_differences(document, page, aside=NOTHING):
    """Return in sentences what one of the two says alone.

    :param document: a :class:`Document`
    :param page: its :class:`Page`
    :param aside: what is on the page alone, an :class:`Aside`
    """
    return [
        *_find_missing_on_page(document, page),
        *_find_missing_in_xml(document, page, aside),
    ]


def _find_missing_on_page(document, page):
    apart = {
        node
        for path in NOT_ON_PAGE
        for node in document.root.xpath(path, namespaces=NS)
    }
    numbers, days = page.numbers, page.days
    for node, amount in document.iter_amounts():
        if amount and node not in apart and abs(amount) not in numbers:
            yield f"amount {amount} of {_name(node)} is not on the page"
    for node, day in document.iter_days():
        if day not in days:
            yield f"day {day} of {_name(node)} is not on the page"
    for node, words in document.iter_words():
        if node not in apart and squash(words) not in page.words:
            yield f"{words!r} of {_name(node)} is not on the page"


def _find_missing_in_xml(document, page, aside):
    amounts = {abs(amount) for _node, amount in document.iter_amounts()}
    amounts |= _get_quantities(document) | aside.amounts | {0}
    amounts |= set().union(*read_numbers(document.text, page.lang))
    for amount in page.amounts:
        if not amount & amounts:
            yield f"amount {max(amount)} of the page is not in the XML"
    days = {day for _node, day in document.iter_days()}
    days |= find_days(document.text, page.lang)
    for day in page.days - days - aside.days:
        yield f"day {day} of the page is not in the XML"
    said = squash("|".join(text for _name, text, _node in document.facts))
    for words in filter(None, map(squash, filter(None, aside.words))):
        if words in page.words and words not in said:
            yield f"{words!r} of the page is not in the XML"


def _get_quantities(document):
    return {
        abs(Decimal(text))
        for name, text, _node in document.facts
        if name == "BilledQuantity"
    }


def _name(node):
    parent = node.getparent()
    return "/".join(etree.QName(one).localname for one in (parent, node))
