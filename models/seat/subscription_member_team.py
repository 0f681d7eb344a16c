from odoo import models
from odoo.tools import SQL


class SubscriptionMember(models.Model):
    """What members get from their teams."""

    _inherit = "subscription.member"

    def write(self, vals):
        """Change members; those who join or leave teams get or lose their modules."""
        if "team_ids" not in vals:
            return super().write(vals)
        self.check_access("write")
        with self.env["subscription.team"]._follow_claims(members=self):
            return super().write(vals)

    def _take_team_seats(self):
        """Assign these members the seats that their teams give and that they lack, but
        for what was removed by hand."""
        # sudo: a team gives to all of its members, whoever adds or restores them.
        teams = self.env["subscription.team"].sudo()
        if self.sudo().client_id._has_team_modules():
            scope = SQL("membership.member_id = ANY(%s::int[])", self.ids)
            rows = teams._read_waiting(scope)
            claims = {row[:3] for row in rows if not row[3]}
            teams._give(claims)
            teams._lock_claimants(claims)


class SubscriptionSeat(models.Model):
    """Base seats that came with what a team gave."""

    _inherit = "subscription.seat"

    def _get_needless_bases(self, released):
        """Return those of these seats, which their members keep, that are base seats
        which a team gave along with some of ``released``: where the member has another
        base seat, and no other seat of that subscription."""
        members = released.member_id
        bases = self.filtered(
            lambda seat: seat.pool_id.is_base and seat.member_id in members
        )
        used = {(seat.member_id, seat.pool_id.subscription_id) for seat in self - bases}
        needless = bases.browse()
        for seats in bases.grouped("member_id").values():
            spare = seats.filtered(
                lambda seat: (
                    seat.is_from_team
                    and (seat.member_id, seat.pool_id.subscription_id) not in used
                )
            )
            needless |= spare[1:] if spare == seats else spare
        return needless


class ResPartner(models.Model):
    """Whether the teams of clients give modules."""

    _inherit = "res.partner"

    def _has_team_modules(self):
        """Return whether a team of one of these clients gives modules, or would if it
        were not archived."""
        domain = [("client_id", "in", self.ids), ("module_ids", "!=", False)]
        # sudo: teams give whoever sees them.
        teams = self.env["subscription.team"].sudo().with_context(active_test=False)
        return bool(teams.search(domain, limit=1))
