from odoo import api, models
from odoo.tools import SQL

from .pending import tell_when_committed
from .subscription_live_channel import REQUESTS

LIVE_FIELDS = {"state", "asked_partner_id", "client_id"}
NOTED = "subscription_live.request_ids"


class SubscriptionRequest(models.Model):
    """Pages that show requests, and the dashboard, hear when one is made or ends."""

    _inherit = "subscription.request"

    @api.private
    def modified(self, fnames, create=False, before=False):
        """Note requests that are made, answered, or taken to somebody else."""
        super().modified(fnames, create=create, before=before)
        if create or not LIVE_FIELDS.isdisjoint(fnames):
            self._note_live()

    def _note_live(self):
        """Note that these requests change in this transaction. Who sees them is told
        when it is committed, and neither what nor which: it asks."""
        requests = self.browse()
        tell_when_committed(self, NOTED, lambda ids: requests.browse(ids)._send_live())

    def _send_live(self):
        """Tell who sees these requests: one message a channel."""
        for (name,) in self.env.execute_query(self._get_hearing_query()):
            self.env["bus.bus"]._sendone(name, REQUESTS, {})

    def _get_hearing_query(self):
        """Return the query of the channels on which these requests are told. That a
        client asks for another partner, the vendor alone hears: its partner listens to
        the client, too."""
        # Raw SQL: one query, in the transaction of whoever asks or answers.
        return SQL(
            """
            SELECT DISTINCT channel.name
              FROM subscription_request request
              JOIN res_partner client ON client.id = request.client_id
              JOIN subscription_live_channel channel
                ON channel.company_id = request.company_id
               AND channel.ended_at IS NULL
             WHERE request.id = ANY(%s)
               AND CASE WHEN request.kind = 'partner'
                        THEN channel.is_scope AND channel.client_id IS NULL
                        WHEN channel.is_scope
                        THEN channel.client_id IS NULL OR channel.client_id::text = ANY(
                             string_to_array(client.management_path, '/'))
                        ELSE channel.client_id = client.id
                    END
            """,
            sorted(self.ids),
        )
