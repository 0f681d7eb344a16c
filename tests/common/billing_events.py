"""What happens in scenarios beside what happens in cases."""

from datetime import date

from odoo import Command, fields
from odoo.tools import SQL

from .billing_player import CasePlayer


def date_created(records):
    """Let ``records`` have been created now, by a clock that is frozen."""
    records.flush_recordset()
    records.env.cr.execute(
        SQL(
            "UPDATE %s SET create_date = %s WHERE id IN %s",
            SQL.identifier(records._table),
            fields.Datetime.now(),
            tuple(records.ids),
        )
    )
    records.invalidate_recordset(["create_date"])


class ScenarioPlayer(CasePlayer):
    """Plays one scenario of ``scenarios.json``."""

    def create_plan(self, given, pricelist):
        """Make the plan; one without an end, or that bills the tier above, if the
        scenario says so."""
        plan = super().create_plan(given, pricelist)
        said = self.given["plan"]
        if said.get("endless"):
            plan.recurring_rule_boundary = "unlimited"
        if said.get("payer"):
            plan.billing_payer = said["payer"]
        return plan

    def get_client(self, given):
        """Return the client; its manager may have one above."""
        client = super().get_client(given)
        if given.get("above"):
            client.managing_partner_id.managing_partner_id = self.get_partner(
                given["above"]
            )
        return client

    def start(self, given):
        """Start, with the lines that were made by hand."""
        for name, quantity, price in given.get("manual", ()):
            self.add_manual(given, name, quantity, price)
        super().start(given)

    def add_manual(self, given, name, quantity, price):
        tax = self.test.get_tax(self.company, 20.0, "tax_excluded")
        product = self.test.create_product(name, tax, lst_price=float(price))
        subscription = self.subscriptions[given["id"]]
        item = {"product_id": product.id, "product_uom_qty": quantity}
        subscription.sale_subscription_line_ids = [
            Command.create({**item, "price_unit": float(price)})
        ]

    # ------------------------------------------------------------------ events

    def do_close(self, event):
        """Close by hand."""
        subscription = self.get_subscription(event)
        if event.get("credit"):
            subscription._set({"credits_unused": True})
        subscription.close_subscription()

    def do_renew(self, event):
        """Renew, on this day: the database has another clock."""
        super().do_renew(event)
        renewals = self.get_subscription(event).renewal_ids
        date_created(renewals)

    def do_reopen(self, event):
        """Start what was closed."""
        self.get_subscription(event).action_start_subscription()

    def do_set_terms(self, event):
        """Agree to other terms."""
        self.get_subscription(event)._set_billing_terms(event["terms"])

    def do_change_partner(self, event):
        """Let another partner manage the client."""
        client = self.get_subscription(event).client_id
        client.managing_partner_id = self.get_partner(event["partner"])

    def get_statement(self, event):
        """Return the statement that is not void from the day that ``event`` names."""
        day = date.fromisoformat(event["period"])
        return self.get_subscription(event).statement_ids.filtered(
            lambda one: one.date_first == day and one.state != "void"
        )

    def do_delete(self, event):
        """Delete the draft of a period."""
        self.get_statement(event).move_id.unlink()

    def do_credit(self, event):
        """Credit the invoice of a period in full."""
        moves = self.get_statement(event).move_id
        moves._reverse_moves([{"invoice_date": date.today()}])
        moves.reversal_move_ids.action_post()

    def do_bill_anew(self, event):
        """Let a period be billed anew."""
        self.get_statement(event).action_bill_anew()

    # ------------------------------------------------------------------ results

    def count_statements(self):
        """Return how many periods were billed, with an invoice or without."""
        statements = self.env["subscription.statement"]
        ids = [one.id for one in self.subscriptions.values()]
        return statements.search_count(
            [("subscription_id", "in", ids), ("state", "!=", "void")]
        )
