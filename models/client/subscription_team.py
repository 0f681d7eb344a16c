from odoo import api, fields, models
from odoo.exceptions import ValidationError


class SubscriptionTeam(models.Model):
    _name = "subscription.team"
    _description = "Team"
    _order = "client_id, name, id"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    client_id = fields.Many2one(
        "res.partner", required=True, ondelete="restrict", index=True
    )
    member_ids = fields.Many2many(
        "subscription.member",
        relation="subscription_team_member_rel",
        column1="team_id",
        column2="member_id",
        string="Members",
    )
    member_count = fields.Integer(compute="_compute_member_count")

    _name_unique = models.UniqueIndex(
        "(client_id, name) WHERE active IS TRUE",
        "The client has a team of this name already.",
    )

    @api.depends("member_ids.active")
    def _compute_member_count(self):
        for team in self:
            team.member_count = len(team.member_ids.filtered("active"))

    def copy_data(self, default=None):
        """Name copies apart: a client has each name once."""
        vals_list = super().copy_data(default)
        named = "name" in (default or {})
        return [
            vals if named else dict(vals, name=team._get_copy_name())
            for team, vals in zip(self, vals_list, strict=True)
        ]

    def _get_copy_name(self):
        """Return the name of the next copy of this team, which nobody has yet."""
        taken = set(self.client_id.subscription_team_ids.mapped("name"))
        name = self.env._("%(team)s (copy)", team=self.name)
        while name in taken:
            name = self.env._("%(team)s (copy)", team=name)
        return name

    @api.constrains("client_id", "member_ids")
    def _check_member_client(self):
        for team in self:
            outsiders = team.member_ids.filtered(
                lambda member, team=team: member.client_id != team.client_id
            )
            if outsiders:
                raise ValidationError(
                    self.env._(
                        "%(members)s cannot join the team %(team)s: a team takes"
                        " members of its own company (%(client)s) only.",
                        members=", ".join(outsiders.mapped("name")),
                        team=team.name,
                        client=team.client_id.display_name,
                    )
                )

    def _move_to_merged(self, client):
        """Hand these teams to ``client``, which theirs was merged into; those that it
        has by that name already are archived.

        :return: ``{team: the team of that name}``
        """
        there = {
            team.name: team
            for team in client.with_context(active_test=True).subscription_team_ids
        }
        namesakes = {
            team: there.setdefault(team.name, team) if team.active else team
            for team in self
        }
        (self - self.browse().union(*namesakes.values())).active = False
        self.client_id = client
        return namesakes
