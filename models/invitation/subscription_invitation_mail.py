import hashlib
import secrets
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from .subscription_invitation import OPEN_STATES

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
            "lapsed_at": False,
            "expires_at": now + timedelta(days=company.invitation_days),
        }

    def _send(self):
        """Queue the e-mails, each with a new link. The links of earlier ones are void,
        since they cannot be known again.

        Nobody but its addressee can read a link, see ``_queue_letters``.
        """
        invitations = self.sudo()
        urls = {}
        for invitation in invitations:
            token = secrets.token_urlsafe(32)
            invitation.write(invitation._prepare_sending_values(token))
            base_url = invitation.get_base_url()
            urls[invitation.id] = f"{base_url}/subscription/invitation/{token}"
        invitations._queue_links(urls)

    def _queue_links(self, urls):
        """Queue the e-mails of these invitations.

        :param dict urls: ``{id: its link}``
        """
        template = self._get_template()
        self._queue_letters(template.with_context(invitation_urls=urls))

    @api.model
    def _get_template(self):
        return self.env.ref(
            "partner_managed_subscription.mail_template_invitation_member"
        )

    def _get_other_langs(self):
        return [self.client_id.lang]

    def _resend(self):
        """Send these invitations again, each with a new link and a new date of expiry.
        The seats that were freed when they expired are taken again.

        :raise UserError: when one was accepted or withdrawn, or sent just now
        :raise SeatRefusal: when the members do not fit any more
        """
        invitations = self.sudo()
        for invitation in invitations:
            invitation._lock_open()
            if invitation._was_just_sent():
                raise UserError(
                    self.env._(
                        "The invitation of %(email)s was sent a moment ago.",
                        email=invitation.email,
                    )
                )
        lapsed = invitations.filtered("lapsed_at")
        lapsed.member_id._invitation_renewed()
        invitations._send()
        lapsed._log_event("invited", self.env.user)

    def _was_just_sent(self):
        """Return whether it is too early to send this invitation again."""
        # A clock that was set back since does not keep it waiting for long.
        return abs(fields.Datetime.now() - self.sent_at) < SENT_APART

    def _lock_open(self):
        """Hold this invitation as it is until the transaction ends.

        :raise UserError: unless it waits to be accepted
        """
        self.lock_for_update()
        if self.state not in OPEN_STATES:
            raise UserError(
                self.env._(
                    "The invitation of %(email)s was accepted or withdrawn.",
                    email=self.email,
                )
            )
