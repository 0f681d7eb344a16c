from odoo import fields, models


class ResCompany(models.Model):
    """Whether and how a company sends the invoices of subscriptions."""

    _inherit = "res.company"

    delivery_enabled = fields.Boolean(
        string="Send Invoices",
        default=True,
        help="Invoices of subscriptions are sent by themselves once they are posted."
        " Those that are posted while this is off are sent by hand.",
    )
    delivery_limit = fields.Integer(
        string="E-mails a Run",
        default=500,
        help="How many e-mails with invoices one run of the job queues at most; the"
        " next one goes on. Zero: all.",
    )
    delivery_xlsx = fields.Boolean(
        string="Attach Who Is Billed",
        help="An Excel file of who is billed goes with each invoice, unless the client"
        " or the subscription says otherwise.",
    )

    _delivery_limit_range = models.Constraint(
        "CHECK (delivery_limit BETWEEN 0 AND 100000)",
        "A run queues from 0 (all) to 100,000 e-mails.",
    )
