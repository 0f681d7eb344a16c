from collections import defaultdict
from typing import NamedTuple

from odoo import api, models

CRON = "partner_managed_subscription.ir_cron_seat_waiting"


class TeamPlan(NamedTuple):
    """Which seats teams would give: decided once, for the preview and for giving."""

    # {pool: members}
    requests: dict
    # [(member, module)] for whom there is no seat
    waiting: list
    # {pool: seats left afterwards}, infinity without limit
    room: dict


class SubscriptionSeatPool(models.Model):
    """The seats that teams give."""

    _inherit = "subscription.seat.pool"

    @api.model
    def _plan_team_seats(self, pairs):
        """Decide which seats to assign for ``pairs`` of the ids of a member and a
        module. Those who have a seat of the module are left out; who has the lowest id
        comes first.

        A client may have a module in several subscriptions: a member gets it where it
        has a base seat already, else where most seats are left.

        :return: a ``TeamPlan``
        """
        members = self.env["subscription.member"].sudo()
        members = members.browse(sorted({member for member, _module in pairs}))
        held = members._get_seats_in_use()
        lacking = pairs - {(seat.member_id.id, seat.module_id.id) for seat in held}
        based = defaultdict(set)
        for seat in held.filtered("pool_id.is_base"):
            based[seat.member_id].add(seat.pool_id.subscription_id)
        plan = TeamPlan(defaultdict(members.browse), [], {})
        offers = self._get_offers(members.client_id, plan.room)
        for member_id, module_id in sorted(lacking):
            member = members.browse(member_id)
            pools = offers.get((member.client_id.id, module_id), [])
            pool = self._pick_pool(member, pools, based[member], plan)
            if pool:
                plan.requests[pool] |= member
            else:
                module = self.env["subscription.module"].browse(module_id)
                plan.waiting.append((member, module))
        return plan

    @api.model
    def _get_offers(self, clients, room):
        """Return ``{(client id, module id): [pool]}`` of the running pools of
        ``clients``, and note in ``room`` how many seats are left in each."""
        # sudo: teams give whatever the client has, whoever changes them.
        pools = self.sudo().search([("client_id", "in", clients.ids)], order="id")
        offers = defaultdict(list)
        for pool in pools.filtered(lambda pool: pool.state != "unavailable"):
            room[pool] = pool._get_room()
            offers[pool.client_id.id, pool.module_id.id].append(pool)
        return offers

    @api.model
    def _pick_pool(self, member, pools, based, plan):
        """Return the one of ``pools`` that ``member`` gets a seat of, and count it in
        ``plan``; None where there is no room.

        :param set based: the subscriptions of which the member has a base seat
        """
        best = sorted(
            pools,
            key=lambda pool: (pool.subscription_id not in based, -plan.room[pool]),
        )
        for pool in best:
            subscription = pool.subscription_id
            base = subscription.seat_pool_ids.filtered("is_base")
            needed = pool if subscription in based else pool | base
            if not all(one in plan.room for one in needed):
                continue
            if member.takes_seat:
                if min(plan.room[one] for one in needed) < 1:
                    continue
                for one in needed:
                    plan.room[one] -= 1
            based.add(subscription)
            return pool
        return None

    @api.model
    def _lift_removals(self, pairs):
        """Let teams give again what was removed by hand: who is put into a team is
        meant to have its modules, and the base seat with them.

        :param set pairs: the ids of a member and a module
        """
        member_ids = [member for member, _module in pairs]
        module_ids = [module for _member, module in pairs]
        seats = self.env["subscription.seat"].sudo()
        removed = seats.search(
            [
                ("member_id", "in", member_ids),
                ("release_reason", "=", "access"),
                ("is_lifted", "!=", True),
                *["|", ("pool_id.is_base", "=", True)],
                ("pool_id.module_id", "in", module_ids),
            ]
        )
        removed.filtered(
            lambda seat: (
                seat.pool_id.is_base or (seat.member_id.id, seat.module_id.id) in pairs
            )
        )._mark(is_lifted=True)

    def _wake_waiting(self):
        """Have the members tried again who wait for what their teams give, now that
        seats of these pools may be free, once this transaction is committed.

        Not in this transaction, which has locked members already: pools are locked
        before them. Whether anybody waits is not asked, since who joins a team at this
        moment cannot be seen.
        """
        # sudo: whoever frees a seat.
        if self.sudo().client_id._has_team_modules():
            self._trigger_waiting()

    @api.model
    def _trigger_waiting(self):
        """Run the scheduled action that seats who waits, as soon as may be."""
        cron = self.env.ref(CRON, raise_if_not_found=False)
        if cron:
            cron.sudo()._trigger()
