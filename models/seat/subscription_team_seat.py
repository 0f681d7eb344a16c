from odoo import api, fields, models
from odoo.exceptions import ValidationError

# What decides who gets which modules from a team.
CLAIM_FIELDS = {"active", "client_id", "member_ids", "module_ids"}


class SubscriptionTeam(models.Model):
    """The modules of teams: who is in a team gets them, as long as seats last, and who
    is in none that gives a module any more loses it. Seats given by hand stay.

    Modules rather than pools: a client may have one in several subscriptions, and gets
    new ones; a member needs one seat, wherever it is.
    """

    _name = "subscription.team"
    _inherit = ["subscription.team", "subscription.locking.mixin"]

    module_ids = fields.Many2many(
        "subscription.module",
        relation="subscription_team_module_rel",
        column1="team_id",
        column2="module_id",
        string="Modules",
        domain=[("is_base", "=", False)],
        help="Members of the team get access to these, as long as seats last.",
    )

    @api.constrains("module_ids")
    def _check_module_is_no_base(self):
        """:raise ValidationError: when a team would give the base module"""
        # sudo: modules of the team that the user may not see are looked at as well.
        base = self.sudo().module_ids.filtered("is_base")[:1]
        if base:
            raise ValidationError(
                self.env._(
                    "Every member has %(module)s: a team gives other modules only.",
                    module=base.name,
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        """Create teams, and give their members their modules."""
        teams = super().create(vals_list)
        teams._log_modules({})
        claims = self._read_claims(teams=teams)
        if claims:
            self._give(claims, is_new=True)
        return teams

    def write(self, vals):
        """Change teams; who comes gets their modules, who goes loses them."""
        if not CLAIM_FIELDS & set(vals):
            return super().write(vals)
        self.check_access("write")
        before = {team: team.sudo().module_ids for team in self}
        with self._follow_claims(teams=self, is_giving="module_ids" in vals):
            result = super().write(vals)
        self._log_modules(before)
        return result

    def unlink(self):
        """Delete teams, whose members lose what they gave."""
        self.check_access("unlink")
        with self._follow_claims(teams=self):
            return super().unlink()

    def _log_modules(self, before):
        """Note which of these teams have other modules than in ``before``, ``{team:
        modules}``."""
        none = self.env["subscription.module"]
        self.env["subscription.log"]._log_entries(
            [
                {
                    "event": "team_modules",
                    "client_id": team.client_id.id,
                    "old_value": team._get_module_text(before.get(team, none)),
                    "new_value": team._get_module_text(team.module_ids),
                }
                for team in self.sudo()
                if team.module_ids != before.get(team, none)
            ]
        )

    def _get_module_text(self, modules):
        codes = ", ".join(f"module_{code}" for code in modules.mapped("code"))
        return f"{self.name}: {codes or '-'}"

    def _move_to_merged(self, client):
        """Give the modules of teams that become one with a namesake to that one."""
        modules = {team: team.module_ids for team in self}
        namesakes = super()._move_to_merged(client)
        for team, namesake in namesakes.items():
            if team != namesake:
                namesake.module_ids |= modules[team]
        return namesakes
