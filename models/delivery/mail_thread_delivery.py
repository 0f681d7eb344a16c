from odoo import api, models
from odoo.tools import html2plaintext


class MailThread(models.AbstractModel):
    """E-mails that come back."""

    _inherit = "mail.thread"

    @api.model
    def _routing_handle_bounce(self, email_message, message_dict):
        """Show of invoices that came back where they did not arrive."""
        result = super()._routing_handle_bounce(email_message, message_dict)
        # sudo: whoever brings the e-mails in need not read deliveries.
        self.env["subscription.delivery"].sudo()._note_bounce(
            message_dict.get("bounced_msg_ids") or [],
            message_dict.get("bounced_email") or "",
            html2plaintext(message_dict.get("body") or ""),
            is_of_others=bool(message_dict.get("bounced_message")),
        )
        return result
