from odoo import api, fields, models
from odoo.exceptions import UserError


class SubscriptionStatement(models.Model):
    """What one invoice bills of one subscription, frozen with it.

    Made in the transaction of the invoice, with a line for each price and span of days
    and a row for each holder. A statement whose invoice was cancelled or deleted is
    void: then its period is billed anew.
    """

    _name = "subscription.statement"
    _inherit = ["subscription.immutable.mixin"]
    _description = "Billing Statement"
    _order = "date_first desc, id desc"

    name = fields.Char(compute="_compute_name", store=True, precompute=True)
    kind = fields.Selection(
        [
            ("period", "Period"),
            ("raise", "Raised seats"),
            ("closing", "Closing"),
            ("on_account", "Licences on account"),
        ],
        required=True,
    )
    state = fields.Selection(
        [
            ("valid", "Valid"),
            ("credited", "Credited"),
            ("released", "Billed anew"),
            ("void", "Void"),
        ],
        required=True,
        default="valid",
        help="Credited: credit notes took back all of it. Billed anew: somebody let the"
        " period be billed again after that. Void: its invoice was cancelled or"
        " deleted.",
    )
    subscription_id = fields.Many2one(
        "sale.subscription", ondelete="restrict", index="btree_not_null"
    )
    account_id = fields.Many2one(
        "subscription.licence.account",
        string="Stock",
        ondelete="restrict",
        index="btree_not_null",
        help="The stock whose entries on account are billed.",
    )
    client_id = fields.Many2one(
        "res.partner",
        ondelete="restrict",
        index=True,
        required=True,
        help="The client; of licences on account, the partner that took them.",
    )
    payer_id = fields.Many2one(
        "res.partner", required=True, ondelete="restrict", index=True
    )
    managing_partner_id = fields.Many2one(
        "res.partner",
        ondelete="set null",
        index="btree_not_null",
        help="Who managed the client when it was billed.",
    )
    company_id = fields.Many2one("res.company", required=True, ondelete="restrict")
    currency_id = fields.Many2one("res.currency", required=True, ondelete="restrict")
    date_first = fields.Date(string="First Day", required=True)
    date_last = fields.Date(string="Last Day", required=True)
    number = fields.Integer(required=True, default=1)
    basis = fields.Selection(
        lambda self: self.env["subscription.billing.terms"]._get_choices(
            "billing_basis"
        )
    )
    move_id = fields.Many2one(
        "account.move", string="Invoice", ondelete="set null", index="btree_not_null"
    )
    move_name = fields.Char(string="Invoice Number", related="move_id.name")
    line_ids = fields.One2many("subscription.statement.line", "statement_id")
    row_ids = fields.One2many("subscription.statement.row", "statement_id")
    amount_untaxed = fields.Monetary(
        compute="_compute_amount_untaxed", store=True, help="Without taxes."
    )
    billed_holders = fields.Integer(compute="_compute_billed_holders")

    _once = models.UniqueIndex(
        "(subscription_id, kind, date_first, number) WHERE state <> 'void'",
        "That has been billed already.",
    )
    _one_period = models.UniqueIndex(
        "(subscription_id, date_first) WHERE kind = 'period'"
        " AND state IN ('valid', 'credited')",
        "That period has been billed already.",
    )
    _dates_order = models.Constraint(
        "CHECK (date_first <= date_last)", "A statement ends after it begins."
    )
    _owner = models.Constraint(
        "CHECK ((kind = 'on_account') = (account_id IS NOT NULL)"
        " AND (kind = 'on_account') = (subscription_id IS NULL))",
        "A statement is of a subscription, or of licences on account.",
    )

    @api.depends("subscription_id", "account_id", "date_first", "number")
    def _compute_name(self):
        for one in self:
            owner = one.subscription_id.name or one.account_id.display_name
            number = f"-{one.number}" if one.number > 1 else ""
            one.name = f"{owner} {one.date_first}{number}"

    @api.depends("line_ids.amount")
    def _compute_amount_untaxed(self):
        for one in self:
            one.amount_untaxed = sum(one.line_ids.mapped("amount"))

    def _compute_billed_holders(self):
        rows = self.env["subscription.statement.row"]
        counts = dict(
            rows._read_group(
                [
                    ("statement_id", "in", self.ids),
                    ("quantity", ">", 0),
                    ("member_id", "!=", False),
                ],
                ["statement_id"],
                ["member_id:count_distinct"],
            )
        )
        for one in self:
            one.billed_holders = counts.get(one, 0)

    def _get_edit_refusal(self):
        return UserError(
            self.env._(
                "A statement is frozen with its invoice. Cancel or credit the invoice,"
                " or add a line with a reason to it."
            )
        )

    # ------------------------------------------------------------------ lives

    def _void(self):
        """Let the periods of these be billed anew: their invoices were cancelled or
        deleted."""
        # sudo: whoever may cancel the invoice does this by it.
        statements = self.sudo().filtered(lambda one: one.state != "void")
        if statements:
            statements._set({"state": "void"})
            statements.subscription_id._plan_billing()

    def action_bill_anew(self):
        """Let periods that were credited in full be billed again.

        :raise UserError: naming those that are not
        """
        self.check_access("read")
        self.subscription_id.check_access("write")
        others = self.filtered(lambda one: one.state != "credited")
        if others or not self:
            raise UserError(
                self.env._(
                    "%(statements)s: only what credit notes took back in full is billed"
                    " anew.",
                    statements=", ".join(others.mapped("display_name")),
                )
            )
        # sudo: statements change by this method alone.
        self.sudo()._set({"state": "released"})
        self.subscription_id._plan_billing()

    def action_open_invoice(self):
        """Open the invoice of this statement."""
        self.ensure_one()
        return self.move_id.get_formview_action()
