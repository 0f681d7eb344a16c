from odoo import Command, models


class SubscriptionMember(models.Model):
    """What becomes of members whose contacts or clients are merged."""

    _inherit = "subscription.member"

    def _merge_into(self, keeper):
        """Hand the teams of these members to ``keeper``, the same person, and archive
        them."""
        teams = self.team_ids
        # A client that is merged into another one needs no administrator any more.
        staying = self.filtered(lambda member: member.client_id == keeper.client_id)
        with staying._keep_administrators():
            self._archive("merge")
        self._log_event("merged", new_value=keeper.name)
        self._set({"partner_id": False, "team_ids": [Command.clear()]})
        keeper.team_ids |= teams

    def _move_to_merged(self, vals):
        """Point these members to the contact or client that theirs was merged into.

        Two members who thereby become one person at one client are merged as well:
        the one who was there first keeps the seats and teams of both, unless archived.

        :param dict vals: the new ``partner_id`` or ``client_id``
        :return: ``{member: the member who remains}``
        """
        survivors = {}
        for member in self:
            keeper = member._get_same_member(vals)
            if keeper and (keeper.active or not member.active):
                member._merge_into(keeper)
                survivors[member] = keeper
                continue
            keeper._relink({"partner_id": False})
            # Before the other takes its place: PostgreSQL looks at row after row.
            keeper.flush_recordset(["partner_id"])
            member._relink(vals)
            survivors[member] = member
        return survivors

    def _get_same_member(self, vals):
        """Return the member who this one would be once written with ``vals``; nobody
        where it has no contact, as those who were merged before."""
        same = {"client_id": self.client_id.id, "partner_id": self.partner_id.id}
        same |= vals
        if not same["partner_id"]:
            return self.browse()
        domain = [(name, "=", value) for name, value in same.items()]
        members = self.with_context(active_test=False)
        return members.search([*domain, ("id", "!=", self.id)])

    def _relink(self, vals):
        """Write ``vals``, the contact or client of these members, without asking
        whether they may become somebody else."""
        self._set(vals)
