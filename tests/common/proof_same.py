"""Says where an electronic invoice and its page differ."""

from decimal import Decimal

from lxml import etree

from .proof_breaks import NS
from .proof_page import find_days, find_numbers, squash

# Amounts that follow from others which stand on the page, and do not stand there
# themselves: XPath, and from what they follow.
DERIVED = {
    "//ram:NetPriceProductTradePrice/ram:ChargeAmount": "price and discount",
    "//ram:AppliedTradeAllowanceCharge/ram:ActualAmount": "price and discount",
}


def find_differences(document, page, *, country_names=()):
    """Return in sentences what one of the two says alone.

    :param document: a :class:`Document`
    :param page: its :class:`Page`
    """
    return [
        *_find_missing_on_page(document, page),
        *_find_missing_in_xml(document, page),
    ]


def _find_missing_on_page(document, page):
    derived = _get_derived(document)
    numbers, days = page.numbers, page.days
    for node, amount in document.iter_amounts():
        if amount and node not in derived and abs(amount) not in numbers:
            yield f"amount {amount} of {_name(node)} is not on the page"
    for node, day in document.iter_days():
        if day not in days:
            yield f"day {day} of {_name(node)} is not on the page"
    for node, words in document.iter_words():
        if squash(words) not in page.words:
            yield f"{words!r} of {_name(node)} is not on the page"


def _find_missing_in_xml(document, page):
    amounts = {abs(amount) for _node, amount in document.iter_amounts()}
    amounts |= find_numbers(document.text, page.lang) | _get_rates(document)
    for amount in page.amounts - amounts:
        if amount:
            yield f"amount {amount} of the page is not in the XML"
    days = {day for _node, day in document.iter_days()}
    days |= find_days(document.text, page.lang)
    for day in page.days - days:
        yield f"day {day} of the page is not in the XML"


def _get_rates(document):
    return {
        Decimal(text)
        for name, text, _node in document.facts
        if name in ("RateApplicablePercent", "BilledQuantity", "CalculationPercent")
    }


def _get_derived(document):
    return {
        node
        for path in DERIVED
        for node in document.root.xpath(path, namespaces=NS)
    }


def _name(node):
    parent = node.getparent()
    return "/".join(etree.QName(one).localname for one in (parent, node))
