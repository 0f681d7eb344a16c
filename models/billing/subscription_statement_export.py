from typing import NamedTuple
from uuid import uuid4

from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..core.table_files import MIME_TYPES, WRITERS

# Rows that are read at a time.
CHUNK = 2000
# What :meth:`_get_export_query` selects, in its order.
COLUMNS = (
    *("invoice", "client", "first", "last", "module", "team", "holder", "email"),
    *("role", "days", "quantity", "note", "kind", "price_unit", "discount"),
    *("currency_id", "state", "line_id", "line_quantity", "line_amount", "row_id"),
)


class Billed(NamedTuple("Billed", [(name, object) for name in COLUMNS])):
    """A row of a statement, or a line that has none, with what stands on its line."""

    def get_share(self, done):
        """Return the part of the line's amount up to ``done`` units of it."""
        if not self.line_quantity:
            return self.line_amount
        return self.line_amount * done / self.line_quantity


class SubscriptionStatement(models.Model):
    """Exporting whom statements bill. The back office and the portal call the same
    methods, the portal as superuser with the clients of its user."""

    _inherit = "subscription.statement"

    # ------------------------------------------------------------------ what is asked

    @api.model
    def _get_export_domain(
        self, statements=None, client=None, partner=None, month=None
    ):
        """Return the domain of the statements that are exported.

        :param statements: these alone
        :param client: those of this client
        :param partner: those of clients that this partner, or one below it, managed
            when they were billed
        :param month: a day: those that bill days of its month
        """
        domain = Domain("state", "!=", "void")
        if statements is not None:
            domain &= Domain("id", "in", statements.ids)
        if client:
            domain &= Domain("client_id", "=", client.commercial_partner_id.id)
        if partner:
            below = Domain("managing_partner_id", "=", partner.id)
            if path := partner.management_path:
                below |= Domain(
                    "managing_partner_id.management_path", "=like", f"{path}%"
                )
            domain &= below
        if month:
            first = month.replace(day=1)
            after = first + relativedelta(months=1)
            domain &= Domain("date_first", "<", after) & Domain(
                "date_last", ">=", first
            )
        return domain

    @api.model
    def _get_export_name(self, statements=None, client=None, partner=None, month=None):
        """Return what the file is called, without what stands after the dot."""
        parts = [self.env._("Billed holders")]
        if statements is not None and len(statements) == 1:
            parts.append(statements.display_name)
        parts += [one.display_name for one in (client, partner) if one]
        if month:
            parts.append(format_date(self.env, month, date_format="yyyy-MM"))
        return " - ".join(parts).replace("/", "-")

    # ------------------------------------------------------------------ files

    @api.model
    def _write_export(self, domain, file_format, file):
        """Write the billed holders of the statements of ``domain`` to a binary file.

        :param str file_format: ``csv`` or ``xlsx``
        :raise UserError: when it is another one
        :raise AccessError: when the user reads no statements
        """
        if file_format not in WRITERS:
            raise UserError(
                self.env._(
                    "%(format)s: billed holders are exported as csv or xlsx.",
                    format=file_format,
                )
            )
        rows = self._export_billed(domain)
        WRITERS[file_format](file, self._get_export_heads(), rows)

    @api.model
    def _get_export_type(self, file_format):
        return MIME_TYPES[file_format]

    @api.model
    def _get_export_heads(self):
        """Return the heads of the columns, in the language of the reader."""
        return [
            self.env._("Invoice"),
            self.env._("Client"),
            self.env._("First Day"),
            self.env._("Last Day"),
            self.env._("Module"),
            self.env._("Team"),
            self.env._("Holder"),
            self.env._("E-mail"),
            self.env._("Role"),
            self.env._("Days"),
            self.env._("Quantity"),
            self.env._("Note"),
            self.env._("Unit Price"),
            self.env._("Discount (%)"),
            self.env._("Amount"),
            self.env._("Currency"),
            self.env._("Status"),
        ]

    # ------------------------------------------------------------------ rows

    @api.model
    def _export_billed(self, domain):
        """Return an iterator over the rows of the statements of ``domain`` that the
        user may read, none of void ones: lists as :meth:`_get_export_heads` has them.

        It holds some rows at a time, and ends with the transaction. The amounts of the
        rows of a line add up to that of the line.

        :raise AccessError: when the user reads no statements
        """
        for model in ("subscription.statement.line", "subscription.statement.row"):
            self.env[model].check_access("read")
        statements = self._search(Domain(domain) & Domain("state", "!=", "void"))
        self.env.flush_all()
        return self._iter_export(self._get_export_query(statements))

    @api.model
    def _get_export_query(self, statements):
        """Return the query of ``COLUMNS``. Lines and rows are read by whoever reads
        their statement: they have its client and company."""
        # Raw SQL, by a cursor of the database: the ORM would hold all rows.
        return SQL(
            """
            SELECT COALESCE(NULLIF(move.name, '/'), ''), client.name,
                   line.date_first, line.date_last,
                   COALESCE(billed.module, %(module)s, %(product)s), billed.team,
                   billed.holder, billed.email, billed.role,
                   COALESCE(billed.days, line.days),
                   COALESCE(billed.quantity, line.quantity), billed.note, line.kind,
                   line.price_unit, COALESCE(line.discount, 0), line.currency_id,
                   statement.state, line.id, line.quantity, COALESCE(line.amount, 0),
                   billed.id
              FROM subscription_statement statement
              JOIN subscription_statement_line line ON line.statement_id = statement.id
              JOIN res_partner client ON client.id = statement.client_id
              LEFT JOIN subscription_statement_row billed ON billed.line_id = line.id
              LEFT JOIN account_move move ON move.id = statement.move_id
              LEFT JOIN subscription_module module ON module.id = line.module_id
              LEFT JOIN product_product variant
                ON variant.id = line.product_id AND line.kind = 'manual'
              LEFT JOIN product_template product ON product.id = variant.product_tmpl_id
             WHERE statement.id IN %(statements)s
             ORDER BY client.name, client.id, statement.date_first, statement.id,
                      line.id, billed.quantity DESC, billed.team, billed.holder,
                      billed.id
            """,
            module=self.env["subscription.module"]._field_to_sql("module", "name"),
            product=self.env["product.template"]._field_to_sql("product", "name"),
            statements=statements.subselect(),
        )

    @api.model
    def _fetch_export(self, query):
        """Yield the ``Billed`` of ``query``, a chunk at a time."""
        name = SQL.identifier(f"statement_export_{uuid4().hex}")
        self.env.cr.execute(SQL("DECLARE %s NO SCROLL CURSOR FOR %s", name, query))
        fetch = SQL("FETCH %s FROM %s", CHUNK, name)
        while rows := self.env.execute_query(fetch):
            yield from map(Billed._make, rows)
        # Where somebody stops before, the end of the transaction closes it.
        self.env.cr.execute(SQL("CLOSE %s", name))

    @api.model
    def _iter_export(self, query):
        notes = self._get_export_notes()
        states = dict(self._get_choices("state"))
        line_id = done = None
        # sudo: who reads an amount is told its currency.
        currencies = self.env["res.currency"].sudo()
        for one in self._fetch_export(query):
            if one.line_id != line_id:
                line_id, done = one.line_id, 0
            currency = currencies.browse(one.currency_id)
            before, done = done, done + one.quantity
            # Shares of what was billed so far, so that no cent is lost or added.
            until = currency.round(one.get_share(before)) if before else 0
            amount = currency.round(currency.round(one.get_share(done)) - until)
            note = notes.get(one.note if one.row_id else one.kind, "")
            yield [
                *one[:11],
                note,
                *(one.price_unit, one.discount, amount, currency.name),
                states[one.state],
            ]

    @api.model
    def _get_export_notes(self):
        """Return ``{note of a row, or kind of a line that has no rows: text}``."""
        return {
            **dict(self.env["subscription.statement.line"]._get_choices("kind")),
            **dict(self.env["subscription.statement.row"]._get_choices("note")),
        }
