from odoo import fields, models


class ResCompany(models.Model):
    """How long requests wait."""

    _inherit = "res.company"

    request_days = fields.Integer(
        string="Requests Expire After (days)",
        default=30,
        help="Days after which a request that nobody has answered ends by itself.",
    )
    request_late_days = fields.Integer(
        string="Tell the Tier Above After (days)",
        default=3,
        help="Days after which the partner above, or the vendor, is told that nobody"
        " has answered a request.",
    )

    _request_days_range = models.Constraint(
        "CHECK (request_days BETWEEN 1 AND 365"
        " AND request_late_days BETWEEN 1 AND 365)",
        "Requests wait for 1 to 365 days.",
    )
