"""What was billed in a month for the clients of a managing partner."""

from collections import defaultdict
from datetime import timedelta
from functools import cached_property
from typing import Any, NamedTuple

from odoo.fields import Domain
from odoo.tools import format_amount, format_date

from ..models.billing.subscription_statement_line import COUNTED
from .words import format_number

DAY = timedelta(days=1)
TAKING = ("renewal", "raise", "returned")


class RowKey(NamedTuple):
    """What a row of the summary is about."""

    # Empty: clients whom the user may not see any more.
    client: Any
    # Empty for what is billed otherwise than by a module.
    module: Any
    # What is billed where there is no module.
    what: str = ""


class PartnerSummary:
    """Reads what a user may see of the clients of a partner and of its resellers in one
    month: in as many queries for one client as for many.

    A statement counts in the month in which its days begin; one that was credited in
    full counts for nothing, and its invoice is listed with the credit note.
    """

    def __init__(self, partner, company, first, last):
        """Sum up what ``company`` billed from the day ``first`` to ``last``."""
        self.partner, self.company = partner, company
        self.first, self.last = first, last
        self.env = partner.env

    def _get_below(self, path):
        """Return the domain of records whose ``path`` leads to the partner or to who is
        below it."""
        # sudo: staff of a reseller may not read where it stands.
        top = self.partner.sudo().management_path
        return Domain(f"{path}.management_path", "=like", f"{top}%")

    # ------------------------------------------------------------------ sources

    @cached_property
    def statements(self):
        """The statements of the month that are not void."""
        owner = self._get_below("managing_partner_id") | (
            Domain("kind", "=", "on_account") & self._get_below("client_id")
        )
        return self.env["subscription.statement"].search(
            Domain("company_id", "=", self.company.id)
            & Domain("state", "!=", "void")
            & Domain("date_first", ">=", self.first)
            & Domain("date_first", "<=", self.last)
            & owner,
            order="date_first, id",
        )

    @cached_property
    def pools(self):
        """``{pool: contracted seats}`` on the last day, of what ran in the month."""
        changes = self.env["subscription.seat.change"].search(
            Domain("company_id", "=", self.company.id)
            & Domain("day", "<=", self.last)
            & self._get_below("client_id"),
            order="day, id",
        )
        seats = {change.pool_id: change.seats for change in changes}
        return {
            pool: number
            for pool, number in seats.items()
            if self._has_run(pool.subscription_id)
        }

    def _has_run(self, subscription):
        ends = filter(None, (subscription.date, subscription.closed_on))
        return min(ends, default=self.last) >= self.first

    @cached_property
    def entries(self):
        """What the licences of the partner and its resellers were taken for."""
        calendar = self.company._get_calendar()
        return self.env["subscription.licence.move"].search(
            Domain("company_id", "=", self.company.id)
            & Domain("kind", "in", (*TAKING, "on_account"))
            & Domain("date", ">=", calendar.get_start(self.first))
            & Domain("date", "<=", calendar.get_end(self.last))
            & self._get_below("partner_id"),
            order="date, id",
        )

    # ------------------------------------------------------------------ rows

    @cached_property
    def rows(self):
        """``{RowKey: figures}``, by clients and modules in their order."""
        rows = defaultdict(_make_figures)
        for pool, seats in self.pools.items():
            key = RowKey(pool.client_id, pool.module_id)
            rows[key]["contracted"] += seats
            rows[key]["is_unlimited"] |= pool.is_unlimited
        self._add_billed(rows)
        for entry in self.entries:
            figures = rows[self._get_entry_key(entry)]
            if entry.kind == "on_account":
                figures["on_account"] += entry.quantity
            else:
                figures["taken"] -= entry.quantity
        return {key: rows[key] for key in sorted(rows, key=_get_place)}

    def _add_billed(self, rows):
        counted = defaultdict(list)
        for line in self.statements.line_ids:
            key = RowKey(line.client_id, line.module_id, self._get_what(line))
            figures = rows[key]
            figures["invoices"][self._get_invoice_text(line.statement_id)] = True
            if line.statement_id.state == "valid":
                figures["amounts"][line.currency_id] += line.amount
                if (line.credited_line_id or line).kind in (*COUNTED, "manual"):
                    counted[key].append(line)
        for key, lines in counted.items():
            rows[key]["billed"] = get_highest(lines)

    def _get_invoice_text(self, statement):
        text = statement._get_invoice_text()
        if statement.state == "valid":
            return text
        return self.env._("%(invoice)s (credited)", invoice=text)

    def _get_what(self, line):
        """Return what ``line`` bills, where that is no module."""
        if line.module_id:
            return ""
        kind = (line.credited_line_id or line).kind
        # sudo: staff of partners reads no products.
        name = line.product_id.sudo().name
        return name if kind == "manual" else dict(line._get_choices("kind"))[kind]

    def _get_entry_key(self, entry):
        # The ledger stays when a client goes to another partner, its name does not.
        client = entry.client_id.sudo(False)
        if client and not client.has_access("read"):
            client = client.browse()
        elif not client:
            client = entry.partner_id
        return RowKey(client, entry.module_id)

    # ------------------------------------------------------------------ tables

    def get_columns(self):
        """Return the columns of the clients, as ``paper_table`` has them."""
        labels = {
            "name": (self.env._("Module"), "22%"),
            "contracted": (self.env._("Contracted"), "12%"),
            "billed": (self.env._("Billed"), "10%"),
            "taken": (self.env._("Licences taken"), "11%"),
            "on_account": (self.env._("On account"), "11%"),
            "invoices": (self.env._("Invoices"), "18%"),
            "amount": (self.env._("Amount without taxes"), "16%"),
        }
        return [
            {
                "name": name,
                "label": label,
                "width": width,
                "number": name not in ("name", "invoices"),
            }
            for name, (label, width) in labels.items()
        ]

    def get_rows(self):
        """Return the clients with their modules, as ``paper_table`` has rows."""
        found, section = [], None
        for key, figures in self.rows.items():
            if section != key.client:
                section = key.client
                found.append({"section": self._get_client_text(section)})
            found.append(self._get_row(key, figures))
        return found

    def _get_client_text(self, client):
        """Return the name of a client; of one of a reseller, with whose it is."""
        if not client:
            return self.env._("Former clients")
        manager = client.managing_partner_id
        if client == self.partner or manager == self.partner or not manager:
            return client.display_name
        return f"{client.display_name} ({manager.display_name})"

    def _get_row(self, key, figures):
        numbers = {
            name: format_number(self.env, figures[name]) if figures[name] else ""
            for name in ("contracted", "billed", "taken", "on_account")
        }
        if figures["is_unlimited"]:
            numbers["contracted"] = self.env._("Unlimited")
        return {
            **numbers,
            "name": key.module.name or key.what,
            "invoices": "\n".join(figures["invoices"]),
            "amount": self._format_amounts(figures["amounts"]),
        }

    def _format_amounts(self, amounts):
        return "\n".join(
            format_amount(self.env, amount, currency)
            for currency, amount in sorted(
                amounts.items(), key=lambda item: item[0].name
            )
        )

    def get_totals(self):
        """Return ``[(currency, amount without taxes)]`` of all that was billed."""
        totals = defaultdict(float)
        for figures in self.rows.values():
            for currency, amount in figures["amounts"].items():
                totals[currency] += amount
        return [
            (currency.name, format_amount(self.env, totals[currency], currency))
            for currency in sorted(totals, key=lambda one: one.name)
        ]

    # ------------------------------------------------------------------ invoices

    @cached_property
    def moves(self):
        """The invoices of the statements and the posted credit notes that take them
        back, as far as the user may read them."""
        # sudo: to find those that the user may read among them.
        moves = self.statements.sudo().move_id
        notes = moves.reversal_move_ids.filtered(lambda note: note.state == "posted")
        moves = (moves | notes).sudo(False)._filtered_access("read")
        return moves.sorted(lambda move: (move.currency_id.name, move.name or ""))

    def get_invoice_columns(self):
        """Return the columns of the invoices, as ``paper_table`` has them."""
        names = ("name", "date", "payer", "untaxed", "tax", "total")
        labels = (
            self.env._("Invoice"),
            self.env._("Date"),
            self.env._("Invoiced to"),
            self.env._("Without taxes"),
            self.env._("Taxes"),
            self.env._("Total"),
        )
        return [
            {
                "name": name,
                "label": label,
                "number": name in ("untaxed", "tax", "total"),
            }
            for name, label in zip(names, labels, strict=True)
        ]

    def get_invoices(self):
        """Return the invoices with a sum for each currency, as ``paper_table`` has
        rows; a credit note counts below zero."""
        found = []
        for currency, moves in self.moves.grouped("currency_id").items():
            sums = defaultdict(float)
            for move in moves:
                amounts = _get_amounts(move)
                for name, amount in amounts.items():
                    sums[name] += amount
                found.append(
                    {
                        "name": self._get_number(move),
                        "date": format_date(self.env, move.invoice_date),
                        "payer": move.partner_id.commercial_partner_id.name,
                        **self._format_all(amounts, currency),
                    }
                )
            total = self.env._("Total in %(currency)s", currency=currency.name)
            sums = self._format_all(sums, currency)
            found.append({"name": total, "is_sum": True, **sums})
        return found

    def _get_number(self, move):
        has_number = move.name and move.name != "/"
        return move.name if has_number else self.env._("Draft")

    def _format_all(self, amounts, currency):
        return {
            name: format_amount(self.env, amount, currency)
            for name, amount in amounts.items()
        }


def get_highest(lines):
    """Return the highest quantity that ``lines`` bill on one day: weeks do not add up,
    seats raised within the month do, and days that are credited count no more."""
    changes = defaultdict(float)
    for line in lines:
        changes[line.date_first] += line.quantity
        changes[line.date_last + DAY] -= line.quantity
    highest = number = 0
    for day in sorted(changes):
        number += changes[day]
        highest = max(highest, number)
    return highest


def _make_figures():
    return {
        "contracted": 0,
        "is_unlimited": False,
        "billed": 0,
        "taken": 0,
        "on_account": 0,
        "amounts": defaultdict(float),
        "invoices": {},
    }


def _get_amounts(move):
    sign = -1 if move.move_type == "out_refund" else 1
    return {
        "untaxed": sign * move.amount_untaxed,
        "tax": sign * move.amount_tax,
        "total": sign * move.amount_total,
    }


def _get_place(key):
    client, module = key.client, key.module
    return (
        not client,
        client.display_name or "",
        client.id or 0,
        not module,
        not module.is_base,
        module.sequence,
        module.name or key.what,
    )
