from markupsafe import Markup

from odoo import models
from odoo.tools import format_amount, formatLang

from .words import format_number, format_span

ROW_FIELDS = ("line_id", "holder", "email", "role", "team", "days", "quantity", "note")
BOLD = Markup("<strong>%s</strong>")
NOTED = Markup('%s <span class="o_paper_quiet">%s</span>')


class SubscriptionStatement(models.Model):
    """A statement as a document, and as the annex of its invoice."""

    _inherit = "subscription.statement"

    def _get_paper_lang(self):
        """Return the language of the document: that of the payer, for whom the lines
        were written."""
        # sudo: whoever reads a statement need not know who pays.
        return self.sudo().payer_id.lang or self.env.lang

    def _get_paper_buyer(self):
        """Return whose address the statement bears: the payer's; the client's where the
        user may not know who pays."""
        payer = self.payer_id.sudo(False)
        return payer if payer.has_access("read") else self.client_id

    def _get_paper_facts(self):
        """Return ``[(label, value)]`` of what stands above the lines."""
        choices = {
            name: dict(self._get_choices(name)) for name in ("kind", "basis", "state")
        }
        is_shown = self.state != "valid"
        return [
            (self.env._("Client"), self.client_id.display_name),
            (self.env._("Subscription"), self.subscription_id.name),
            (
                self.env._("Service period"),
                format_span(self.env, self.date_first, self.date_last),
            ),
            (self.env._("Kind"), choices["kind"][self.kind]),
            (self.env._("What is counted"), choices["basis"].get(self.basis)),
            (self.env._("Invoice"), self._get_invoice_text()),
            (self.env._("State"), is_shown and choices["state"][self.state]),
        ]

    def _get_invoice_text(self):
        if not self.move_id:
            return self.env._("No invoice")
        # A draft has no number yet.
        has_number = self.move_name and self.move_name != "/"
        return self.move_name if has_number else self.env._("Draft")

    # ------------------------------------------------------------------ lines

    def _get_paper_columns(self):
        """Return the columns of the lines, as ``paper_table`` has them."""
        columns = [
            {"name": "name", "label": self.env._("Description"), "width": "48%"},
            {"name": "quantity", "label": self.env._("Quantity"), "width": "13%"},
            {"name": "price", "label": self.env._("Unit price"), "width": "15%"},
            {"name": "amount", "label": self.env._("Amount"), "width": "24%"},
        ]
        if any(self.line_ids.mapped("discount")):
            columns[3]["width"] = "14%"
            discount = {"name": "discount", "label": self.env._("Discount")}
            columns.insert(3, {**discount, "width": "10%"})
        return [columns[0], *({**column, "number": True} for column in columns[1:])]

    def _get_paper_lines(self):
        """Return the lines, as ``paper_table`` has rows."""
        digits = self.env["decimal.precision"].precision_get("Product Price")
        return [
            {
                "name": line.name,
                "quantity": format_number(self.env, line.quantity),
                "price": formatLang(self.env, line.price_unit, digits=digits),
                "discount": line.discount
                and f"{format_number(self.env, line.discount)}\N{NO-BREAK SPACE}%",
                "amount": format_amount(self.env, line.amount, self.currency_id),
            }
            for line in self.line_ids
        ]

    # ------------------------------------------------------------------ rows

    def _get_holder_columns(self):
        """Return the columns of the holders, as ``paper_table`` has them."""
        has_teams = self.basis == "members" and any(self.row_ids.mapped("team"))
        widths = (26, 30, 16, 13, 6, 9) if has_teams else (31, 36, 18, 0, 6, 9)
        names = ("holder", "email", "role", "team", "days", "quantity")
        labels = (
            self.env._("Holder"),
            self.env._("E-mail"),
            self.env._("Role"),
            self.env._("Team"),
            self.env._("Days"),
            self.env._("Quantity"),
        )
        return [
            {
                "name": name,
                "label": label,
                "width": f"{width}%",
                "number": name in ("days", "quantity"),
            }
            for name, label, width in zip(names, labels, widths, strict=True)
            if width
        ]

    def _get_holders(self):
        """Return who is billed, as ``paper_table`` has rows: a section for each line
        that has holders. The quantities of a section add up to that of its line."""
        rows = self.env["subscription.statement.row"].search_fetch(
            [("statement_id", "in", self.ids)], ROW_FIELDS
        )
        by_line = rows.grouped("line_id")
        words = self._get_row_words()
        found = []
        for line in self.line_ids.filtered(lambda line: line in by_line):
            total = format_number(self.env, line.quantity)
            found.append({"section": line.name, "total": total})
            found += self._get_line_holders(line, by_line[line], words)
        return found

    def _get_line_holders(self, line, rows, words):
        """Return the rows of ``line``: holders, then how many seats nobody had."""
        free = rows.filtered(lambda row: row.note == "unassigned")
        if line.kind == "teams":
            # A team, then its members.
            rows = rows.sorted(lambda row: (row.team or "", row.holder or "", row.id))
        found = [self._get_holder(row, words) for row in rows - free]
        if not free:
            return found
        seats = sum(free.mapped("quantity"))
        return [
            *found,
            {
                "holder": self._get_free_text(seats),
                "days": free[0].days,
                "quantity": format_number(self.env, seats),
            },
        ]

    def _get_free_text(self, seats):
        if seats == 1:
            return self.env._("1 seat not assigned")
        number = format_number(self.env, seats)
        return self.env._("%(count)s seats not assigned", count=number)

    def _get_holder(self, row, words):
        name = row.holder or BOLD % (row.team or "")
        # That it is a member's row is plain below its team.
        if row.note and row.note != "team member":
            name = NOTED % (name, words[row.note])
        return {
            "holder": name,
            "email": row.email or "",
            "role": words[row.role],
            "team": row.team or "",
            "days": row.days,
            "quantity": format_number(self.env, row.quantity),
        }

    def _get_row_words(self):
        """Return a dictionary of words that rows keep, each in the language of this
        environment: roles by their names in any language, notes by their codes."""
        notes = self.env["subscription.statement.row"]._fields["note"]
        words = _Words(notes._description_selection(self.env))
        # sudo: names of roles are no secret, and which language was used is long past.
        roles = self.env["subscription.member.role"].sudo()
        roles = roles.with_context(active_test=False).search_fetch([], ["name"])
        for lang, _name in self.env["res.lang"].get_installed():
            for role, other in zip(roles, roles.with_context(lang=lang), strict=True):
                words.setdefault(other.name, role.name)
        return words


class _Words(dict):
    """Words in the language of a document; what has no translation stays."""

    def __missing__(self, word):
        return word or ""
