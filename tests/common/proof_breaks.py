"""Ways to break an electronic invoice, and what must see it: the proof is worth what it
finds."""

import copy

from lxml import etree

NS = {
    "ram": "urn:un:unece:uncefact:data:standard:"
    "ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
}
HEADER = "ram:ApplicableHeaderTradeSettlement"


def find(root, path):
    """Return the elements of an XPath.

    :raise AssertionError: when there are none: then nothing would be broken
    """
    nodes = root.xpath(path, namespaces=NS)
    assert nodes, path
    return nodes


def drop(path):
    """Return what removes the first element of a path."""

    def change(root):
        node = find(root, path)[0]
        node.getparent().remove(node)

    return change


def put(path, text):
    """Return what writes a text into the first element of a path."""

    def change(root):
        find(root, path)[0].text = text

    return change


def double(path):
    """Return what writes the first element of a path twice."""

    def change(root):
        node = find(root, path)[0]
        node.addnext(copy.deepcopy(node))

    return change


def swap(first, second):
    """Return what exchanges the texts of two elements."""

    def change(root):
        one, other = find(root, first)[0], find(root, second)[0]
        one.text, other.text = other.text, one.text

    return change


def add_ship_to_contact(root):
    """Name a contact of who receives, as Odoo without this addon does."""
    delivery = find(root, "//ram:ApplicableHeaderTradeDelivery")[0]
    party = copy.deepcopy(find(root, "//ram:BuyerTradeParty")[0])
    party.tag = f"{{{NS['ram']}}}ShipToTradeParty"
    for node in party.xpath("ram:URIUniversalCommunication", namespaces=NS):
        party.remove(node)
    for old in delivery.xpath("ram:ShipToTradeParty", namespaces=NS):
        delivery.remove(old)
    contact = etree.Element(f"{{{NS['ram']}}}DefinedTradeContact")
    etree.SubElement(contact, f"{{{NS['ram']}}}PersonName").text = "Somebody"
    address = party.xpath("ram:PostalTradeAddress", namespaces=NS)[0]
    address.addprevious(contact)
    delivery.insert(0, party)


def break_xml(xml, change):
    """Return ``xml`` after a ``change``."""
    root = etree.fromstring(xml)
    change(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


SELLER, BUYER = "//ram:SellerTradeParty", "//ram:BuyerTradeParty"
LEGAL = "/ram:SpecifiedLegalOrganization/ram:ID"
PERIOD = f"//{HEADER}/ram:BillingSpecifiedPeriod"
START, END = f"{PERIOD}/ram:StartDateTime/*", f"{PERIOD}/ram:EndDateTime/*"
SUM = f"//{HEADER}/ram:SpecifiedTradeSettlementHeaderMonetarySummation"
NOTE = "//ram:IncludedNote[ram:SubjectCode='{}']"
# What is done, by whom it is found: rule sets and rules.
BREAKS = {
    "no note PMT": (drop(NOTE.format("PMT")), "BR-FR", "BR-FR-05"),
    "no note PMD": (drop(NOTE.format("PMD")), "BR-FR", "BR-FR-05"),
    "note AAB twice": (double(NOTE.format("AAB")), "BR-FR", "BR-FR-06"),
    "no business process": (
        drop("//ram:BusinessProcessSpecifiedDocumentContextParameter"),
        *("BR-FR", "BR-FR-08"),
    ),
    "SIRET as SIREN": (put(SELLER + LEGAL, "87654321400012"), "BR-FR", "BR-FR-10"),
    "SIREN of somebody else": (put(BUYER + LEGAL, "732829320"), "BR-FR", "BR-FR-21"),
    "no address of the seller": (
        drop(f"{SELLER}/ram:URIUniversalCommunication"),
        *("BR-FR", "BR-FR-13"),
    ),
    "no address of the buyer": (
        drop(f"{BUYER}/ram:URIUniversalCommunication"),
        *("BR-FR", "BR-FR-12"),
    ),
    "period from end to start": (swap(START, END), "EN16931", "BR-29"),
    "total of the lines": (
        put(f"{SUM}/ram:LineTotalAmount", "1.00"),
        "EN16931",
        "BR-CO-10",
    ),
    "profile unknown": (
        put("//ram:GuidelineSpecifiedDocumentContextParameter/ram:ID", "urn:x"),
        *("EXTENDED", "FX-SCH-A"),
    ),
    "number with a space": (put("/*/*/ram:ID", "INV 1"), "BR-FR", "BR-FR-02"),
    "no tax category": (
        drop("//ram:IncludedSupplyChainTradeLineItem//ram:CategoryCode"),
        *("EN16931", "BR-CO-04"),
    ),
    "contact of who receives": (add_ship_to_contact, "EN16931", "unknown"),
    "element out of place": (double(f"{SUM}/ram:GrandTotalAmount"), "XSD", ""),
}
# What no rule finds, but the page: it says something else.
LIES = {
    "another period": put(END, "20261231"),
    "another buyer": put(f"{BUYER}/ram:Name", "Somebody Else"),
    "another address": put(f"{BUYER}//ram:LineOne", "1 rue Inconnue"),
    "another order": put("//ram:ContractReferencedDocument/ram:IssuerAssignedID", "X1"),
    "another due date": put("//ram:DueDateDateTime/*", "20261231"),
    "another sentence": put(f"{NOTE.format('PMT')}/ram:Content", "Rien"),
}
