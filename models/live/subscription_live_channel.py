import secrets
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

PREFIX = "subscription_live_"
# What is sent: that the usage of pools has changed, that something of a scope has, and
# that a channel has ended.
USAGE = "subscription_live/usage"
CHANGED = "subscription_live/changed"
ENDED = "subscription_live/ended"
# That requests of a client, or of one of a scope, have changed.
REQUESTS = "subscription_live/requests"
# A name is used for so long; who listens then asks for the next one.
LIFETIME = timedelta(days=7)
# What was sent on a channel that has ended may still be under way for so long.
AFTERLIFE = timedelta(days=1)


class SubscriptionLiveChannel(models.Model):
    """The channel of the bus on which the figures of the pools of a client are sent, or
    that of a *scope*: all clients below a partner, without one all of the vendor's.
    There it is said that something has changed, and neither what nor whose.

    Its name is a secret, which only who may read the pools is told. When somebody's
    access ends, so does the channel: who stays is told, asks again and gets another
    name. Nothing is delivered to who may not read the pools when it is delivered, be
    the name known or not: see ``bus.bus._poll``.

    There is none until somebody asks for it, and then nothing is sent.
    """

    _name = "subscription.live.channel"
    _description = "Channel of Live Figures"
    _rec_name = "client_id"

    client_id = fields.Many2one("res.partner", ondelete="cascade")
    is_scope = fields.Boolean(exportable=False)
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    name = fields.Char(required=True, copy=False, groups=fields.NO_ACCESS)
    ended_at = fields.Datetime()

    _secret = models.UniqueIndex("(name)", "Channels have different names.")
    _current = models.UniqueIndex(
        "(COALESCE(client_id, 0), company_id, COALESCE(is_scope, FALSE))"
        " WHERE ended_at IS NULL",
        "There is such a channel already.",
    )
    _by_client = models.Index("(client_id, company_id) WHERE ended_at IS NULL")
    _scopes = models.Index("(company_id) WHERE is_scope AND ended_at IS NULL")

    # ------------------------------------------------------------------ asking

    @api.model
    def _open(self, pools):
        """Return the names of the channels of ``pools``, which the caller may read;
        those that are missing are made.

        :raise psycopg2.errors.SerializationFailure: when a parallel call has just made
            one; Odoo then makes the call again
        """
        # sudo: nobody has access to channels; that of the pools was checked.
        return self._open_keys(
            {
                (pool.client_id.id, pool.company_id.id, False)
                for pool in pools.sudo()
                if pool.client_id and pool.company_id
            }
        )

    @api.model
    def _open_scope(self, partner, companies):
        """Return the names of the channels of the scope of ``partner``, of the vendor's
        where there is none, in ``companies``, which the caller may hear."""
        return self._open_keys({(partner.id, one.id, True) for one in companies})

    @api.model
    def _open_keys(self, keys):
        """Return the names of the channels of ``keys``; what is missing is made.

        :param keys: a set of ``(id of the client or False, company id, is scope)``
        """
        known = self._get_current(keys)
        missing = sorted(keys - known.keys())
        if missing:
            self._insert(missing)
            known = self._get_current(keys)
        return sorted(known.values())

    @api.model
    def _get_current(self, keys):
        """Return ``{key: name}`` of those of ``keys`` that there are."""
        found = self.sudo().search_fetch(
            Domain("ended_at", "=", False)
            & Domain("client_id", "in", [client_id for client_id, *_others in keys]),
            ["name", "client_id", "company_id", "is_scope"],
        )
        names = {
            (one.client_id.id, one.company_id.id, one.is_scope): one.name
            for one in found
        }
        return {key: names[key] for key in keys if key in names}

    @api.model
    def _insert(self, keys):
        # Raw SQL: the ORM knows no ON CONFLICT, and two pages may ask at once.
        rows = [
            (client_id or None, *others, f"{PREFIX}{secrets.token_urlsafe(24)}")
            for client_id, *others in keys
        ]
        self.env.execute_query(
            SQL(
                """
                INSERT INTO subscription_live_channel
                       (client_id, company_id, is_scope, name, create_date)
                SELECT new.*, %s
                  FROM unnest(%s::int[], %s::int[], %s::boolean[], %s::text[]) new
                    ON CONFLICT DO NOTHING RETURNING id
                """,
                fields.Datetime.now(),
                *(list(column) for column in zip(*rows, strict=True)),
            )
        )

    # ------------------------------------------------------------------ sending

    @api.model
    def _send_usage(self, pool_ids):
        """Tell who shows these pools that they have changed: one message a channel."""
        for name, ids in self.env.execute_query(self._get_listening_query(pool_ids)):
            kind, payload = (USAGE, {"pool_ids": ids}) if ids else (CHANGED, {})
            self.env["bus.bus"]._sendone(name, kind, payload)

    @api.model
    def _get_listening_query(self, pool_ids):
        """Return the query of the channels on which these pools are told: names, and of
        those of clients the ids of the pools."""
        # Raw SQL: one query, in the transaction of each grant.
        return SQL(
            """
              WITH pool AS (
                   SELECT id, client_id, company_id, management_path
                     FROM subscription_seat_pool WHERE id = ANY(%s))
            SELECT channel.name, array_agg(pool.id ORDER BY pool.id)
              FROM pool
              JOIN subscription_live_channel channel
                ON channel.client_id = pool.client_id
               AND channel.company_id = pool.company_id
               AND channel.is_scope IS NOT TRUE AND channel.ended_at IS NULL
             GROUP BY channel.name
             UNION ALL
            SELECT channel.name, NULL
              FROM subscription_live_channel channel
             WHERE channel.is_scope AND channel.ended_at IS NULL AND EXISTS (
                   SELECT FROM pool
                    WHERE pool.company_id = channel.company_id
                      AND (channel.client_id IS NULL OR channel.client_id::text = ANY(
                           string_to_array(pool.management_path, '/'))))
            """,
            sorted(pool_ids),
        )

    @api.model
    def _end(self, domain):
        """End the channels in ``domain``: somebody who knows them must not hear them
        any more, or what they say has changed as a whole. Who may still hear them is
        told to ask again."""
        # sudo: nobody has access to channels; whoever ends somebody's access ends them.
        channels = self.sudo().search(Domain("ended_at", "=", False) & domain)
        if channels:
            channels.write({"ended_at": fields.Datetime.now()})
            for channel in channels:
                self.env["bus.bus"]._sendone(channel.name, ENDED, {})

    @api.autovacuum
    def _gc_channels(self):
        """End channels that are old, and forget those that ended long ago."""
        now = fields.Datetime.now()
        self._end(Domain("create_date", "<", now - LIFETIME))
        self.sudo().search([("ended_at", "<", now - AFTERLIFE)]).unlink()

    # ------------------------------------------------------------------ hearing

    @api.model
    def _get_audible_names(self, names):
        """Return those of ``names`` that are channels which the user may hear now."""
        # sudo: nobody has access to channels; the user's are found by its pools.
        channels = self.sudo().search_fetch(
            [("name", "in", list(names))],
            ["name", "client_id", "company_id", "is_scope"],
        )
        return set(channels._filter_heard(self.env.user).mapped("name"))

    def _filter_heard(self, user):
        """Return those of these channels whose pools ``user`` may read as things stand:
        by the record rules or, in the portal, as an administrator of the client."""
        if not self or not user.active:
            return self.browse()
        scopes = self.filtered("is_scope")
        of_clients = self - scopes
        pairs = user._get_live_pairs(of_clients.client_id)
        heard = of_clients.filtered(
            lambda one: (one.client_id, one.company_id) in pairs
        )
        heard |= scopes.filtered(user._hears_scope)
        if heard == self:
            return heard
        clients = user._get_administered_clients()
        return heard | of_clients.filtered(lambda one: one.client_id in clients)
