"""Random invoices for tests, and what is compared of them."""

from odoo import Command

# What tells two moves apart that are the same: when they were made, and secrets.
NOT_COMPARED = {"access_token", "create_date", "id", "write_date"}
# Ids of what is made with a move differ: that there is one is compared.
MADE_WITH = ("account.analytic.line", "account.move.line")
PRICES = (0.0, 0.01, 1.0, 7.77, 9.99, 19.9, 33.335, 120.0, 1234.56)
QUANTITIES = (0.0, 0.33, 1.0, 2.5, 3.0, 7.0, 17.0, 1000.0)
DISCOUNTS = (5.0, 12.5, 33.33, 100.0)
DATES = (False, "2016-03-31", "2017-02-28", "2024-02-29")
TEXTS = ("line_section", "line_subsection", "line_note")


def read_moves(moves):
    """Return what is stored of ``moves``, their lines and what these made: three lists
    of dictionaries, for each move in the order in which it was made."""
    places = {move: place for place, move in enumerate(moves.ids)}
    lines = moves.line_ids.sorted(lambda line: (places[line.move_id.id], line.id))
    analytic = lines.analytic_line_ids.sorted(lambda one: (one.move_line_id.id, one.id))
    analytic = analytic.sorted(lambda one: places[one.move_line_id.move_id.id])
    return [_read_stored(records, places) for records in (moves, lines, analytic)]


def _read_stored(records, places):
    """Return the stored values of ``records``; a move is told by its place."""
    records.env.flush_all()
    records.env.invalidate_all()
    # Prefetched together: lines found through their moves no longer are.
    records = records.browse(records.ids)
    fields = [
        field
        for name, field in records._fields.items()
        if field.store and field.type != "one2many" and name not in NOT_COMPARED
    ]
    return [
        {field.name: _read(field, record, places) for field in fields}
        for record in records
    ]


def _read(field, record, places):
    value = record[field.name]
    if not field.relational:
        return value
    if field.comodel_name == "account.move":
        return [places.get(id_) for id_ in value.ids]
    return bool(value) if field.comodel_name in MADE_WITH else value.ids


def build_taxes(case):
    """Return ``{name: tax}`` of one tax of each kind, with tags of its own.

    :param case: a class of tests with a chart of accounts
    """
    account = case.company_data["default_account_tax_sale"]

    def build_lines(name, factors):
        tags = case.env["account.account.tag"].create(
            [
                {"name": f"{name} {part}", "applicability": "taxes"}
                for part in ("base", *map(str, factors))
            ]
        )
        base = {"repartition_type": "base", "tag_ids": [Command.set(tags[0].ids)]}
        parts = [
            {
                "repartition_type": "tax",
                "factor_percent": factor,
                "account_id": place != 1 and account.id,
                "tag_ids": [Command.set(tag.ids)],
            }
            for place, (factor, tag) in enumerate(zip(factors, tags[1:], strict=True))
        ]
        return [Command.create(vals) for vals in (base, *parts)]

    def build(name, amount, *, factors=(100,), **vals):
        return case.env["account.tax"].create(
            {
                "name": name,
                "amount": amount,
                "type_tax_use": "sale",
                "company_id": case.company.id,
                "invoice_repartition_line_ids": build_lines(name, factors),
                "refund_repartition_line_ids": build_lines(f"{name} back", factors),
                **vals,
            }
        )

    included = {"price_include_override": "tax_included"}
    fixed = {"amount_type": "fixed"}
    transition = case.copy_account(account, {"reconcile": True})
    children = build("child", 5, sequence=3) | build("child fixed", 0.25, **fixed)
    return {
        "excluded": build("excluded", 20),
        "excluded low": build("excluded low", 5.5, sequence=2),
        "included": build("included", 20, **included),
        "included low": build("included low", 10, sequence=4, **included),
        "division": build("division", 10, amount_type="division", sequence=5),
        "fixed": build("fixed", 0.35, **fixed),
        "zero": build("zero", 0),
        "reverse charge": build("reverse charge", 20, factors=(100, -100)),
        "in parts": build("in parts", 19.6, factors=(33.33, 66.67)),
        "before others": build("before", 3, sequence=0, include_base_amount=True),
        "analytic": build("analytic", 7, analytic=True),
        "on payment": build(
            "on payment",
            20,
            tax_exigibility="on_payment",
            cash_basis_transition_account_id=transition.id,
        ),
        "group": case.env["account.tax"].create(
            {
                "name": "group",
                "amount_type": "group",
                "type_tax_use": "sale",
                "company_id": case.company.id,
                "children_tax_ids": [Command.set(children.ids)],
            }
        ),
    }


