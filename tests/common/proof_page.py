"""Compares an electronic invoice with the page that people read: each says what the
other says."""

import re
import shutil
import subprocess
from datetime import datetime
from decimal import Decimal
from unittest import skipUnless

from lxml import etree

from .proof_pdf import read_day

# What of an XML stands on the page in the same words, by the names of its elements.
WORDS = {
    *("Name", "PersonName", "CompleteNumber", "Content", "Description"),
    *("PostcodeCode", "LineOne", "LineTwo", "LineThree", "CityName"),
    *("IssuerAssignedID", "PaymentReference", "IBANID", "ProprietaryID"),
    *("ExemptionReason", "Reason"),
}
# Of what an ID stands on the page: the document, and numbers of parties.
NUMBERED = {
    *("ExchangedDocument", "SpecifiedLegalOrganization", "SpecifiedTaxRegistration")
}
# How languages write numbers and days: the point, what parts thousands, the day.
NUMBERS = {
    "en_US": (".", ",", "%m/%d/%Y"),
    # A reader of PDF makes a plain space of the narrow one.
    "fr_FR": (",", " \u202f\u00a0", "%d/%m/%Y"),
}
DAY = re.compile(r"\b\d\d/\d\d/\d{4}\b")
# How the currencies of the documents are written.
MONEY = r"[€$¥£]|CHF|Fr\."
ANNEX = {"en_US": "Annex: who is billed", "fr_FR": "Annexe"}


needs_reader = skipUnless(shutil.which("pdftotext"), "pdftotext is not installed")


def read_text(content):
    """Return the text of a PDF in the order in which it is drawn."""
    command = ["pdftotext", "-raw", "-enc", "UTF-8", "-", "-"]
    done = subprocess.run(command, input=content, capture_output=True, check=True)
    return done.stdout.decode()


def squash(text):
    """Return ``text`` without spaces: where lines break is the page's affair."""
    return re.sub(r"[\s\u00ad\u200b\f]+", "", text)


class Page:
    """What the page says, in the language of its reader."""

    def __init__(self, content, lang="en_US"):
        """Read a PDF without its annex, which says nothing of the invoice."""
        self.lang = lang
        self.text = read_text(content).partition(ANNEX[lang])[0]
        self.words = squash(self.text)

    @property
    def numbers(self):
        """Each number, as ``Decimal``."""
        return set().union(*read_numbers(self.text, self.lang))

    @property
    def amounts(self):
        """What each number can be that has decimals or a currency, as sets."""
        return read_numbers(self.text, self.lang, only_amounts=True)

    @property
    def days(self):
        """Each day."""
        return find_days(self.text, self.lang)


def read_numbers(text, lang, *, only_amounts=False):
    """Return for each number of ``text`` the set of what it can be: where spaces part
    thousands, two numbers that stand side by side look like one.

    :param only_amounts: those alone that have decimals, or a currency beside them
    """
    point, parting, _day = NUMBERS[lang]
    whole = rf"\d{{1,3}}(?:[{parting}]\d{{3}})+(?!\d)|\d+"
    # A percentage is none.
    number = rf"((?:{whole})(?:{re.escape(point)}\d+)?)(?![\d{re.escape(point)}]|\s?%)"
    found = []
    for match in re.finditer(rf"({MONEY})?\s?{number}(?:\s?({MONEY}))?", text):
        before, digits, after = match.groups()
        if not only_amounts or before or after or point in digits:
            found.append(_read_number(digits, point, parting))
    return found


def _read_number(digits, point, parting):
    parts = re.split(f"[{parting}]", digits)
    plain = ["".join(parts[place:]) for place in range(len(parts))]
    possible = plain if " " in parting else plain[:1]
    return {Decimal(one.replace(point, ".")) for one in possible}


def find_days(text, lang):
    """Return the days that ``text`` names."""
    form = NUMBERS[lang][2]
    return {datetime.strptime(found, form).date() for found in DAY.findall(text)}


class Document:
    """What a CII document says."""

    def __init__(self, xml, lang="en_US"):
        """Read the bytes of a document whose sentences are in ``lang``."""
        self.root = etree.fromstring(xml)
        self.lang = lang
        self.facts = [
            (etree.QName(node).localname, node.text.strip(), node)
            for node in self.root.iter("*")
            if node.text and node.text.strip()
        ]

    def iter_amounts(self):
        """Yield each amount of money: its element and its value."""
        for name, text, node in self.facts:
            if name.endswith("Amount"):
                yield node, Decimal(text)

    def iter_days(self):
        """Yield each day: its element and its value."""
        for name, text, node in self.facts:
            if name in ("DateTimeString", "DateString"):
                yield node, read_day(text)

    def iter_words(self):
        """Yield what stands on the page in the same words."""
        for name, text, node in self.facts:
            above = etree.QName(node.getparent()).localname if name == "ID" else ""
            if name in WORDS or above in NUMBERED:
                yield node, text

    @property
    def text(self):
        """Everything that is said in sentences."""
        return "\n".join(text for name, text, _node in self.facts if name in WORDS)
