from collections import Counter, defaultdict

from odoo import api, fields, models


class SubscriptionMember(models.Model):
    """What a change of a member does to the next invoice of its client."""

    _inherit = "subscription.member"

    billing_text = fields.Text(
        compute="_compute_billing_text",
        help="What saving the member does to the next invoice of the client.",
        exportable=False,
    )

    @api.depends("client_id", "role_id", "team_ids")
    @api.depends_context("lang")
    def _compute_billing_text(self):
        for member in self:
            member.billing_text = member._get_billing_text()

    def _get_billing_text(self):
        """Return in sentences what saving these members, of one client, does to the
        next invoices; empty where it does not change what is counted."""
        members, pools = 0, Counter()
        for member in self:
            saved = member._origin
            members += member._is_counted_member() - saved._is_counted_member()
            seats = member._takes_counted_seat() - saved._takes_counted_seat()
            for pool in member._get_effect_pools() if seats else ():
                pools[pool] += seats
        if self == self._origin or not (members or any(pools.values())):
            return False
        subscriptions = self.client_id._origin._get_effect_subscriptions()
        return subscriptions._get_unit_effect_texts(members=members, pools=pools)

    def _get_change_text(self, vals):
        """Return what writing ``vals`` on these members does to the next invoices.

        :param vals: of the role, the state, or the teams
        """
        drafts = [member.new(vals, origin=member) for member in self]
        changed = self.browse().concat(*drafts)
        text = changed._get_billing_text()
        # Drafts of one member are one record: the next one begins anew.
        changed.invalidate_recordset(flush=False)
        return text or ""

    def _get_leave_text(self):
        """Return what it does to the next invoices when these members leave."""
        seats = self._get_seats_in_use().filtered("takes_seat")
        pools = {pool: -len(held) for pool, held in seats.grouped("pool_id").items()}
        members = -sum(member._is_counted_member() for member in self)
        subscriptions = self.client_id._get_effect_subscriptions()
        texts = subscriptions._get_unit_effect_texts(members=members, pools=pools)
        return texts or ""

    def _get_access_text(self, pools):
        """Return what it does to the next invoices when this member has the modules
        ``pools`` alone."""
        change = Counter()
        if self.role_id.takes_seat:
            change.update(self._get_gained_pools(pools))
            change.subtract(self._get_lost_seats(pools).pool_id)
        subscriptions = self.client_id._get_effect_subscriptions()
        return subscriptions._get_grant_text(dict(change)) or ""

    def _takes_counted_seat(self):
        """Return 1 where the seats of this member count, else 0."""
        return int(bool(self and self.active and self.role_id.takes_seat))

    def _is_counted_member(self):
        """Return 1 where this is a member in an active team, else 0."""
        in_team = any(self.team_ids.mapped("active"))
        return int(bool(self._takes_counted_seat() and in_team))

    def _get_effect_pools(self):
        """Return the pools whose seats this member has, or will have as one who is new
        or comes back."""
        if self._origin.active:
            return self._origin.pool_ids
        return self.client_id._origin.seat_pool_ids.filtered("is_base")


class ResPartner(models.Model):
    """The subscriptions that a change of members or teams is billed by."""

    _inherit = "res.partner"

    def _get_effect_subscriptions(self):
        """Return those of this client that run, as far as the user may see them: an
        administrator in the portal sees what the client itself pays."""
        found = self.env["sale.subscription"].search(
            [("client_id", "in", self.ids), ("in_progress", "=", True)]
        )
        if not self.env.user._is_portal():
            return found
        # sudo: who pays is the same whoever asks.
        return found.filtered(
            lambda one: one.sudo()._get_current_terms().billing_payer == "client"
        )

    def _get_add_text(self, plan):
        """Return what adding whom ``plan`` says to this client does to the next
        invoices.

        :param plan: a ``MemberPlan``
        """
        counted = [line for line in plan.coming if line.role.takes_seat]
        members = sum(
            any((line.teams or line.member.team_ids).mapped("active"))
            for line in counted
        )
        subscriptions = self._get_effect_subscriptions()
        return subscriptions._get_grant_text(plan.get_demand(), members=members) or ""


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

    def _get_grant_text(self, demand, *, members=0):
        """Return what ``demand``, ``{pool: seats}`` that are assigned, does to the next
        invoices of these.

        :param int members: how many more are in active teams
        """
        contracted = self.filtered(
            lambda record: (
                record._is_effect_known()
                and record.sudo()._get_current_terms().billing_basis == "contracted"
            )
        )
        texts = [self._get_unit_effect_texts(members=members, pools=demand)]
        if contracted and any(seats > 0 for seats in demand.values()):
            texts.append(
                self.env._(
                    "The contracted seats are billed, used or not: invoices stay as"
                    " they are."
                )
            )
        return "\n".join(filter(None, texts)) or False
