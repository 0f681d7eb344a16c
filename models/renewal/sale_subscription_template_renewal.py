from odoo import fields, models


class SaleSubscriptionTemplate(models.Model):
    """What becomes of the subscriptions with a plan when their terms end."""

    _inherit = "sale.subscription.template"

    renewal_choice = fields.Selection(
        [
            ("by_hand", "By hand"),
            ("same", "By itself, with the same seats"),
            ("in_use", "By itself, with the seats in use"),
            ("none", "Not renewed"),
        ],
        string="Renewal",
        required=True,
        default="by_hand",
        help="How the next terms of new subscriptions are renewed; each subscription"
        " can say otherwise. What renews by itself takes its licences some days before"
        " the end of the term, as the settings say.",
    )
