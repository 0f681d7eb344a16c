from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...member_lines import clean

# How long after a team was made the same form, sent again, is taken for a double click.
DOUBLE_CLICK = timedelta(minutes=1)
MAX_NAME = 100


class SubscriptionTeam(models.Model):
    """What an administrator does with the teams of its company."""

    _inherit = "subscription.team"

    @api.model
    def _open_team(self, client, name):
        """Create the team ``name`` of ``client``. Who sends the same form twice gets
        the team that the first one made.

        :return: the team
        :raise UserError: when there is one of that name, or no name
        """
        # Two clicks come one after the other, and the second sees the team.
        client._lock_exclusive("subscription_team_ids")
        name = self._clean_name(name)
        known = self._find_named(client, name)
        made = fields.Datetime.now() - DOUBLE_CLICK
        if known.create_uid == self.env.user and known.create_date >= made:
            return known
        self._verify_name_free(client, name)
        return self.create({"client_id": client.id, "name": name})

    def _rename(self, name):
        """Give this team another name.

        :raise UserError: when another one has it, or when there is none
        """
        name = self._clean_name(name)
        self._verify_name_free(self.client_id, name)
        self.name = name

    def _restore(self):
        """Restore this archived team, with the members that it had.

        :raise UserError: when another team has its name by now
        """
        self._verify_name_free(self.client_id, self.name)
        self.active = True

    @api.model
    def _clean_name(self, name):
        """:raise UserError: when ``name`` is empty or too long"""
        name = clean(name or "")
        if not name:
            raise UserError(self.env._("Enter the name of the team."))
        if len(name) > MAX_NAME:
            raise UserError(
                self.env._(
                    "This name is too long: choose one of at most %s characters.",
                    MAX_NAME,
                )
            )
        return name

    @api.model
    def _find_named(self, client, name):
        return self.search([("client_id", "=", client.id), ("name", "=", name)])

    def _verify_name_free(self, client, name):
        """:raise UserError: when a team of ``client`` other than this one has ``name``;
        the index says so as well, for those who come at once"""
        if self._find_named(client, name) - self:
            raise UserError(
                self.env._(
                    "There is a team called “%(name)s” already. Choose another name, or"
                    " rename that one first.",
                    name=name,
                )
            )
