from odoo import api, models
from odoo.exceptions import UserError


class SubscriptionRequest(models.Model):
    """What members ask their administrators for."""

    _inherit = "subscription.request"

    @api.model
    def _ask_module(self, member, pool, message=""):
        """Ask the administrators of the client for a seat of ``pool`` for ``member``.

        :raise UserError: when the member has one, or it waits for an answer already
        """
        if pool not in self._get_askable_pools(member):
            raise UserError(
                self.env._(
                    "%(module)s: you have it already, or it cannot be given now.",
                    module=pool.module_id.name,
                )
            )
        return self._insert_request(
            {
                "client_id": member.client_id.id,
                "kind": "module",
                **self._prepare_pool(pool),
                "member_id": member.id,
                "member_name": member.name,
            },
            message,
        )

    @api.model
    def _get_askable_pools(self, member):
        """Return the pools, as superuser, of which ``member`` can ask for a seat: those
        of running subscriptions of its client that it has none of."""
        pools = member.sudo().client_id.seat_pool_ids
        held = member.sudo()._get_seats_in_use().pool_id
        return (pools - held).filtered(
            lambda pool: not pool.is_base and pool.state != "unavailable"
        )

    def _get_administrators(self):
        """Return the administrators of the client, who answer what its members ask."""
        # sudo: who asks reads no other members.
        members = self.sudo().client_id.subscription_member_ids
        return members.filtered(lambda one: one._is_administrator())
