from odoo import fields, models


class SaleSubscriptionPauseWizard(models.TransientModel):
    """Guards against faults of subscription_oca, see docs/upstream.md."""

    _inherit = "sale.subscription.pause.wizard"

    # Upstream has no French for its label.
    paused_until = fields.Date(
        string="Resumes On",
        help="On this day it is resumed by itself. Without one it is paused until"
        " somebody resumes it.",
    )
