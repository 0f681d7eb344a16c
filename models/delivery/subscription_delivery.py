from odoo import api, fields, models


class SubscriptionDelivery(models.Model):
    """One invoice on its way to one address.

    The job adds them for invoices that are posted, each once by a unique index, and
    then queues the e-mails, in the transaction that marks these as sent. What goes to
    one address in one run is one e-mail: its deliveries have the same ``message_ref``,
    the Message-Id by which a bounce finds them.
    """

    _name = "subscription.delivery"
    _inherit = ["subscription.letter.mixin", "subscription.locking.mixin"]
    _description = "Delivery of an Invoice"
    _order = "id desc"
    _rec_name = "move_name"

    move_id = fields.Many2one(
        "account.move", string="Invoice", required=True, ondelete="cascade", index=True
    )
    move_name = fields.Char(string="Invoice Number", related="move_id.name")
    invoice_date = fields.Date(related="move_id.invoice_date")
    partner_id = fields.Many2one(
        "res.partner",
        string="Payer",
        required=True,
        ondelete="cascade",
        index=True,
        help="Who pays the invoice.",
    )
    managing_partner_id = fields.Many2one(related="partner_id.managing_partner_id")
    company_id = fields.Many2one(
        "res.company", string="Vendor", required=True, ondelete="cascade"
    )
    email = fields.Char(string="Sent To", index="btree_not_null")
    channel = fields.Selection(
        [
            ("email", "E-mail"),
            ("portal", "Portal"),
            ("hand", "By hand"),
        ],
        string="By",
        required=True,
        default="email",
        help="By hand: somebody used Send on the invoice.",
    )
    with_xlsx = fields.Boolean(
        string="Excel File Attached", help="Who is billed, line by line."
    )
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("sent", "Sent"),
            ("bounced", "Bounced"),
            ("failed", "Failed"),
            ("seen", "Seen"),
        ],
        required=True,
        default="waiting",
        help="Sent: handed over to be sent. Bounced: it came back. Seen: somebody"
        " opened the invoice by the link in the e-mail, or on the portal.",
    )
    failure = fields.Selection(
        [
            ("address", "No e-mail address"),
            ("broken", "The document could not be made"),
            ("mail", "The mail server refused"),
            ("bounce", "Came back"),
        ],
        string="Reason",
    )
    tries = fields.Integer(default=0, help="How often it was sent.")
    sent_at = fields.Datetime(string="Sent On")
    tried_at = fields.Datetime(string="Last Tried On")
    seen_at = fields.Datetime(string="Seen On")
    is_problem = fields.Boolean(
        string="Needs Care", help="It did not arrive, and is not tried again by itself."
    )
    problem = fields.Text(compute="_compute_problem")
    message_ref = fields.Char(
        string="Message-Id",
        index="btree_not_null",
        groups=fields.NO_ACCESS,
        exportable=False,
    )

    _once = models.UniqueIndex(
        "(move_id, COALESCE(email, ''))",
        "The invoice is on its way to that address already.",
    )
    _waiting = models.Index("(company_id, email) WHERE state = 'waiting'")
    _retried = models.Index("(tried_at) WHERE failure = 'mail'")
    _problems = models.Index("(partner_id) WHERE is_problem")

    @api.depends("failure", "failure_text", "email")
    @api.depends_context("lang")
    def _compute_problem(self):
        for one in self:
            one.problem = one._get_failure_text()
