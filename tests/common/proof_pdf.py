"""Reads what an electronic invoice of Factur-X is inside its PDF."""

import io
from datetime import datetime
from typing import NamedTuple

from lxml import etree
from pypdf import PdfReader

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
PDFAID = "http://www.aiim.org/pdfa/ns/id/"
FX = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
EXTENSION = "{http://www.aiim.org/pdfa/ns/schema#}"
PROPERTY = "{http://www.aiim.org/pdfa/ns/property#}"
# How XMP names the profile that the XML has.
PROFILES = {
    "urn:cen.eu:en16931:2017": "EN 16931",
    "urn:cen.eu:en16931:2017#conformant#urn:factur-x.eu:1p0:extended": "EXTENDED",
}
GUIDELINE = "string(//*[local-name()='GuidelineSpecifiedDocumentContextParameter']/*)"


class Attached(NamedTuple):
    """A file inside a PDF."""

    name: str
    relationship: str
    mimetype: str
    content: bytes


class InvoicePdf:
    """A PDF that holds an electronic invoice."""

    def __init__(self, content):
        """Read the bytes of a PDF."""
        self.content = content
        self.reader = PdfReader(io.BytesIO(content))
        self.root = self.reader.trailer["/Root"]

    @property
    def files(self):
        """The files in it, as the list of names has them."""
        names = self.root["/Names"]["/EmbeddedFiles"]["/Names"]
        return [_read_file(item.get_object()) for item in names[1::2]]

    @property
    def xml(self):
        """The electronic invoice.

        :raise ValueError: when there is none, or more than one
        """
        (content,) = [one.content for one in self.files if one.name == "factur-x.xml"]
        return content

    @property
    def xmp(self):
        """What the metadata say: ``{(namespace, name): value}`` of plain values."""
        tree = self._get_metadata()
        said = {}
        for node in tree.iter(f"{{{RDF}}}Description"):
            for name, value in node.attrib.items():
                said[etree.QName(name).namespace, etree.QName(name).localname] = value
            for child in node:
                name = etree.QName(child)
                said[name.namespace, name.localname] = (child.text or "").strip()
        return said

    def _get_metadata(self):
        return etree.fromstring(self.root["/Metadata"].get_object().get_data())

    def find_faults(self):
        """Return what PDF/A-3b and Factur-X want of the file and it has not.

        Of PDF/A this is the structure alone: no validator reads the pages here.
        """
        if "/AF" not in self.root or "/Metadata" not in self.root:
            return ["no files, or no metadata"]
        return [
            *self._find_file_faults(),
            *self._find_pdfa_faults(),
            *self._find_facturx_faults(),
            *self._find_font_faults(),
        ]

    def _find_file_faults(self):
        files = self.files
        if [one.name for one in files] != ["factur-x.xml"]:
            yield f"files: {[one.name for one in files]}"
        for one in files:
            if one.relationship not in ("/Data", "/Alternative", "/Source"):
                yield f"relationship: {one.relationship}"
            if one.mimetype not in ("/text/xml", "/application/xml"):
                yield f"type of file: {one.mimetype}"
        associated = [item.idnum for item in self.root.get("/AF", [])]
        if len(associated) != 1:
            yield f"associated files: {len(associated)}"

    def _find_pdfa_faults(self):
        intents = self.root.get("/OutputIntents", [])
        kinds = [item.get_object()["/S"] for item in intents]
        if kinds != ["/GTS_PDFA1"]:
            yield f"output intents: {kinds}"
        elif "/DestOutputProfile" not in intents[0].get_object():
            yield "output intent without a profile of colours"
        said = self.xmp
        level = said.get((PDFAID, "part")), said.get((PDFAID, "conformance"))
        if level != ("3", "B"):
            yield f"PDF/A: {level}"
        if "/ID" not in self.reader.trailer:
            yield "no ID"
        if self.reader.is_encrypted:
            yield "encrypted"
        if "/JavaScript" in self.root.get("/Names", {}) or "/AA" in self.root:
            yield "actions"

    def _find_facturx_faults(self):
        said = self.xmp
        guideline = etree.fromstring(self.xml).xpath(GUIDELINE)
        expected = {
            "DocumentFileName": "factur-x.xml",
            "DocumentType": "INVOICE",
            "Version": "1.0",
            "ConformanceLevel": PROFILES[guideline],
        }
        for name, value in expected.items():
            if said.get((FX, name)) != value:
                yield f"{name}: {said.get((FX, name))}"
        declared = self._get_metadata().findall(f".//{EXTENSION}namespaceURI")
        if [node.text for node in declared] != [FX]:
            yield f"schemas of metadata: {[node.text for node in declared]}"
        names = {node.text for node in self._get_metadata().iter(f"{PROPERTY}name")}
        if names != set(expected):
            yield f"metadata that are declared: {sorted(names)}"

    def _find_font_faults(self):
        for page in self.reader.pages:
            for font in page["/Resources"].get("/Font", {}).values():
                font = font.get_object()
                for part in font.get("/DescendantFonts", [font]):
                    drawn = part.get_object().get("/FontDescriptor", {})
                    if not {"/FontFile2", "/FontFile3", "/FontFile"} & set(drawn):
                        yield f"font that is not inside: {font.get('/BaseFont')}"


def _read_file(spec):
    stream = spec["/EF"]["/F"].get_object()
    return Attached(
        spec.get("/UF") or spec["/F"],
        spec.get("/AFRelationship"),
        stream.get("/Subtype"),
        stream.get_data(),
    )


def read_day(text):
    """Return the date of a day as CII writes it."""
    return datetime.strptime(text, "%Y%m%d").date()
