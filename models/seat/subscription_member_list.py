from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..core.table_files import WRITERS

# Days without signing in that a list can be narrowed to.
UNSEEN_DAYS = (30, 90, 180)


class SubscriptionMember(models.Model):
    """The list of the members of a client: what it can be narrowed to, and its file."""

    _inherit = "subscription.member"

    @api.model
    def _get_people_domain(self, client):
        """Return the domain of the members of ``client``, also of those who have left.
        Its accountants are no people of its own, and have a list of their own."""
        return (
            Domain("client_id", "=", client.id)
            & Domain("active", "in", [True, False])
            & Domain("role_id.is_accountant", "=", False)
        )

    @api.model
    def _get_list_domain(
        self, client, *, search="", state="", team=None, role=None, pool=None
    ):
        """Return the domain of the members of ``client`` that are looked for.

        :param str search: a part of a name or an e-mail address
        :param str state: a key of :meth:`_get_list_states`; by default, who has not
            left
        :param team: who is in this team
        :param role: who has this role
        :param pool: who has a seat of this module
        """
        domain = self._get_people_domain(client)
        states = self._get_list_states()
        here = Domain("active", "=", True)
        domain &= states[state]["domain"] if state in states else here
        if search:
            domain &= Domain("name", "ilike", search) | Domain("email", "ilike", search)
        if team:
            domain &= Domain("team_ids", "in", team.ids)
        if role:
            domain &= Domain("role_id", "=", role.id)
        if pool:
            domain &= Domain("pool_ids", "in", pool.ids)
        return domain

    @api.model
    def _get_list_states(self):
        """Return ``{key: {"name", "domain"}}`` of the states that a list can be
        narrowed to."""
        here = Domain("active", "=", True)
        return {
            "active": {
                "name": self.env._("Active"),
                "domain": Domain("state", "=", "active"),
            },
            "invited": {
                "name": self.env._("Invited"),
                "domain": self._get_not_joined_domain("sent"),
            },
            "expired": {
                "name": self.env._("Invitation expired"),
                "domain": self._get_not_joined_domain("expired"),
            },
            "new": {
                "name": self.env._("Not invited yet"),
                "domain": self._get_not_joined_domain("none", "accepted"),
            },
            "no_team": {
                "name": self.env._("In no active team"),
                "domain": here & Domain("is_billed", "=", False),
            },
            **{
                f"unseen_{days}": {
                    "name": self.env._("Not signed in for %s days", days),
                    "domain": self._get_unseen_domain(days),
                }
                for days in UNSEEN_DAYS
            },
            "no_seat": {
                "name": self.env._("Without a seat"),
                "domain": here
                & Domain("seat_ids", "not any", [("released_at", "=", False)]),
            },
            "archived": {
                "name": self.env._("Has left"),
                "domain": Domain("active", "=", False),
            },
        }

    @api.model
    def _get_list_orders(self):
        """Return ``{key: (name, order)}`` of the orders of a list."""
        return {
            "name": (self.env._("Name"), "name, id"),
            "email": (self.env._("E-mail"), "email, id"),
            "role": (self.env._("Role"), "role_id, name, id"),
            "newest": (self.env._("Newest first"), "id desc"),
        }

    @api.model
    def _get_not_joined_domain(self, *states):
        """Return the domain of who has not signed in, by the states of invitations."""
        waiting = Domain("state", "=", "invited")
        return waiting & Domain("invitation_state", "in", states)

    def _get_state_text(self):
        """Return in a word what this member is."""
        return self._get_list_states()[self.login_state]["name"]

    # ------------------------------------------------------------------ file

    @api.model
    def _write_list(self, domain, order, file_format, file):
        """Write the members of ``domain`` to a binary file. What looks like a formula
        is written as a text.

        :param str file_format: ``csv`` or ``xlsx``
        :raise UserError: when it is another one
        """
        if file_format not in WRITERS:
            raise UserError(
                self.env._(
                    "%(format)s: members are exported as csv or xlsx.",
                    format=file_format,
                )
            )
        heads = [
            *(self.env._("Name"), self.env._("E-mail"), self.env._("Role")),
            *(self.env._("Teams"), self.env._("Modules"), self.env._("State")),
        ]
        rows = self.search(domain, order=order)._get_list_rows()
        WRITERS[file_format](file, heads, rows)

    def _get_list_rows(self):
        """Yield a row of the file for each of these members."""
        states = self._get_list_states()
        for member in self:
            yield [
                *(member.name, member.email or "", member.role_id.name),
                "; ".join(member.team_ids.filtered("active").mapped("name")),
                "; ".join(member.module_ids.mapped("name")),
                states[member.login_state]["name"],
            ]
