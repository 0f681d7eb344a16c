from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    seat_warning_rate = fields.Integer(
        string="Seats Running Low (%)",
        default=80,
        help="Share of the seats of a pool from which it is shown in orange.",
    )
    seat_full_rate = fields.Integer(
        string="Seats Used Up (%)",
        default=100,
        help="Share of the seats of a pool from which it is shown in red. "
        "Seats can be given until the limit of the pool, whatever this rate.",
    )

    invitation_days = fields.Integer(
        string="Invitations Expire After (days)",
        default=14,
        help="Days for which an invitation can be accepted.",
    )

    _invitation_days_range = models.Constraint(
        "CHECK (invitation_days BETWEEN 1 AND 90)",
        "Invitations can be accepted for 1 to 90 days.",
    )
    _seat_rates = models.Constraint(
        "CHECK (seat_warning_rate > 0 AND seat_warning_rate <= seat_full_rate"
        " AND seat_full_rate <= 100)",
        "The seat thresholds must lie between 1 and 100 %, the first not above the"
        " second.",
    )
