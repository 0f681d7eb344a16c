from typing import NamedTuple

from odoo import fields, models
from odoo.exceptions import UserError

from ...exceptions import SeatRefusal

# How many of those who got nothing back a text names.
LISTED = 100


class Undoing(NamedTuple):
    """What undoing a removal did."""

    # members who were restored
    members: models.BaseModel
    # seats that were given back, base seats included
    seats: models.BaseModel
    # what was not given back, a line each with its reason
    left: list
    # all of that in words
    text: str


class SubscriptionRemoval(models.Model):
    """How removals are undone: as much is given back as still fits and still makes
    sense, and the rest is listed."""

    _inherit = "subscription.removal"

    def _undo(self):
        """Give back what this removal took: members first, with their base seats, then
        their other seats. Teams were never lost. What was changed since stays.

        :return: an ``Undoing``
        :raise UserError: when it was undone already, or is older than a day
        """
        self.ensure_one()
        # sudo: what was taken in one call is given back in one. Callers check who may.
        removal = self.sudo().with_context(active_test=False)
        # Clients and pools first, as everywhere. Of two who undo it, the second starts
        # over, and is told.
        removal.client_id._lock_shared(removal.client_id.seat_pool_ids)
        removal._lock_exclusive()
        removal._verify_open()
        held = removal._get_members()._get_seats_in_use()
        members, lines = removal._restore()
        lines += removal._give_back()
        seats = removal._get_members()._get_seats_in_use() - held
        undoing = Undoing(members, seats, lines, removal._get_text(seats, lines))
        removal._note_undone(undoing)
        return undoing

    def _verify_open(self):
        """:raise UserError: when this removal cannot be undone any more"""
        if self.undone_at:
            raise UserError(self.env._("This has been undone already."))
        if not self.is_open:
            raise UserError(
                self.env._(
                    "This was more than 24 hours ago and cannot be undone any more."
                    " Restore the members, or add them to the modules."
                )
            )

    def _note_undone(self, undoing):
        self._set(
            {
                "undone_at": fields.Datetime.now(),
                "undone_by_id": self.env.uid,
                "result": undoing.text,
            }
        )
        log = self.env["subscription.log"]
        log._log_entries(
            [
                {
                    "event": "removal_undone",
                    "client_id": self.client_id.id,
                    "old_value": f"undone_{self.kind}",
                    "new_value": log._get_names(self._get_members()),
                }
            ]
        )

    # ------------------------------------------------------------------ members

    def _restore(self):
        """Restore those members of this removal who are still archived by it.

        :return: who was restored, and a line for each who was not, with the reason
        """
        archived = self.member_ids.filtered(lambda member: not member.active)
        later = self.search([("member_ids", "in", archived.ids), ("id", ">", self.id)])
        reasons = {
            member: self._get_obstacle(member, later.member_ids)
            for member in archived.sorted()
        }
        ready = archived.browse(
            member.id for member, reason in reasons.items() if not reason
        )
        failed = self._come_back_each(ready)
        lines = [
            self.env._("%(member)s: %(reason)s", member=member.name, reason=reason)
            for member, reason in [*reasons.items(), *failed.items()]
            if reason
        ]
        return ready.filtered("active"), lines

    def _get_obstacle(self, member, gone_again):
        """Return why archived ``member`` is not restored; empty when it may be.

        :param gone_again: the members who came back and were removed again since
        """
        if member in gone_again or member.departure != self.kind:
            return self.env._("left for another reason since")
        if not member.partner_id:
            return self.env._("the contact was deleted")
        if not member.partner_id.active:
            return self.env._("the contact was archived")
        return ""

    def _come_back_each(self, members):
        """Restore as many of ``members`` as may return, in their order: all at once,
        or else each half by itself.

        :return: ``{member: why it was refused}``
        """
        if not members:
            return {}
        try:
            with self.env.cr.savepoint():
                members._come_back()
                self.env.flush_all()
        except UserError as error:
            if len(members) == 1:
                full = self.env._("no seat of the base module is free")
                # The rest of it is for whoever undoes; this is kept for others.
                is_full = isinstance(error, SeatRefusal)
                return {members: full if is_full else str(error)}
            middle = len(members) // 2
            first = self._come_back_each(members[:middle])
            return first | self._come_back_each(members[middle:])
        return {}

    # ------------------------------------------------------------------ seats

    def _give_back(self):
        """Give back the seats of this removal that there is room for, and that were not
        given back in the meantime: base seats first, then in the order of the members.
        What a team gave, teams give again.

        :return: a line for each that was not given back, with the reason
        """
        seats = self.seat_ids.sorted("id")
        seats._mark(is_lifted=True)
        returning = seats.filtered("member_id.active")
        pools = self.env["subscription.seat.pool"]
        based = returning.member_id._get_seats_in_use().filtered("pool_id.is_base")
        # Who came back has a base seat already, maybe of another subscription.
        by_hand = returning.filtered(
            lambda seat: (
                not seat.is_from_team
                and not (seat.pool_id.is_base and seat.member_id in based.member_id)
            )
        )
        pools._grant(
            {
                pool: mine.member_id.sorted()
                for pool, mine in by_hand.grouped("pool_id").items()
            },
            allow_partial=True,
        )
        returning.member_id._take_team_seats()
        return self._get_missing_lines(seats)

    def _get_missing_lines(self, seats):
        """Return a line for each of ``seats`` that its holder lacks now."""
        held = {
            (seat.member_id, seat.module_id)
            for seat in seats.member_id._get_seats_in_use()
        }
        return [
            self.env._(
                "%(member)s · %(module)s: %(reason)s",
                member=seat.member_id.name or seat.holder_name,
                module=seat.module_id.name,
                reason=self._get_missing_reason(seat),
            )
            for seat in seats
            if (seat.member_id, seat.module_id) not in held
            # Who was not restored has a line of its own.
            and (seat.member_id.active or not seat.member_id)
        ]

    def _get_missing_reason(self, seat):
        """Return why the holder of ``seat`` did not get it back."""
        pool, member = seat.pool_id, seat.member_id
        if not member:
            return self.env._("the member was deleted")
        modules = member.team_ids.filtered("active").module_ids
        if seat.is_from_team and seat.module_id not in modules:
            return self.env._("no team gives it any more")
        if pool._get_room():
            return self.env._("no seat of the base module is free")
        since = pool.seat_ids.filtered(lambda one: one.granted_at >= self.date)
        others = since.member_id - self._get_members()
        if others:
            return self.env._(
                "given to %(members)s since", members=others._get_names_text()
            )
        if pool.state == "unavailable":
            return self.env._("the subscription is not running, or has no seats of it")
        return self.env._("no seat is free")

    def _get_text(self, seats, lines):
        """Return in words what was given back, and what was not."""
        given = self.env._(
            "Given back to %(members)s: %(seats)s seats.",
            members=seats.member_id._get_names_text() or "-",
            seats=len(seats),
        )
        if not lines:
            return given
        head = self.env._("Not given back:")
        shown = [f"- {line}" for line in lines[:LISTED]]
        if len(lines) > LISTED:
            shown.append(self.env._("And %s more.", len(lines) - LISTED))
        return "\n".join([given, head, *shown])
