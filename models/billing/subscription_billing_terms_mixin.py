from odoo import api, fields, models

TERMS_FIELDS = [
    "billing_basis",
    "billing_timing",
    "billing_aligned",
    "billing_proration",
    "billing_raise",
    "billing_price",
    "billing_zero",
    "billing_payer",
    "billing_grouped",
    "billing_product_id",
]


class SubscriptionBillingTermsMixin(models.AbstractModel):
    """What a period costs, when and to whom it is billed: of a plan, and of a
    subscription from a day on."""

    _name = "subscription.billing.terms.mixin"
    _description = "Billing Terms"

    billing_basis = fields.Selection(
        [
            ("contracted", "Contracted seats"),
            ("in_use", "Seats in use"),
            ("members", "Active members"),
            ("teams", "Active teams"),
        ],
        required=True,
        default="contracted",
        help="What is counted. Contracted seats count by the day. The others count once"
        " a period: before it, who is there when its first day begins; after it, the"
        " highest number at one time.",
    )
    billing_timing = fields.Selection(
        [("pre", "Before the period"), ("post", "After the period")],
        string="Invoiced",
        required=True,
        default="pre",
    )
    billing_aligned = fields.Boolean(
        string="Calendar Months",
        help="Periods are calendar months and their multiples; the first part ends with"
        " a month. Not for days and weeks.",
    )
    billing_proration = fields.Selection(
        [("prorate", "By the day"), ("whole", "Whole")],
        string="First and Last Part",
        required=True,
        default="prorate",
    )
    billing_raise = fields.Selection(
        [
            ("now", "At once"),
            ("next", "On the next invoice"),
            ("never", "Free until the next period"),
        ],
        string="Raised Seats",
        compute="_compute_billing_raise",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="When seats that were raised within a period are billed, by the day.",
    )
    billing_price = fields.Selection(
        [("list", "Price list of the day"), ("fixed", "Fixed for the term")],
        string="Price",
        required=True,
        default="list",
        help="Price list of the day: that of the first day of the period. Fixed: that"
        " of the first day of the term, as its renewal shows it.",
    )
    billing_zero = fields.Selection(
        [("none", "No invoice"), ("invoice", "An invoice of zero")],
        string="Nothing to Pay",
        required=True,
        default="none",
        help="What is made of a total of zero. The statement is kept in both cases.",
    )
    billing_payer = fields.Selection(
        [
            ("client", "Client"),
            ("partner", "Managing partner"),
            ("tier", "Partner above the reseller"),
        ],
        string="Billed To",
        required=True,
        default="client",
    )
    billing_grouped = fields.Boolean(
        string="One Invoice for All Clients",
        help="A partner gets one invoice for all of its clients that are due together,"
        " with a section for each.",
    )
    billing_product_id = fields.Many2one(
        "product.product",
        string="Billed Product",
        ondelete="restrict",
        index="btree_not_null",
        help="Its price is that of one active member, or one active team, for a period."
        " Seats have the product of their module.",
    )

    def _compute_billing_raise(self):
        """Bill raised seats with the next invoice where that comes within a month."""
        for terms in self:
            terms.billing_raise = terms.billing_raise or terms._get_usual_raise()

    def _get_usual_raise(self):
        unit, count = self._get_interval()
        longer = {"days": 31, "weeks": 4, "months": 1, "years": 0}
        return "next" if count <= longer[unit] else "now"

    def _get_interval(self):
        """Return the unit and the number of them that a period lasts. A hook."""
        return "months", 1

    def _get_terms_values(self):
        """Return the values of these terms, as ``write`` takes them."""
        self.ensure_one()
        return {
            name: self._fields[name].convert_to_write(self[name], self)
            for name in TERMS_FIELDS
        }

    @api.onchange("billing_payer")
    def _onchange_billing_payer(self):
        self.billing_grouped = self.billing_grouped and self.billing_payer != "client"