class MoveDrawer:
    """Draws the values of customer invoices and credit notes."""

    def __init__(self, case, rng, seen):
        """
        :param case: the test; what is drawn from are its attributes
        :param rng: a :class:`random.Random`
        :param seen: a counter of what was drawn
        """
        self.case = case
        self.rng = rng
        self.seen = seen

    def pick(self, kind, options):
        """Draw one of ``{name: value}``, and count it."""
        name = self.rng.choice(list(options))
        self.seen[f"{kind}: {name}"] += 1
        return options[name]

    def happens(self, name, chance):
        drawn = self.rng.random() < chance
        self.seen[name] += drawn
        return drawn

    def draw_move(self):
        """Return the values of a move."""
        case = self.case
        partner = self.pick("partner", case.partners)
        vals = {
            "move_type": self.pick("type", case.move_types),
            "company_id": case.company.id,
            "partner_id": partner.id,
            "partner_shipping_id": partner.id,
            "journal_id": case.company_data["default_journal_sale"].id,
            "currency_id": self.pick("currency", case.currencies).id,
            "invoice_date": self.rng.choice(DATES),
            "invoice_payment_term_id": self.pick("terms", case.terms).id,
            "fiscal_position_id": self.pick("position", case.positions).id,
            "ref": self.rng.choice((False, "PO 1", "PO 2")),
            "narration": self.rng.choice((False, "<p>Thank you</p>")),
            "invoice_line_ids": self.draw_lines(),
        }
        self.spoil(vals)
        return vals

    def draw_lines(self):
        lines = []
        for _number in range(self.rng.choice((1, 2, 3, 3, 8))):
            if self.happens("text", 0.2):
                kind = self.rng.choice(TEXTS)
                lines.append({"display_type": kind, "name": f"A {kind}"})
            lines.append(self.draw_line())
        if self.happens("sequence", 0.3):
            for number, line in enumerate(lines):
                line["sequence"] = number
        return [Command.create(line) for line in lines]

    def draw_line(self):
        rng = self.rng
        product = rng.choice(self.case.products)
        names = rng.sample(list(self.case.taxes), rng.choice((0, 1, 1, 2, 3)))
        self.seen.update(f"tax: {name}" for name in names or ["none"])
        taxes = [self.case.taxes[name].id for name in names]
        sign = -1 if self.happens("negative quantity", 0.15) else 1
        return {
            "product_id": product.id,
            "product_uom_id": product.uom_id.id,
            "name": f"{product.name} November",
            "quantity": sign * rng.choice(QUANTITIES),
            "price_unit": rng.choice(PRICES),
            "discount": rng.choice(DISCOUNTS) if self.happens("discount", 0.3) else 0.0,
            "tax_ids": [Command.set(taxes)],
            "account_id": rng.choice(self.case.accounts).id,
            "analytic_distribution": self.pick("analytic", self.case.distributions),
        }

    def spoil(self, vals):
        """Now and then, ask for something that has to take the ordinary path."""
        if not self.happens("spoilt", 0.1):
            return
        line = self.rng.choice(
            [line for _c, _i, line in vals["invoice_line_ids"] if "tax_ids" in line]
        )
        name = self.rng.choice(
            ("rounding", "links", "balance", "analytic", "account", "tax", "currency")
        )
        self.seen[f"spoilt: {name}"] += 1
        if name == "rounding":
            vals["invoice_cash_rounding_id"] = self.case.cash_rounding_a.id
        elif name == "links":
            ids = line["tax_ids"][0][2]
            line["tax_ids"] = [Command.link(id_) for id_ in ids] or [Command.clear()]
        elif name == "balance":
            line["balance"] = 12.0
        elif name == "currency":
            del vals["currency_id"]
        else:
            names = {"analytic": "analytic_distribution", "account": "account_id"}
            del line[names.get(name, "tax_ids")]
