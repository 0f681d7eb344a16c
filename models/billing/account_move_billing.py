from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class AccountMove(models.Model):
    """Invoices that statements prove."""

    _inherit = "account.move"

    statement_ids = fields.One2many(
        "subscription.statement", "move_id", string="Billing Statements"
    )

    # An index of this addon, which goes with it.
    _of_subscription = models.Index(
        "(subscription_id) WHERE subscription_id IS NOT NULL"
    )

    def _get_billed_lines(self):
        """Return the product lines of this invoice in their order."""
        lines = self.invoice_line_ids.filtered(
            lambda line: line.display_type == "product"
        )
        return lines.sorted(lambda line: (line.sequence, line.id))

    def unlink(self):
        """Delete invoices; what they billed is billed anew."""
        statements = self.sudo().statement_ids
        credited = self.sudo().reversed_entry_id - self
        result = super().unlink()
        statements._void()
        credited._note_credited()
        return result

    def button_cancel(self):
        """Cancel invoices; what they billed is billed anew."""
        result = super().button_cancel()
        self.sudo().statement_ids._void()
        self.reversed_entry_id._note_credited()
        return result

    def button_draft(self):
        """Set invoices to draft; their statements stay.

        :raise UserError: when what one billed was freed by cancelling it
        """
        void = self.sudo().statement_ids.filtered(lambda one: one.state == "void")
        if void:
            raise UserError(
                self.env._(
                    "%(invoices)s: it was cancelled, so its periods are billed anew and"
                    " it stays cancelled.",
                    invoices=", ".join(void.move_id.mapped("display_name")),
                )
            )
        result = super().button_draft()
        self.reversed_entry_id._note_credited()
        return result

    def _post(self, soft=True):
        """Post invoices.

        :raise UserError: when a line is not what its statement says
        """
        self._verify_statements()
        posted = super()._post(soft=soft)
        posted.reversed_entry_id._note_credited()
        return posted

    def _verify_statements(self):
        """:raise UserError: naming those of these invoices on which the lines of their
        statements were changed or deleted; further lines may stand on them"""
        wrong = self._find_altered()
        if wrong:
            raise UserError(
                self.env._(
                    "%(invoices)s: lines differ from the statement, which proves what"
                    " was billed. Put them back, add a line with the reason of the"
                    " correction, or cancel the invoice: then it is billed anew.",
                    invoices=", ".join(wrong.mapped("display_name")),
                )
            )

    def _find_altered(self):
        """Return those of these whose lines differ from their valid statements."""
        if not self.ids:
            return self
        # In SQL: invoices are posted in batches, and few have statements.
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT statement.move_id
                  FROM subscription_statement statement
                  JOIN subscription_statement_line line
                    ON line.statement_id = statement.id
                  LEFT JOIN account_move_line billed ON billed.id = line.move_line_id
                 WHERE statement.move_id IN %s AND statement.state <> 'void'
                   AND (billed.id IS NULL
                        OR abs(billed.quantity) <> abs(line.quantity)
                        OR billed.discount <> line.discount
                        OR abs(abs(billed.price_subtotal) - abs(line.amount)) > 0.00001)
                """,
                tuple(self.ids),
                to_flush=self.env["account.move.line"]._fields["price_subtotal"],
            )
        )
        return self.browse(row[0] for row in rows)

    def _note_credited(self):
        """Mark the statements of those of these that credit notes took back in full,
        and no more those whose credit notes were cancelled."""
        for move in self.sudo().filtered("statement_ids"):
            notes = move.reversal_move_ids.filtered(lambda note: note.state == "posted")
            credited = sum(notes.mapped("amount_untaxed"))
            missing = move.currency_id.compare_amounts(credited, move.amount_untaxed)
            was, state = "credited", "valid"
            if notes and missing >= 0:
                was, state = state, was
            changed = move.statement_ids.filtered(lambda one, was=was: one.state == was)
            changed._set({"state": state})
            changed.subscription_id._plan_billing()

    def action_view_statements(self):
        """Open the statements of this invoice."""
        self.ensure_one()
        return self._open_action(
            "subscription_statement_action", domain=[("move_id", "=", self.id)]
        )
