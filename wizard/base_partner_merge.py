from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        """Merge through the models what the generic update in SQL would get wrong:
        seats, paths and the limits that depend on them.

        :raise UserError: when a company would come to manage itself
        :raise SeatRefusal: when the members do not fit
        """
        sources = src_partners.sudo().with_context(active_test=False)
        target = dst_partner.sudo()
        self._verify_not_above(sources, target)
        self._merge_managed_companies(sources, target)
        self._merge_clients(sources, target)
        sources.licence_account_ids._merge_into(target)
        self._merge_ledger_paths(sources, target)
        self._merge_members(sources.membership_ids, {"partner_id": target.id})
        return super()._update_foreign_keys(src_partners, dst_partner)

    def _update_values(self, src_partners, dst_partner):
        """Leave a partner at the top, that the reseller which is merged into it would
        come to be managed by otherwise: Odoo takes what is empty from the others."""
        target = dst_partner.sudo()
        below = src_partners.sudo().filtered(
            lambda source: target in source.managing_partner_id._get_management_chain()
        )
        below._set({"managing_partner_id": False})
        return super()._update_values(src_partners, dst_partner)

    def _verify_not_above(self, sources, target):
        """:raise UserError: when one of ``sources`` manages ``target``"""
        above = sources & target.managing_partner_id._get_management_chain()
        if above:
            raise UserError(
                self.env._(
                    "%(partner)s manages %(reseller)s and cannot be merged into it."
                    " Merge %(reseller)s into %(partner)s: choose %(partner)s as the"
                    " destination contact. Or first give %(reseller)s another managing"
                    " partner, or none.",
                    partner=above[0].display_name,
                    reseller=target.display_name,
                )
            )

    def _merge_ledger_paths(self, sources, target):
        """Put ``target`` in the place of ``sources`` among the companies that were
        above stocks when licences came into them or left them."""
        self.env["subscription.licence.move"].flush_model(["management_path"])
        for source in sources:
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE subscription_licence_move
                       SET management_path = regexp_replace(
                               management_path, %(source)s, %(target)s)
                     WHERE management_path ~ %(source)s
                    """,
                    source=f"(^|/){source.id}/",
                    target=f"\\1{target.id}/",
                )
            )
        self.env["subscription.licence.move"].invalidate_model(["management_path"])

    def _merge_managed_companies(self, sources, target):
        """Hand the companies that ``sources`` manage to ``target``."""
        managed = sources.managed_partner_ids
        if managed:
            target.is_managing_partner = True
            managed.write({"managing_partner_id": target.id})

    def _merge_clients(self, sources, target):
        """Hand the subscriptions, teams and members of ``sources`` to ``target``."""
        subscriptions = (
            self.env["sale.subscription"]
            .sudo()
            .with_context(active_test=False)
            .search([("partner_id", "in", sources.ids)])
        )
        subscriptions._repoint_client(target)
        teams = sources.subscription_team_ids
        rosters = {team: team.member_ids for team in teams}
        # A team takes members of its own client only, also on the way.
        teams.member_ids = False
        survivors = self._merge_members(
            sources.subscription_member_ids, {"client_id": target.id}
        )
        namesakes = self._merge_teams(teams, target)
        for team, members in rosters.items():
            remaining = members.browse(survivors[member] for member in members)
            namesakes[team].member_ids |= remaining
        remaining = teams.member_ids.browse(set(survivors.values()))
        remaining.filtered("active")._take_base_seats()

    def _merge_teams(self, teams, target):
        """Hand ``teams`` to ``target``; those that it has by that name already are
        archived.

        :return: ``{team: the team of that name}``
        """
        there = {
            team.name: team
            for team in target.with_context(active_test=True).subscription_team_ids
        }
        namesakes = {
            team: there.setdefault(team.name, team) if team.active else team
            for team in teams
        }
        (teams - teams.browse().union(*namesakes.values())).active = False
        teams.client_id = target
        return namesakes

    def _merge_members(self, members, vals):
        """Point ``members`` to what they were merged into.

        Two members who thereby become one person at one client are merged as well:
        the one who was there first keeps the seats and teams of both, unless archived.

        :return: ``{member: id of the member who remains}``
        """
        survivors = {}
        for member in members:
            keeper = self._get_same_member(member, vals)
            if keeper and (keeper.active or not member.active):
                member._merge_into(keeper)
                survivors[member] = keeper.id
                continue
            keeper._repoint({"partner_id": False})
            # Before the other takes its place: PostgreSQL looks at row after row.
            keeper.flush_recordset(["partner_id"])
            member._repoint(vals)
            survivors[member] = member.id
        return survivors

    def _get_same_member(self, member, vals):
        """Return the member who ``member`` would be once written with ``vals``."""
        return member.with_context(active_test=False).search(
            [
                ("client_id", "=", vals.get("client_id", member.client_id.id)),
                ("partner_id", "=", vals.get("partner_id", member.partner_id.id)),
                ("id", "!=", member.id),
            ]
        )
