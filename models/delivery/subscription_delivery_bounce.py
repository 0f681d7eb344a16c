from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import email_normalize

# How long after it was sent an e-mail comes back, where it does not say which it was.
BOUNCED_WITHIN = timedelta(days=14)
# So much of what the other mail server says is kept.
LONGEST_REASON = 500


class SubscriptionDelivery(models.Model):
    """What came back, and what was opened."""

    _inherit = "subscription.delivery"

    @api.model
    def _note_bounce(self, message_ids, address, reason, *, is_of_others):
        """Note that an e-mail came back: by its Message-Id or, where a mail server has
        given it another one, the last that was sent to ``address``.

        :param bool is_of_others: whether the Message-Id is that of another e-mail
        """
        bounced = self.search([("message_ref", "in", message_ids)])
        if not bounced and not is_of_others:
            bounced = self._find_last_sent(email_normalize(address))
        if address:
            # An e-mail by hand has several recipients.
            by_address = bounced.filtered(
                lambda one: one.email == email_normalize(address)
            )
            bounced = by_address or bounced.filtered(lambda one: one.channel != "hand")
        # What is to be sent again has not come back yet.
        bounced = bounced.filtered(lambda one: one.state != "waiting")
        bounced._fail("bounce", reason.strip()[:LONGEST_REASON])

    @api.model
    def _find_last_sent(self, address):
        """Return the deliveries of the last e-mail to ``address``."""
        if not address:
            return self.browse()
        since = fields.Datetime.now() - BOUNCED_WITHIN
        last = self.search(
            [
                ("email", "=", address),
                ("state", "=", "sent"),
                ("sent_at", ">=", since),
            ],
            order="sent_at desc, id desc",
            limit=1,
        )
        return last | last._get_shared()

    def _note_seen(self):
        """Note that somebody opened these invoices: what is sent to their addresses
        arrives."""
        unseen = self.filtered(lambda one: one.state in ("sent", "bounced", "failed"))
        if not unseen:
            return
        unseen.write({"state": "seen", "seen_at": fields.Datetime.now()})
        unseen._mend()
        arrived = self.search(
            [
                ("is_problem", "=", True),
                ("failure", "=", "bounce"),
                ("email", "in", unseen.filtered("email").mapped("email")),
            ]
        )
        arrived._mend()
