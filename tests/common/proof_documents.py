"""Documents that electronic invoices are made of: each is posted by the billing engine,
as a case of billing says."""

from datetime import date
from typing import NamedTuple

from freezegun import freeze_time
from stdnum import luhn
from stdnum.fr import siren

from odoo import Command

from .billing_events import ScenarioPlayer
from .document import RUN, DocumentCase, make_case
from .proof_saxon import stop_rules

# The last day on which something happens to the documents.
LAST_DAY = date(2026, 3, 2)
PARTNER = {"payer": "Partner P"}
PLACE = {"street": "12 rue des Lilas", "zip": "75002", "city": "Paris", "country": "fr"}


def make_numbers(digits):
    """Return the numbers of an invented French company: 8 ``digits`` and their key make
    its SIREN; SIRET and VAT number follow."""
    number = digits + luhn.calc_check_digit(digits)
    place = f"{number}0001"
    return {
        "company_registry": place + luhn.calc_check_digit(place),
        "vat": f"FR{siren.to_tva(number)}",
    }


SELLER = {
    **make_numbers("87654321"),
    **PLACE,
    "street": "3 quai du Port",
    "zip": "13002",
    "city": "Marseille",
    "phone": "+33 1 99 00 12 34",
    "email": "billing@biller.example",
}
NUMBERS = make_numbers("12345678")
BUYERS = {
    "french": {**PLACE, **NUMBERS},
    "siren": {**PLACE, "company_registry": NUMBERS["company_registry"][:9]},
    "vat": {**PLACE, "vat": NUMBERS["vat"]},
    "long": {
        **PLACE,
        **NUMBERS,
        "name": "Établissements Œuvre & Fils <“Noël”> " + "très long " * 12,
        "street": "1 bis, chemin de l’Étang d’Ÿ & C°",
        "street2": "Bâtiment <B>, 3ᵉ étage",
    },
    "reunion": {
        **NUMBERS,
        "street": "5 rue de Paris",
        "zip": "97400",
        "city": "Saint-Denis",
        "country": "re",
    },
    "guadeloupe": {
        **NUMBERS,
        "street": "8 rue Frébault",
        "zip": "97110",
        "city": "Pointe-à-Pitre",
        "country": "gp",
    },
    "german": {
        "street": "Lindenweg 4",
        "zip": "10115",
        "city": "Berlin",
        "country": "de",
        "vat": "DE136695976",
    },
    "american": {
        "street": "100 Main Street",
        "zip": "10001",
        "city": "New York",
        "country": "us",
    },
    "swiss": {
        "street": "Bahnhofstrasse 2",
        "zip": "8001",
        "city": "Zürich",
        "country": "ch",
    },
    "person": {**PLACE, "is_company": False},
}
# Taxes of zero: the code of the reason, and what the law wants on the page.
EXEMPT = {
    "E": ("VATEX-FR-CGI261-4", "Exonération de TVA, article 261-4 du CGI"),
    "franchise": ("VATEX-FR-FRANCHISE", "TVA non applicable, article 293 B du CGI"),
    "AE": ("VATEX-EU-AE", "Autoliquidation"),
    "K": ("VATEX-EU-IC", "Exonération de TVA, article 262 ter I du CGI"),
    "G": ("VATEX-EU-G", "Exonération de TVA, article 262 I du CGI"),
    "O": ("VATEX-EU-O", "TVA non applicable, article 259-1 du CGI"),
}


class Kind(NamedTuple):
    """A kind of document, and the case of billing that makes it."""

    # As the table in the docs names it
    name: str
    subscriptions: tuple = ({},)
    # What differs from the plan of `make_case`, and its events
    plan: dict = {}
    events: tuple = (RUN,)
    buyer: str = "french"
    # Of partners of these names: other buyers, and languages
    buyers: dict = {}
    langs: dict = {}
    # Given the player: before the first event, and after the last one
    before: object = None
    after: object = None
    # What the case itself has besides
    given: dict = {}


