"""The kinds of documents of which it is proved that their electronic invoices are
right, a row of a table each."""

from odoo import Command, fields

from .document import RUN, make_pool
from .proof_documents import PARTNER, Kind

FEBRUARY = {"on": "2026-02-01", "do": "run"}
RAISE = {"on": "2026-01-12", "do": "raise", "module": "Expenses", "seats": 13}
LOWER = {"on": "2026-01-05", "do": "lower", "module": "Expenses", "seats": 7}
NAMES = ("Expenses", "Time", "Reports")
MANY = 1000
EVIL = 'Été & Cœur <b>"x"</b> — 50 % ⅓ Ω 日本'


def one(**vals):
    """Return a subscription with one pool that differs by ``vals``."""
    return ({"pools": [make_pool(**vals)]},)


def several(*pools):
    """Return a subscription with several pools, each of what differs."""
    made = [make_pool(name, **vals) for name, vals in zip(NAMES, pools, strict=False)]
    return ({"pools": made},)


def money(name, rate, price="19.90"):
    """Return a subscription that is billed in another currency."""
    return (
        {
            "currency": name,
            "rates": [["2025-12-01", rate]],
            "pools": [make_pool(price=price), make_pool("Time", price=price)],
        },
    )


def unit(what):
    """Return a subscription that is billed by its members or teams."""
    member = {"from": "2025-12-01", "to": None, "teams": ["Red"]}
    return (
        {
            "pools": [],
            "unit": {"what": what, "price": "80.00", "tax": "20"},
            "teams": [{"name": "Red", "created": "2025-12-01", "archived": None}],
            "members": [{"name": name, **member} for name in ("Ann", "Bob")],
        },
    )


# ------------------------------------------------------------------ before the events


def set_term(*lines, **vals):
    """Return what gives all payers payment terms."""

    def before(player):
        term = player.env["account.payment.term"].create(
            {
                "name": "Terms of the test",
                "note": "<p>Payable by transfer &amp; in euros</p>",
                "display_on_invoice": True,
                "line_ids": [Command.create(line) for line in lines],
                **vals,
            }
        )
        for name in ("North", "Client 1", "Partner P"):
            partner = player.get_partner(name).with_company(player.company)
            partner.property_payment_term_id = term

    return before


def move_seller(player):
    """Have the seller at home overseas."""
    country = player.env.ref("base.re")
    player.company.partner_id.write({"country_id": country.id, "zip": "97400"})


def add_bank(player):
    """Give the seller an account that its invoices name."""
    player.env["res.partner.bank"].create(
        {
            "acc_number": "FR7630001007941234567890185",
            "partner_id": player.company.partner_id.id,
            "allow_out_payment": True,
        }
    )


def round_globally(player):
    """Round taxes once a document."""
    player.company.tax_calculation_rounding_method = "round_globally"


def add_contact(player):
    """Have invoices go to somebody in the client's company."""
    client = player.get_partner("Client 1")
    player.env["res.partner"].create(
        {
            "name": "Zoé Comptable",
            "type": "invoice",
            "parent_id": client.id,
            "street": "7 place du Marché",
            "zip": "69002",
            "city": "Lyon",
            "country_id": client.country_id.id,
            "email": "zoe@billing.test",
        }
    )


def map_taxes(player):
    """Give the client a fiscal position that makes 20 % a reverse charge."""
    position = player.env["account.fiscal.position"].create(
        {
            "name": "Reverse charge",
            "company_id": player.company.id,
            "note": "<p>Autoliquidation par le preneur</p>",
        }
    )
    full = player.test.get_tax(player.company, 20.0, "tax_excluded")
    exempt = player.test.get_exempt_tax("AE")
    exempt.write(
        {
            "fiscal_position_ids": [Command.link(position.id)],
            "original_tax_ids": [Command.link(full.id)],
        }
    )
    client = player.get_partner("Client 1").with_company(player.company)
    client.property_account_position_id = position


# ------------------------------------------------------------------ after the events


def get_last(player):
    """Return the last invoice."""
    return player.get_moves()[-1]


def reverse(player):
    """Credit the invoice in full."""
    notes = get_last(player)._reverse_moves([{"invoice_date": fields.Date.today()}])
    notes.action_post()


def reverse_in_part(player):
    """Credit one of three seats, at half their price."""
    notes = get_last(player)._reverse_moves([{"invoice_date": fields.Date.today()}])
    line = notes.invoice_line_ids.filtered(lambda one: one.display_type == "product")
    line[:1].write({"quantity": 1, "price_unit": 15})
    notes.action_post()


