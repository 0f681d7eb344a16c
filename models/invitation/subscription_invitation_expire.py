from odoo import api, fields, models
from odoo.tools import split_every

# Invitations that the scheduled action ends in one transaction.
CHUNK = 100


class SubscriptionInvitation(models.Model):
    """What becomes of invitations that nobody accepts."""

    _inherit = "subscription.invitation"

    @api.model
    def _cron_expire(self):
        """Free the seats of those whose invitations have expired. Each chunk is
        committed, so that a run that is killed loses nothing."""
        due = self.search(
            [("state", "=", "expired"), ("lapsed_at", "=", False)], order="id"
        )
        self.env["ir.cron"]._commit_progress(remaining=len(due))
        self._do_chunks(self._expire, map(self.browse, split_every(CHUNK, due.ids)))

    @api.model
    def _expire(self, invitations):
        """End those of ``invitations`` that have expired, once, and free the seats of
        their members: except those who log in otherwise, or whom another invitation
        waits for.

        :raise psycopg2.errors.SerializationFailure: when one was accepted, sent again
            or withdrawn since the transaction began
        """
        # What somebody accepts or sends again at this moment is left to the next run.
        due = invitations.try_lock_for_update(allow_referencing=True)
        due = due.filtered(lambda one: one.state == "expired" and not one.lapsed_at)
        due.lapsed_at = fields.Datetime.now()
        due._log_event("expired", self.env.user)
        due.member_id.filtered(lambda member: member._is_lapsed())._invitation_lapsed()