class DocumentPlayer(ScenarioPlayer):
    """Plays the case of a kind; its partners have addresses and numbers."""

    def __init__(self, test, kind):
        """Play ``kind`` for ``test``, an :class:`EInvoiceCase`."""
        options = dict(kind.plan, events=kind.events)
        case = make_case(*kind.subscriptions, **options)
        case["given"].update(kind.given)
        # Codes of modules are unique.
        test.played += 1
        case["id"] = f"E{test.played}"
        super().__init__(test, case)
        self.kind, self.rated = kind, test.rated

    def prepare_partners(self):
        """Make the manager, and what comes before the first event."""
        super().prepare_partners()
        if self.kind.before:
            self.kind.before(self)

    def get_partner(self, name):
        """Return the partner of that name; it has what the kind's buyer has."""
        is_new = name not in self.clients
        partner = super().get_partner(name)
        if is_new:
            buyer = self.kind.buyer if name.startswith("Client") else "french"
            buyer = BUYERS[self.kind.buyers.get(name, buyer)]
            values = self.test.get_contact_values(buyer)
            values["lang"] = self.kind.langs.get(name, "en_US")
            partner.write(values)
        return partner

    def get_pricelist(self, given):
        """Make the price list; a day has one rate, whoever names it."""
        rates = given.get("rates", [])
        new = [rate for rate in rates if (given["currency"], rate[0]) not in self.rated]
        self.rated.update((given["currency"], rate[0]) for rate in rates)
        return super().get_pricelist({**given, "rates": new})

    def make_product(self, given, name, pricelist):
        """Make the product; a pool of a ``category`` has a tax of zero for it."""
        product = super().make_product(given, name, pricelist)
        if given.get("category"):
            tax = self.test.get_exempt_tax(given["category"])
            product.taxes_id = [Command.set(tax.ids)]
        return product

    def play(self):
        """Play the case, and return what was posted."""
        known = self.get_moves()
        super().play()
        if self.kind.after:
            with freeze_time(f"{LAST_DAY} 09:00:00"):
                self.kind.after(self)
        self.env.flush_all()
        moves = self.get_moves() - known
        return moves.filtered(lambda move: move.state == "posted")

    def get_moves(self):
        """Return the documents of the company, in the order in which they were made."""
        return self.env["account.move"].search(
            [
                ("company_id", "=", self.test.company.id),
                ("move_type", "in", ("out_invoice", "out_refund")),
            ],
            order="id",
        )


class EInvoiceCase(DocumentCase):
    """A French company that bills companies of several countries."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.addClassCleanup(stop_rules)
        cls.played = 0
        cls.company.account_fiscal_country_id = cls.env.ref("base.fr")
        cls.company.partner_id.write(cls.get_contact_values(SELLER))

    def setUp(self):
        super().setUp()
        # Made when they are asked for, and gone after the test.
        self.taxes, self.rated = {}, set()

    @classmethod
    def get_contact_values(cls, values):
        """Return the values of a contact, whose ``country`` is an XML id of `base`."""
        values = dict(values)
        values["country_id"] = cls.env.ref(f"base.{values.pop('country')}").id
        return values

    def get_tax(self, _company, amount, include):
        key = amount, include
        if key not in self.taxes:
            self.taxes[key] = self.create_tax(
                self.company,
                amount,
                name=f"{amount:g} %{' TTC' * (include == 'tax_included')}",
                price_include_override=include,
                tax_group_id=self._create_tax_group(f"TVA {amount:g} %").id,
            )
        return self.taxes[key]

    def get_exempt_tax(self, category):
        """Return a tax of zero, of a key of ``EXEMPT``."""
        if category not in self.taxes:
            reason, note = EXEMPT[category]
            self.taxes[category] = self.create_tax(
                self.company,
                0,
                name=f"0 % {category}",
                tax_group_id=self._create_tax_group("TVA 0 %").id,
                invoice_legal_notes=f"<p>{note}</p>",
                ubl_cii_tax_category_code=category if len(category) < 3 else "E",
                ubl_cii_tax_exemption_reason_code=reason,
            )
        return self.taxes[category]

    def _create_tax_group(self, name):
        """Create what taxes of a rate are summed up by on the page."""
        country = self.company.account_fiscal_country_id
        return self.env["account.tax.group"].create(
            {
                "name": name,
                "company_id": self.company.id,
                "country_id": country.id,
            }
        )

    def _make(self, kind):
        """Return the documents of ``kind``, posted."""
        self.player = DocumentPlayer(self, kind)
        return self.player.play()
