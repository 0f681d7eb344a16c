"""Accounts, payments, credit notes, mailboxes, and what did not arrive."""

from odoo import Command

# Who pays late, or not at all.
LATE = ("client_aubepine", "reseller_garrigue")
# Companies that are billed, and have the numbers of French companies: invented ones,
# which no register gives.
NUMBERED = (
    *("partner_nord", "partner_sud", "reseller_littoral", "reseller_garrigue"),
    *("client_vasseur", "client_elan", "client_coop", "client_aubepine"),
)


def invent_siren(number):
    """Return a SIREN of the form 000 00x xxx with the right last digit."""
    digits = f"{number:08d}"
    total = sum(
        sum(divmod(int(digit) * 2, 10)) if place % 2 else int(digit)
        for place, digit in enumerate(digits)
    )
    return f"{digits}{-total % 10}"


class AccountsScene:
    """What invoices need, and what becomes of them."""

    def __init__(self, stage):
        self.stage = stage

    def plan(self):
        at, ago = self.stage.at, self.stage.ago
        first = ago(months=24)
        at(first, self._open_books)
        at(first, self._set_numbers)
        for day in self.stage.months(first):
            # Payers transfer once a month; what is long ago, once a quarter.
            is_paid = day > ago(months=3) or day.month % 3 == 0
            if is_paid and day.replace(day=25) < self.stage.today:
                at(day.replace(day=25), self._pay, hour=14)
        # Before it is paid.
        at(ago(months=5).replace(day=10), self._credit, "vasseur_sign", hour=15)
        at(ago(months=5), self._bill_anew, "garance", hour=15)
        at(ago(months=4), self._cancel, "oyats", hour=15)
        at(self.stage.today, self._pay_half, "client_coop", hour=9)
        at(ago(40), self._set_mailboxes)
        at(ago(3), self._bounce, hour=15)
        at(self.stage.today, self._follow_deliveries, hour=7)

    def _open_books(self):
        """Give the company accounts, unless it has them, and a tax on services."""
        company, env = self.stage.company, self.stage.env
        company.account_fiscal_country_id = company.country_id
        if not env["account.journal"].search_count([("type", "=", "sale")], limit=1):
            charts = env["account.chart.template"]
            charts.try_loading("generic_coa", company, install_demo=False)
        lists = env["product.pricelist"].search(
            [("currency_id", "=", company.currency_id.id)]
        )
        company.currency_id = lists.currency_id = env.ref("base.EUR")
        company.billing_mode = "post"
        # The stage sends the invoices of the last weeks alone.
        company.delivery_enabled = False
        income = env["account.account"].search(
            [("account_type", "=", "income"), ("company_ids", "in", company.ids)],
            limit=1,
        )
        for name in ("product_category", "licence_category"):
            self.stage.ref(name).property_account_income_categ_id = income
        products = env["product.product"].search(
            [("categ_id", "child_of", self.stage.ref("product_category").id)]
        )
        products.taxes_id = [Command.set(self._create_tax().ids)]

    def _create_tax(self):
        company, env = self.stage.company, self.stage.env
        place = {
            "company_id": company.id,
            "country_id": company.account_fiscal_country_id.id,
        }
        group = env["account.tax.group"].create({"name": "TVA", **place})
        tax = env["account.tax"].create(
            {
                **place,
                "tax_group_id": group.id,
                "name": "TVA 20 %",
                "amount": 20,
                "type_tax_use": "sale",
                "tax_scope": "service",
            }
        )
        return self.stage.name("tax", tax)

    def _set_numbers(self):
        parties = [self.stage.company.partner_id]
        parties += [self.stage.ref(name) for name in NUMBERED]
        for number, party in enumerate(parties, 100):
            siren = invent_siren(number)
            key = (12 + 3 * (int(siren) % 97)) % 97
            party.company_registry = siren
            party.vat = f"FR{key:02d}{siren}"
        term = self.stage.env.ref("account.account_payment_term_30days")
        for name in NUMBERED:
            self.stage.ref(name).property_payment_term_id = term

    # ------------------------------------------------------------------ payments

    def _get_unpaid(self):
        return self.stage.env["account.move"].search(
            [
                ("move_type", "=", "out_invoice"),
                ("state", "=", "posted"),
                ("payment_state", "in", ("not_paid", "partial")),
                ("statement_ids", "!=", False),
            ],
            order="id",
        )

    def _pay(self):
        """Let those who pay in time pay the invoices of last month."""
        today = self.stage.company._get_today()
        late = [self.stage.ref(name) for name in LATE]
        due = self._get_unpaid().filtered(
            lambda move: (
                (today - move.invoice_date).days
                > (120 if move.commercial_partner_id in late else 18)
            )
        )
        if due:
            # Each transfers the sum of its invoices.
            self._register(due, group_payment=True)

    def _register(self, moves, **values):
        """Note that ``moves`` are paid today."""
        register = self.stage.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=moves.ids
        )
        today = self.stage.company._get_today()
        wizard = register.create({"payment_date": today, **values})
        payments = wizard._create_payments()
        # It would hold on to the payer until Odoo tidies up.
        wizard.unlink()
        for payment in payments:
            self.stage.name(f"payment_{payment.id}", payment)

    def _pay_half(self, payer):
        """Let a payer pay half of its last invoice."""
        party = self.stage.ref(payer)
        move = self._get_unpaid().filtered(lambda one: one.partner_id == party)[-1:]
        self._register(move, amount=move.currency_id.round(move.amount_residual / 2))

    def _get_last_statements(self, name):
        """Return the statements on the last invoice of a subscription."""
        statements = self.stage.ref(f"subscription_{name}").statement_ids
        return statements.move_id.sorted("id")[-1:].statement_ids

    def _bill_anew(self, name):
        """Take back the last invoice of a subscription, and let the next run bill the
        period once more."""
        self._credit(name)
        self._get_last_statements(name).action_bill_anew()

    def _cancel(self, name):
        """Cancel the last invoice of a subscription: the next run bills it anew."""
        move = self._get_last_statements(name).move_id
        move.button_draft()
        move.button_cancel()

    def _credit(self, name):
        """Credit the last invoice of a subscription in full."""
        move = self._get_last_statements(name).move_id
        reversals = self.stage.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=move.ids
        )
        reversal = reversals.create(
            {"journal_id": move.journal_id.id, "date": self.stage.company._get_today()}
        )
        reversal.reverse_moves()
        reversal.new_move_ids.action_post()

    # ------------------------------------------------------------------ delivery

    def _set_mailboxes(self):
        for name, address in (
            ("partner_nord", "factures@nordelis.example"),
            ("client_vasseur", "compta@vasseur.example, bureau@vasseur.example"),
            ("client_aubepine", "ancienne-adresse@aubepine-dentaire.example"),
        ):
            self.stage.ref(name).billing_email = address
        self.stage.ref("client_coop").billing_delivery = "portal"
        # The address was that of somebody who left.
        self.stage.ref("client_garance").email = False

    def _bounce(self):
        """Let the last e-mail to the mailbox that is not there any more come back."""
        sent = self._find_sent("client_aubepine")
        reason = "550 5.1.1 The email account that you tried to reach does not exist."
        if sent.message_ref:
            refs = [sent.message_ref]
            sent._note_bounce(refs, sent.email, reason, is_of_others=False)

    def _find_sent(self, payer):
        """Return the last delivery to a payer."""
        return self.stage.env["subscription.delivery"].search(
            [("partner_id", "=", self.stage.ref(payer).id)], order="id desc", limit=1
        )

    def _follow_deliveries(self):
        """An invoice is read, a mail server refuses another one, and one is sent again
        by the next run."""
        self._find_sent("client_vasseur")._note_seen()
        refused = self._find_sent("client_elan")
        refused._mail_failed("451 4.7.1 Greylisting in action, please come back later.")
        again = self._find_sent("partner_nord").with_env(self.stage.by("vendor"))
        again.action_send_again()
        notice = self.stage.env["subscription.notice"].search(
            [("addressee_id", "=", self.stage.ref("partner_sud").id)], limit=1
        )
        notice._mail_failed("554 5.7.1 The message looks like spam.")
