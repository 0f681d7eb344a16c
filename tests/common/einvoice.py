"""Electronic invoices of tests: a French seller and its buyers, what XML says, and XML
as Odoo writes it."""

from io import BytesIO

from lxml import etree
from pypdf import PdfReader

from ...models.einvoice import cii, ubl
from ...models.einvoice.account_move_einvoice import FACTURX
from .billing_player import CasePlayer
from .document import INVOICE, DocumentCase, make_case

SELLER_SIREN, BUYER_SIREN, PARTNER_SIREN = "123456782", "987654324", "111222337"
SPACES = {**cii.NAMESPACES, **ubl.NAMESPACES}
ADDRESS = {"street": "1 rue du Test", "zip": "75001", "city": "Paris"}


def make_vat(siren):
    """Return the French VAT number of the company with a SIREN."""
    return f"FR{(12 + 3 * (int(siren) % 97)) % 97:02}{siren}"


def find(root, path):
    """Return the texts at a path of steps with prefixes, from any element on."""
    return [
        (node.text or "").strip() for node in root.xpath(f"//{path}", namespaces=SPACES)
    ]


def find_attributes(root, path, name):
    return [node.get(name) for node in root.xpath(f"//{path}", namespaces=SPACES)]


def find_misplaced(root, order):
    """Return the children that do not stand in the order of their schema."""
    wrong = []
    for node in root.iter(etree.Element):
        names = order.get(etree.QName(node).localname, "").split()
        found = [etree.QName(child).localname for child in node]
        places = [names.index(name) if name in names else -1 for name in found]
        if names and places != sorted(places):
            wrong.append((etree.QName(node).localname, found))
    return wrong


def read_facturx(content):
    """Return the XML inside a PDF, None without."""
    files = PdfReader(BytesIO(content)).attachments.get(FACTURX)
    if not files:
        return None
    (xml,) = files
    return etree.fromstring(xml)


class EInvoiceCase(DocumentCase):
    """A French company that bills French clients in euros."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.france = cls.env.ref("base.fr")
        cls.make_french(cls.company.partner_id, SELLER_SIREN)
        groups = cls.env["account.tax.group"]
        # Taxes are of the country of their group.
        groups.search([("company_id", "=", cls.company.id)]).country_id = cls.france
        cls.tax.country_id = cls.france
        cls.company.account_fiscal_country_id = cls.france

    @classmethod
    def make_french(cls, partner, siren):
        """Give ``partner`` all that an electronic invoice says of a French company."""
        partner.write(
            {
                "country_id": cls.env.ref("base.fr").id,
                "company_registry": f"{siren}00017",
                "vat": make_vat(siren),
                "is_company": True,
                **ADDRESS,
            }
        )

    def _play_known(self, *subscriptions, known=("Client 1",), **options):
        """Play a case in which the clients ``known`` have all data from the start on,
        and return the invoices."""
        self.player = CasePlayer(self, make_case(*(subscriptions or [{}]), **options))
        for name in known:
            self.make_french(self.player.get_partner(name), BUYER_SIREN)
        self.player.play()
        statements = self.env["subscription.statement"]
        return statements.search([("company_id", "=", self.company.id)]).move_id

    def _find_problems(self):
        """Return the open problems of the company."""
        return self.env["subscription.billing.problem"].search(
            [("company_id", "=", self.company.id), ("solved_at", "=", False)]
        )

    def _complete(self, *names, siren=BUYER_SIREN):
        """Make the clients and partners called ``names`` of the player French."""
        for name in names:
            self.make_french(self.player.clients[name], siren)

    def _export(self, move, kind="cii"):
        """Return the XML of ``move`` as Odoo's builder gives it, and the errors."""
        builder = {"cii": "account.edi.xml.cii", "ubl": "account.edi.xml.ubl_bis3"}
        xml, errors = self.env[builder[kind]]._export_invoice(move)
        return etree.fromstring(xml), errors

    def _render_facturx(self, move, **options):
        """Return the XML inside the PDF of ``move``, None without."""
        return read_facturx(self._render(INVOICE, move, **options))
