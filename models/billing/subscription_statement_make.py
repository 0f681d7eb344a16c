from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL

from ...counting import HolderRequest
from .invoice_builder import InvoiceBuilder, has_invoice
from .subscription_statement_line import COUNTED

# What rows name that has a name in each language.
TRANSLATED = {"role": "subscription.member.role", "module": "subscription.module"}
ROW_FIELDS = (
    *("line_id", "statement_id", "client_id", "company_id", "member_id", "holder"),
    *("email", "role", "module", "team", "days", "quantity", "note"),
)


class SubscriptionStatement(models.Model):
    """How statements and their invoices are made, in one transaction."""

    _inherit = "subscription.statement"

    @api.model
    def _make(self, plans):
        """Make the statements and invoices of ``plans``, all of one company, and post
        the invoices where the company wants that.

        Invoices are posted last: the lock on their numbers is held from the first
        number to the commit.

        :param plans: ``Planned``
        :return: the statements, and how many invoices took Odoo's ordinary path
        """
        company = plans[0].subscription.company_id
        builder = InvoiceBuilder(company)
        groups = defaultdict(list)
        for plan in plans:
            key = (
                builder.get_group_key(plan) if has_invoice(plan) else plan.subscription
            )
            groups[has_invoice(plan), key].append(plan)
        # sudo: the job, and whoever bills early, make invoices of all kinds.
        moves = self.env["account.move"].sudo().with_company(company)
        invoiced = [some for (billed, _key), some in groups.items() if billed]
        made, ordinary = moves._create_batch([builder.build(some) for some in invoiced])
        found = {id(some): move for some, move in zip(invoiced, made, strict=True)}
        statements = self.sudo()._add_statements(
            [(plan, found.get(id(some))) for some in groups.values() for plan in some]
        )
        if company.billing_mode == "post":
            made.with_context(posted_together=True)._post(soft=False)
        return statements, ordinary

    # ------------------------------------------------------------------ statements

    @api.model
    def _add_statements(self, made):
        """Add the statements of ``made``, pairs of ``Planned`` and its invoice."""
        numbers = self._get_numbers([plan for plan, _move in made])
        statements = self._add(
            [
                self._prepare_statement(plan, move, number)
                for (plan, move), number in zip(made, numbers, strict=True)
            ]
        )
        lines = self._add_lines(list(zip(statements, made, strict=True)))
        self._insert_rows(lines)
        return statements

    @api.model
    def _get_numbers(self, plans):
        """Return the number of the statement of each of ``plans``: 1 unless the same
        was billed before, and credited or followed by more of the day."""
        before = self._read_group(
            [
                ("subscription_id", "in", [plan.subscription.id for plan in plans]),
                ("state", "!=", "void"),
            ],
            ["subscription_id", "kind", "date_first:day"],
            ["number:max"],
        )
        last = {tuple(key): number for *key, number in before}
        numbers = []
        for plan in plans:
            key = plan.subscription, plan.kind, plan.span.first
            last[key] = last.get(key, 0) + 1
            numbers.append(last[key])
        return numbers

    @api.model
    def _prepare_statement(self, plan, move, number):
        record = plan.subscription
        return {
            "kind": plan.kind,
            "subscription_id": record.id,
            "client_id": record.client_id.id,
            "payer_id": plan.payer.id,
            "managing_partner_id": record.managing_partner_id.id,
            "company_id": record.company_id.id,
            "currency_id": record.currency_id.id,
            "date_first": plan.span.first,
            "date_last": plan.span.last,
            "number": number,
            "basis": plan.row.billing_basis,
            "move_id": move and move.id,
        }

    # ------------------------------------------------------------------ lines

    @api.model
    def _add_lines(self, made):
        """Add the lines of ``made``: ``(statement, (Planned, invoice))``. Return pairs
        of line and ``Priced``."""
        places = {}
        values, priced = [], []
        for statement, (plan, move) in made:
            for line in plan.lines:
                move_line = self.env["account.move.line"]
                if move:
                    if move not in places:
                        places[move] = iter(move._get_billed_lines())
                    move_line = next(places[move])
                values.append(self._prepare_line(statement, plan, line, move_line))
                priced.append(line)
        lines = self.env["subscription.statement.line"]._add(values)
        return list(zip(lines, priced, strict=True))

    @api.model
    def _prepare_line(self, statement, plan, line, move_line):
        owed = line.owed
        record = plan.subscription
        amount = record.currency_id.round(line.amount)
        if move_line:
            sign = -1 if move_line.move_id.move_type == "out_refund" else 1
            amount = sign * move_line.price_subtotal
        return {
            "name": move_line.name or record._get_what(owed),
            "statement_id": statement.id,
            "subscription_id": record.id,
            "kind": owed.kind,
            "reason": owed.reason,
            "pool_id": owed.pool.id,
            "module_id": owed.pool.module_id.id,
            "product_id": line.product.id,
            "source_line_id": owed.source and owed.source.id,
            "credited_line_id": owed.credited and owed.credited.id,
            "date_first": owed.span.first,
            "date_last": owed.span.last,
            "days": owed.days,
            "of_days": owed.period.of_days,
            "quantity": owed.quantity,
            "price_full": line.price_full,
            "price_unit": line.price_unit,
            "discount": line.discount,
            "amount": amount,
            "move_line_id": move_line.id,
        }

    # ------------------------------------------------------------------ rows

    @api.model
    def _insert_rows(self, made):
        """Insert the rows of ``made``, pairs of line and ``Priced``."""
        made = [(line, one.owed) for line, one in made if line.kind in COUNTED]
        now = fields.Datetime.now()
        seats = [(line, owed) for line, owed in made if owed.kind == "contracted"]
        found = self.env["sale.subscription"]._get_holder_rows(
            [
                HolderRequest(
                    owed.pool, *owed.span, owed.base, owed.quantity, owed.is_top, now
                )
                for _line, owed in seats
            ]
        )
        rows = dict(zip([line for line, _owed in seats], found, strict=True))
        rows = {line: rows.get(line, owed.rows) for line, owed in made}
        words = self._get_payer_words(rows)
        self._insert_row_values(
            [
                (
                    line.id,
                    line.statement_id.id,
                    line.client_id.id,
                    line.company_id.id,
                    *(
                        words[line.statement_id.payer_id.lang].get(
                            (name, row[name]), row[name]
                        )
                        or None
                        for name in ROW_FIELDS[4:10]
                    ),
                    row["days"],
                    row["quantity"],
                    row["note"] or None,
                )
                for line in rows
                for row in rows[line]
            ]
        )

    @api.model
    def _get_payer_words(self, rows):
        """Return ``{language: {(field, word): its translation}}`` for the roles and
        modules of ``rows``, ``{line: rows}``: they are in the language of the payer,
        as the invoice is."""
        languages = {line.statement_id.payer_id.lang for line in rows}
        languages -= {self.env.lang or "en_US", False}
        words = defaultdict(dict)
        for field, model in TRANSLATED.items() if languages else ():
            names = {row[field] for found in rows.values() for row in found}
            named = self.env[model].with_context(active_test=False)
            named = named.search([("name", "in", list(names))])
            for lang in languages:
                others = named.with_context(lang=lang)
                for own, other in zip(named, others, strict=True):
                    words[lang][field, own.name] = other.name
        return words

    @api.model
    def _insert_row_values(self, values):
        """Insert rows of statements by one statement: there are many, and nothing of
        them is computed.

        :param values: tuples of the values of ``ROW_FIELDS``
        """
        if not values:
            return
        self.env["subscription.statement.line"].flush_model()
        model = self.env["subscription.statement.row"]
        # An array for each column: a placeholder for each value takes far longer.
        columns = [
            SQL("%s::%s[]", list(column), SQL(model._fields[name].column_type[0]))
            for name, column in zip(ROW_FIELDS, zip(*values, strict=True), strict=True)
        ]
        self.env.execute_query(
            SQL(
                "INSERT INTO subscription_statement_row"
                " (%s, create_uid, create_date, write_uid, write_date)"
                " SELECT made.*, %s, now() AT TIME ZONE 'UTC',"
                " %s, now() AT TIME ZONE 'UTC' FROM unnest(%s) made RETURNING id",
                SQL(", ").join(map(SQL.identifier, ROW_FIELDS)),
                self.env.uid,
                self.env.uid,
                SQL(", ").join(columns),
            )
        )
        model.invalidate_model()
