from odoo import fields, models
from odoo.exceptions import UserError


class ResCompany(models.Model):
    """How a company bills its subscriptions."""

    _inherit = "res.company"

    billing_mode = fields.Selection(
        [("post", "Post"), ("draft", "Draft for review")],
        string="Invoices of Subscriptions",
        required=True,
        default="post",
        help="Post: the job posts what it makes. Draft: somebody reviews it first.",
    )
    correction_window_days = fields.Integer(
        string="Correction Window (days)",
        default=7,
        help="Days after a start, an addition or a renewal within which seats can be"
        " lowered again: licences of unused days come back, unused days that were"
        " billed are credited.",
    )

    _correction_window_range = models.Constraint(
        "CHECK (correction_window_days BETWEEN 0 AND 60)",
        "The correction window lasts from 0 to 60 days.",
    )

    def _verify_zone(self):
        """:raise UserError: when nobody knows which day it is for this company"""
        if not self._get_zone():
            problems = self.env["subscription.billing.problem"]
            raise UserError(problems._get_reason_text("zone", self.name))
