from odoo import api, fields, models

# What mixins of Odoo and upstream keep for themselves.
UNLISTED = {
    *("color", "image", "sequence", "has_message", "display_name"),
    *("recurring_rule_boundary", "stage_type", "to_renew"),
}
UNLISTED_PREFIXES = ("activity_", "my_activity_", "message_", "website_message_")


class SaleSubscription(models.Model):
    """The fields of upstream, as people read them: some have no name in French."""

    _inherit = "sale.subscription"

    active = fields.Boolean()
    partner_id = fields.Many2one(string="Contact")
    partner_invoice_id = fields.Many2one(string="Invoice Address")
    partner_shipping_id = fields.Many2one(string="Delivery Address")
    template_id = fields.Many2one(string="Plan")
    recurring_next_date = fields.Date(string="Next Invoice On")
    close_reason_id = fields.Many2one(string="Reason for Closing")
    is_paused = fields.Boolean(
        string="Paused", help="Nothing is billed until it is resumed."
    )
    paused_until = fields.Date(
        string="Resumes On", help="On this day it is resumed by itself."
    )

    @api.model
    def _is_unlisted(self, name):
        return (
            name in UNLISTED
            or name.startswith(UNLISTED_PREFIXES)
            or super()._is_unlisted(name)
        )

    def _creation_message(self):
        # Odoo would put the name of the model into a sentence, which has a gender.
        return self.env._("Subscription created")
