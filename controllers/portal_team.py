from odoo.http import request

from .portal_client import client_action, client_page
from .portal_member import ALL, PEOPLE, MemberPortal


class TeamPortal(MemberPortal):
    """The teams of a client, and who is in them."""

    def _get_tabs(self, client):
        tabs = super()._get_tabs(client)
        url = self._get_url(client, "/teams")
        return {**tabs, "teams": (30, request.env._("Teams"), url)}

    def _get_team(self, client, team_id):
        return self._get_own("subscription.team", client, team_id, ALL)

    # ------------------------------------------------------------------ list

    @client_page("/teams")
    def teams(self, client):
        return self._render_teams(client)

    def _render_teams(self, client, **values):
        teams = request.env["subscription.team"].sudo()
        teams = teams.search(
            [("client_id", "=", client.id), *ALL], order="active desc, name, id"
        )
        return self._render_client(
            client,
            "portal_teams",
            "teams",
            teams=teams.filtered("active"),
            archived=teams.filtered(lambda team: not team.active),
            counts=teams._count_members(),
            modules=teams._count_modules(),
            **values,
        )

    @client_action("/teams/create")
    def team_create(self, client, name="", **_sent):
        teams = request.env["subscription.team"].sudo()

        def work():
            team = teams._open_team(client, name)
            return request.env._("The team %s was created.", team.name)

        def refuse(error):
            return self._render_teams(client, error=error, form={"name": name})

        return self._submit(client, work, "/teams", refuse)

    # ------------------------------------------------------------------ one team

    @client_page("/teams/<int:team_id>", "/teams/<int:team_id>/page/<int:page>")
    def team(self, client, team_id, page=1, search=""):
        team = self._get_team(client, team_id)
        return self._render_team(client, team, page=page, search=search)

    def _render_team(self, client, team, *, page=1, search="", **values):
        shown = self._get_page_of_members(
            client, [("team_ids", "in", team.ids)], f"/teams/{team.id}", page, search
        )
        others = client.subscription_team_ids - team
        values = {"form": {"name": team.name}, **values}
        return self._render_client(
            client,
            "portal_team",
            "teams",
            team=team,
            others=others,
            move_text=request.env._("move to %s"),
            **shown,
            **values,
        )

    @client_action("/teams/<int:team_id>/rename")
    def team_rename(self, client, team_id, name="", **_sent):
        team = self._get_team(client, team_id)

        def work():
            team._rename(name)
            return request.env._("The team is called %s now.", team.name)

        def refuse(error):
            return self._render_team(client, team, error=error, form={"name": name})

        return self._submit(client, work, f"/teams/{team.id}", refuse)

    @client_action("/teams/<int:team_id>/archive")
    def team_archive(self, client, team_id, **_sent):
        team = self._get_team(client, team_id)

        def work():
            team.active = False
            return request.env._("The team %s was archived.", team.name)

        ask = {
            "title": request.env._("Archive the team %s?", team.name),
            "texts": [
                request.env._(
                    "Its members stay members. You can restore the team later, with the"
                    " same members."
                ),
                team.archive_text,
            ],
            "action": f"/teams/{team.id}/archive",
            "button": request.env._("Archive"),
            "back": f"/teams/{team.id}",
            "is_dangerous": True,
        }
        return self._submit_confirmed(client, "teams", ask, work, "/teams")

    @client_action("/teams/<int:team_id>/restore")
    def team_restore(self, client, team_id, **_sent):
        team = self._get_team(client, team_id)

        def work():
            team._restore()
            return request.env._("The team %s was restored.", team.name)

        ask = {
            "title": request.env._("Restore the team %s?", team.name),
            "texts": [
                request.env._("Its members are in the team again."),
                team._get_restore_text(),
            ],
            "action": f"/teams/{team.id}/restore",
            "button": request.env._("Restore"),
        }
        return self._submit_confirmed(client, "teams", ask, work, "/teams")

    # ------------------------------------------------------------------ its members

    @client_page("/teams/<int:team_id>/add", "/teams/<int:team_id>/add/page/<int:page>")
    def team_add(self, client, team_id, page=1, search=""):
        team = self._get_team(client, team_id)
        return self._render_team_add(client, team, page=page, search=search)

    def _render_team_add(self, client, team, *, page=1, search="", **values):
        shown = self._get_page_of_members(
            client,
            [("team_ids", "not in", team.ids)],
            f"/teams/{team.id}/add",
            page,
            search,
        )
        return self._render_client(
            client,
            "portal_team_add",
            "teams",
            team=team,
            title=request.env._("Add members to the team %s", team.name),
            **shown,
            **values,
        )

    @client_action("/teams/<int:team_id>/join")
    def team_join(self, client, team_id, **_sent):
        team = self._get_team(client, team_id)

        def refuse(error):
            return self._render_team_add(client, team, error=error)

        title = request.env._("Add to the team %s?", team.name)
        return self._change_members(client, team, title, refuse, join=team)

    @client_action("/teams/<int:team_id>/move")
    def team_move(self, client, team_id, target_id="", **_sent):
        """Move members to another team, or out of this one."""
        team = self._get_team(client, team_id)
        target = self._find(client.subscription_team_ids - team, target_id)
        title = request.env._("Take out of the team %s?", team.name)
        if target:
            title = request.env._("Move to the team %s?", target.name)

        def refuse(error):
            return self._render_team(client, team, error=error)

        return self._change_members(
            client, team, title, refuse, join=target, leave=team
        )

    def _change_members(self, client, team, title, refuse, *, join=(), leave=()):
        """Make the members that the form names join and leave teams; ask before, where
        it gives or takes modules, or changes the next invoice."""
        sent = self._get_sent("member_ids")
        if not sent:
            return refuse(request.env._("Choose at least one member."))
        members = self._get_own("subscription.member", client, sent, PEOPLE)
        vals = members._get_team_vals(join=join, leave=leave)
        action = "move" if leave else "join"
        back = f"/teams/{team.id}"

        def work():
            members.write(vals)
            return request.env._("Saved for %s.", members._get_names_text())

        texts = [members._get_teams_change_text(vals), members._get_change_text(vals)]
        if not any(texts):
            return self._submit(client, work, back, refuse)
        target = [("target_id", team.id) for team in join] if leave else []
        ask = {
            "title": title,
            "texts": [members._get_names_text(), *texts],
            "action": f"{back}/{action}",
            "fields": [*target, *(("member_ids", one.id) for one in members)],
            "button": request.env._("Save"),
        }
        return self._submit_confirmed(client, "teams", ask, work, back)
