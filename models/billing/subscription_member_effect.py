from collections import defaultdict

from odoo import api, fields, models


class SubscriptionMember(models.Model):
    """What a change of a member does to the next invoice of its client."""

    _inherit = "subscription.member"

    billing_text = fields.Text(
        compute="_compute_billing_text",
        help="What saving the member does to the next invoice of the client.",
    )

    @api.depends("client_id", "role_id", "team_ids")
    @api.depends_context("lang")
    def _compute_billing_text(self):
        for member in self:
            member.billing_text = member._get_billing_text()

    def _get_billing_text(self):
        """Return in sentences what saving this member does to the next invoices; empty
        where it does not change what is counted."""
        saved = self._origin
        seats = self._takes_counted_seat() - saved._takes_counted_seat()
        members = self._is_counted_member() - saved._is_counted_member()
        if self == saved or not (seats or members):
            return False
        subscriptions = self.client_id._origin._get_effect_subscriptions()
        return subscriptions._get_unit_effect_texts(
            members=members, pools=dict.fromkeys(self._get_effect_pools(), seats)
        )

    def _takes_counted_seat(self):
        """Return 1 where the seats of this member count, else 0."""
        return int(bool(self and self.active and self.role_id.takes_seat))

    def _is_counted_member(self):
        """Return 1 where this is a member in an active team, else 0."""
        in_team = any(self.team_ids.mapped("active"))
        return int(bool(self._takes_counted_seat() and in_team))

    def _get_effect_pools(self):
        """Return the pools whose seats this member has, or will have as a new one."""
        if self._origin:
            return self._origin.pool_ids
        return self.client_id._origin.seat_pool_ids.filtered("is_base")


class ResPartner(models.Model):
    """The subscriptions that a change of members or teams is billed by."""

    _inherit = "res.partner"

    def _get_effect_subscriptions(self):
        """Return those of this client that run, as far as the user may see them."""
        return self.env["sale.subscription"].search(
            [("client_id", "in", self.ids), ("in_progress", "=", True)]
        )


class SaleSubscription(models.Model):
    """Changes of what is counted."""

    _inherit = "sale.subscription"

    def _get_unit_effect_texts(self, *, members=0, teams=0, pools=None):
        """Return what more, or fewer, members, teams, or seats in use do to the next
        invoices of these; empty where they do not bill what changes.

        :param pools: ``{pool: seats}``
        """
        changes = defaultdict(lambda: ({}, {}))
        none = self.env["subscription.seat.pool"]
        for record in self:
            # sudo: the rule is the same for all who may read the subscription.
            basis = record.sudo()._get_current_terms().billing_basis
            units = {"members": members, "teams": teams}.get(basis)
            more = {none: units} if units else {}
            if basis == "in_use":
                more = {
                    pool: number
                    for pool, number in (pools or {}).items()
                    if pool.subscription_id == record and number and pool.is_billed
                }
            if more:
                changes[record] = {}, more
        return self._get_effect_texts(changes) or False

    def _get_grant_text(self, demand):
        """Return what ``demand``, ``{pool: seats}`` that are assigned, does to the next
        invoices of these."""
        contracted = self.filtered(
            lambda record: (
                record._is_effect_known()
                and record.sudo()._get_current_terms().billing_basis == "contracted"
            )
        )
        texts = [self._get_unit_effect_texts(pools=demand)]
        if contracted and any(demand.values()):
            texts.append(
                self.env._(
                    "The contracted seats are billed, used or not: invoices stay as"
                    " they are."
                )
            )
        return "\n".join(filter(None, texts)) or False
