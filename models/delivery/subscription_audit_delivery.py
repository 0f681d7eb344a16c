from odoo import api, models


class SubscriptionAudit(models.Model):
    """How the audit trail words mailboxes and how invoices are sent."""

    _inherit = "subscription.audit"

    @api.model
    def _get_words(self):
        mailboxes = self.env["res.partner"]
        return {
            **super()._get_words(),
            "billing_mailbox": {"": self.env._("None of its own")},
            "billing_delivery": {
                "": self.env._("As the settings say"),
                **dict(mailboxes._get_choices("billing_delivery")),
            },
        }
