import hashlib
import secrets
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

# How long to wait before an invitation is sent again.
SENT_APART = timedelta(minutes=1)


class SubscriptionInvitation(models.Model):
    """How invitations are sent."""

    _inherit = "subscription.invitation"

    @api.model
    def _hash(self, token):
        """Return what is kept of ``token``: long and random, it needs no salt."""
        return hashlib.sha256((token or "").encode()).hexdigest()

    def _prepare_sending_values(self, token):
        """Return the values of an invitation that is sent now, with ``token``."""
        now = fields.Datetime.now()
        company = self.company_id or self.env.company
        return {
            "token_hash": self._hash(token),
            "sent_at": now,
            "failure_text": False,
            "expires_at": now + timedelta(days=company.invitation_days),
        }

    def _send(self):
        """Queue the e-mail with a new link. The link of an earlier one is void, since
        it cannot be known again.

        Nobody but its addressee can read the link, see ``_queue_letters``.
        """
        self.ensure_one()
        token = secrets.token_urlsafe(32)
        invitation = self.sudo()
        invitation.write(self._prepare_sending_values(token))
        template = self.env.ref("partner_managed_subscription.mail_template_invitation")
        url = f"{self.get_base_url()}/subscription/invitation/{token}"
        invitation._queue_letters(template.with_context(invitation_url=url))

    def _get_other_langs(self):
        return [self.client_id.lang]

    def _resend(self):
        """Send these invitations again, each with a new link and a new date of expiry.

        :raise UserError: when one was accepted or withdrawn, or sent just now
        """
        for invitation in self.sudo():
            invitation._lock_open()
            # A clock that was set back since does not keep it waiting for long.
            if abs(fields.Datetime.now() - invitation.sent_at) < SENT_APART:
                raise UserError(
                    self.env._(
                        "The invitation of %(email)s was sent a moment ago.",
                        email=invitation.email,
                    )
                )
            invitation._send()

    def _lock_open(self):
        """Hold this invitation as it is until the transaction ends.

        :raise UserError: unless it waits to be accepted
        """
        self.lock_for_update()
        if self.state not in ("sent", "expired"):
            raise UserError(
                self.env._(
                    "The invitation of %(email)s was accepted or withdrawn.",
                    email=self.email,
                )
            )
