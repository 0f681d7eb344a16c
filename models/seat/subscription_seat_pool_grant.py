from collections import defaultdict

from psycopg2.errors import UniqueViolation

from odoo import api, models

from ...exceptions import SeatRefusal


class SubscriptionSeatPool(models.Model):
    """How seats are given."""

    _inherit = "subscription.seat.pool"

    @api.model
    def _grant(self, requests, *, allow_partial=False):
        """Give seats. Every door leads here: screens, portal, import, RPC and jobs.

        Who holds a seat of the pool already is passed over. Who is given a seat of a
        module is given one of the base module as well. Who has a role that takes no
        seat is given a seat without a number, whatever the limit.

        :param dict requests: ``{pool: members}``
        :param bool allow_partial: seat as many as there is room for, in the order of
            the members, instead of none
        :return: the seats given
        :raise SeatRefusal: a line for every pool that falls short; nothing is given
        :raise UserError: when a member is archived
        """
        requests = self.sudo()._complete_requests(requests)
        if not requests:
            return self.env["subscription.seat"]
        pools = self.sudo().browse().union(*requests)
        members = self.env["subscription.member"].sudo().union(*requests.values())
        for relied_on in (pools, members, members.role_id):
            relied_on._lock_shared()
        pools._renumber()
        unseen = {pool: set() for pool in pools}
        while True:
            fitting = pools._fit(requests, unseen, allow_partial)
            try:
                return pools._insert_seats(fitting, unseen).sudo(self.env.su)
            except UniqueViolation as error:
                pools._note_collision(error, unseen)

    @api.model
    def _complete_requests(self, requests):
        """Return ``requests`` with the base seats that they need as well, and without
        the members who are seated already."""
        self.env["subscription.member"].union(*requests.values())._verify_active()
        subscriptions = self.browse().union(*requests).sudo().subscription_id
        base_pools = self.search(
            [("is_base", "=", True), ("subscription_id", "in", subscriptions.ids)]
        ).grouped("subscription_id")
        complete = defaultdict(self.env["subscription.member"].sudo().browse)
        for pool, members in requests.items():
            pool = pool.sudo()
            for needed in base_pools.get(pool.subscription_id, pool) | pool:
                complete[needed] |= members.sudo()
        return self._drop_seated(complete)

    @api.model
    def _drop_seated(self, requests):
        """Return ``requests`` without the members who hold a seat of the pool."""
        members = self.env["subscription.member"].sudo().union(*requests.values())
        held = dict(
            self.env["subscription.seat"]
            .sudo()
            ._read_group(
                [
                    ("pool_id", "in", [pool.id for pool in requests]),
                    ("member_id", "in", members.ids),
                    ("released_at", "=", False),
                ],
                ["pool_id"],
                ["member_id:recordset"],
            )
        )
        # Taken from one recordset, the pools are computed together, not one by one.
        missing = {
            pool: requests[pool] - held.get(pool, members.browse())
            for pool in self.browse().union(*requests)
        }
        return {pool: members for pool, members in missing.items() if members}

    def _fit(self, requests, unseen, allow_partial):
        """Hold ``requests`` against the room there is.

        :param dict unseen: ``{pool: numbers}`` that others have taken meanwhile
        :return: ``requests``; with ``allow_partial`` only as much of them as fits
        :raise SeatRefusal: a line for every pool that falls short
        """
        usage_by_pool = self._get_usage()
        fitting, refusals = {}, []
        turned_away = defaultdict(self.env["subscription.member"].browse)
        # Base pools first: who finds no seat there takes none from others elsewhere.
        for pool in self.browse().union(*requests).sorted("is_base", reverse=True):
            members = requests[pool]
            if allow_partial:
                members -= turned_away[pool.subscription_id]
            used = usage_by_pool[pool.id]["used"] + len(unseen[pool])
            counted = members.filtered("takes_seat")
            room = pool._get_room(used)
            if len(counted) > room:
                refusals.append(pool._get_refusal(used, len(counted)))
                members -= counted[room:]
                if pool.is_base:
                    turned_away[pool.subscription_id] = counted[room:]
            fitting[pool] = members
        if refusals and not allow_partial:
            raise SeatRefusal("\n".join(refusals))
        return fitting

    def _get_room(self, used=None):
        """Return how many seats can be given, infinity where there is no limit.

        :param int used: the seats in use, where it is known better than counted
        """
        if self.state == "unavailable":
            return 0
        return max(self._get_limit() - (self.used if used is None else used), 0)

    @api.model
    def _get_demand(self, requests):
        """Return ``{pool: number of seats}`` that granting ``requests`` would take."""
        return {
            pool.sudo(self.env.su): len(members.filtered("takes_seat"))
            for pool, members in self.sudo()._complete_requests(requests).items()
        }

    @api.model
    def _get_left_out(self, requests):
        """Return the members whom granting ``requests`` with ``allow_partial`` would
        leave without one of the seats asked for."""
        requests = self.sudo()._complete_requests(requests)
        pools = self.sudo().browse().union(*requests)
        fitting = pools._fit(requests, {pool: set() for pool in pools}, True)
        return (
            self.env["subscription.member"]
            .union(*(requests[pool] - fitting[pool] for pool in requests))
            .sudo(self.env.su)
        )

    def _prepare_preview_values(self, change):
        """Return the values of the preview of ``change`` seats more, or less."""
        room = self._get_room()
        return {
            "pool_id": self.id,
            "used": self.used,
            "change": change,
            "available": 0 if self.is_unlimited else max(room - change, 0),
            "missing": max(change - room, 0),
        }

    def _seat_waiting_members(self, *, allow_partial=False):
        """Give the members of the clients the base seats that they lack, now that
        these pools may hold them.

        :param bool allow_partial: seat as many as there is room for
        :raise SeatRefusal: when they do not fit, unless ``allow_partial``
        """
        clients = self.sudo().filtered("is_base").client_id
        clients._lock_exclusive("subscription_member_ids")
        if clients:
            self.env["subscription.member"].sudo().search(
                [("active", "=", True), ("client_id", "in", clients.ids)]
            )._seat_waiting(allow_partial=allow_partial)