def pay(amount=None):
    """Return what pays an invoice, in part if an ``amount`` is given."""

    def after(player):
        move = get_last(player)
        values = {"amount": amount} if amount else {}
        player.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=move.ids
        ).create(values)._create_payments()

    return after


def correct_draft(player):
    """Add lines to a draft by hand, one with a price below zero, then post it."""
    move = get_last(player)
    tax = player.test.get_tax(player.company, 20.0, "tax_excluded")
    product = move.invoice_line_ids.product_id
    lines = [
        {"name": "Geste commercial", "quantity": 1, "price_unit": -12.34},
        {"name": EVIL, "quantity": 2.5, "price_unit": 1.23, "product_id": product.id},
    ]
    move.invoice_line_ids = [
        Command.create({"tax_ids": [Command.set(tax.ids)], **line}) for line in lines
    ]
    move.action_post()


def comment(player):
    """Write a remark below the invoice."""
    move = get_last(player)
    move.button_draft()
    move.narration = f"<p>Merci &amp; à bientôt</p><p>{'Ligne ' * 30}</p>"
    move.action_post()


def name_order(player):
    """Name the purchase order of the client."""
    move = get_last(player)
    move.button_draft()
    move.ref = "PO-4711/A & B"
    move.action_post()


KINDS = (
    Kind("contracted seats, one line"),
    Kind("contracted seats, three lines", several({}, {"price": "9.99"}, {})),
    Kind(
        f"{MANY} lines",
        (
            {
                "manual": [
                    [f"Item {n}", n % 7 + 1, f"{n % 97}.{n % 89:02}"]
                    for n in range(1, MANY)
                ]
            },
        ),
    ),
    Kind(
        "first part of a period",
        ({"start": "2026-01-15", "pools": [make_pool(price="9.99")]},),
        {"aligned": True},
        ({"on": "2026-01-15", "do": "run"},),
    ),
    Kind("last part of a period", ({"end": "2026-02-10"},), events=(RUN, FEBRUARY)),
    Kind(
        "part of a period billed whole",
        ({"start": "2026-01-15"},),
        {"aligned": True, "proration": "whole"},
        ({"on": "2026-01-15", "do": "run"},),
    ),
    Kind(
        "raise, billed now",
        one(price="9.99"),
        {"raise": "now"},
        (RUN, RAISE, {"on": "2026-01-12", "do": "run"}),
    ),
    Kind("raise, on the next invoice", events=(RUN, RAISE, FEBRUARY)),
    Kind("correction on the next invoice", events=(RUN, LOWER, FEBRUARY)),
    Kind(
        "correction, a credit note",
        ({"end": "2026-01-31"},),
        events=(RUN, LOWER, FEBRUARY),
    ),
    Kind(
        "pause, deducted",
        events=(
            RUN,
            {"on": "2026-01-10", "do": "pause", "resume": "2026-01-20"},
            FEBRUARY,
        ),
    ),
    Kind(
        "closed, unused days credited",
        events=(RUN, {"on": "2026-01-20", "do": "close", "credit": True}, FEBRUARY),
    ),
    Kind("credit note by hand", after=reverse),
    Kind("credit note by hand, in part", after=reverse_in_part),
    Kind("discount", one(discount="15")),
    Kind("discount, odd price", one(discount="33.33", price="7.77", seats=7)),
    Kind("discount of all", several({"discount": "100"}, {})),
    Kind("tiers", one(seats=12, tiers=[[1, "10.00"], [10, "9.37"]])),
    Kind("several tax rates", several({}, {"tax": "10"}, {"tax": "5.5"})),
    Kind(
        "taxes rounded by document",
        several(
            {"price": "0.33", "seats": 1, "assigned": 0},
            {"price": "1.11", "seats": 3, "assigned": 0},
            {"price": "0.07"},
        ),
        before=round_globally,
    ),
    Kind("exempt", one(category="E")),
    Kind("VAT franchise", one(category="franchise")),
    Kind("exempt and taxed", several({"category": "E"}, {})),
    Kind("reverse charge", one(category="AE")),
    Kind("reverse charge by fiscal position", before=map_taxes),
    Kind("intra-EU services", one(category="AE"), buyer="german"),
    Kind("intra-EU supply", one(category="K"), buyer="german"),
    Kind("export", one(category="G"), buyer="american"),
    Kind("outside the scope of VAT", one(category="O"), buyer="swiss"),
    Kind(
        "taxes included",
        several(
            {"included": True},
            {"included": True, "price": "10.00", "seats": 3, "assigned": 0},
        ),
    ),
    Kind("taxes included, discount", one(included=True, discount="15", price="9.99")),
    Kind(
        "taxes included, part of a period",
        ({"start": "2026-01-15", "pools": [make_pool(included=True, price="9.99")]},),
        {"aligned": True},
        ({"on": "2026-01-15", "do": "run"},),
    ),
    Kind("US dollars", money("USD", "1.25")),
    Kind("Swiss francs", money("CHF", "0.93"), buyer="french"),
    Kind("yen, no decimals", money("JPY", "163.27", "1990")),
    Kind(
        "members",
        unit("Members"),
        {"basis": "members"},
        (RUN, {"on": "2026-01-02", "do": "run"}),
    ),
    Kind(
        "teams",
        unit("Teams"),
        {"basis": "teams"},
        (RUN, {"on": "2026-01-02", "do": "run"}),
    ),
    Kind(
        "seats in use",
        (
            {
                "holders": [
                    {
                        "name": "P1",
                        "module": "Expenses",
                        "from": "2026-01-01",
                        "to": None,
                    }
                ]
            },
        ),
        {"basis": "in_use"},
        (RUN, {"on": "2026-01-02", "do": "run"}),
    ),
    Kind("post-paid", plan={"timing": "post"}, events=(FEBRUARY,)),
    Kind("a quarter", plan={"interval": [3, "month"]}),
    Kind("a year", plan={"interval": [1, "year"]}),
    Kind("two weeks", plan={"interval": [2, "week"]}),
    Kind("paid by the partner", (PARTNER,)),
    Kind(
        "one invoice for all clients",
        (
            {**PARTNER, "pools": [make_pool("Reports", 3, 1, discount="15")]},
            {**PARTNER, "id": "S2", "client": "Client 2"},
        ),
        {"one_for_all": True},
    ),
    Kind(
        "one credit note for all clients",
        (
            {**PARTNER, "end": "2026-01-31"},
            {**PARTNER, "end": "2026-01-31", "id": "S2", "client": "Client 2"},
        ),
        {"one_for_all": True},
        (RUN, LOWER, {**LOWER, "sub": "S2"}, FEBRUARY),
    ),
    Kind("purchase order", after=name_order),
    Kind(
        "licences on account",
        (),
        {"paid_by": "licences"},
        (FEBRUARY,),
        given={
            "ledger": {
                "partner": "Partner P",
                "billing": "on_account",
                "prices": [["2020-01-01", "100.00"]],
                "tax": "20",
                "entries": [
                    {
                        "number": 1,
                        "on": "2026-01-03",
                        "licences": "5",
                        "kind": "on_account",
                    },
                    {
                        "number": 2,
                        "on": "2026-01-20",
                        "licences": "2.53",
                        "kind": "on_account",
                    },
                ],
            }
        },
    ),
    Kind("nothing to pay", one(price="0.00"), {"zero": "invoice"}),
    Kind(
        "early payment discount",
        before=set_term(
            {"value": "percent", "value_amount": 100, "nb_days": 30},
            early_discount=True,
            discount_percentage=2,
            discount_days=8,
        ),
    ),
    Kind(
        "instalments",
        before=set_term(
            {"value": "percent", "value_amount": 50, "nb_days": 0},
            {"value": "percent", "value_amount": 50, "nb_days": 30},
        ),
    ),
    Kind("account of the seller", before=add_bank),
    Kind(
        "lines by hand in a draft",
        events=({**RUN, "draft": True},),
        after=correct_draft,
    ),
    Kind("remark", after=comment),
    Kind("long names and odd characters", one(module=EVIL), buyer="long"),
    Kind("contact below a company", before=add_contact),
    Kind("SIREN alone", buyer="siren"),
    Kind("VAT number alone", buyer="vat"),
    Kind("Réunion", one(tax="8.5"), buyer="reunion"),
    Kind("Guadeloupe", one(tax="8.5"), buyer="guadeloupe"),
    Kind("seller in Réunion", one(tax="8.5"), before=move_seller),
    Kind("foreign buyer, French tax", buyer="german"),
    Kind("private person", buyer="person"),
    Kind("paid", after=pay()),
    Kind("paid in part", after=pay(100)),
)
