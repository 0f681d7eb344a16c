from werkzeug.exceptions import NotFound

from odoo.http import request

from .portal_client import ClientPortal, client_action, client_page

PATH = "/teams/<int:team_id>/modules"


class TeamModulePortal(ClientPortal):
    """Which modules a team gives to who is in it."""

    @client_page(PATH)
    def team_modules(self, client_id, team_id, **values):
        client = self._get_client(client_id)
        team = self._get_own("subscription.team", client, team_id)
        return self._render_team_modules(client, team, team.module_ids)

    @client_action(f"{PATH}/confirm")
    def confirm_team_modules(self, client_id, team_id, **values):
        """Tell what other modules would do, and ask."""
        client = self._get_client(client_id)
        team = self._get_own("subscription.team", client, team_id)
        modules = self._get_sent_modules(client, team)
        texts = team._get_module_texts(modules)
        nothing = request.env._("Nobody gets or loses access by this now.")
        return self._render_confirm(
            client,
            "teams",
            title=request.env._("Modules of %(team)s", team=team.name),
            texts=texts or [nothing],
            action=f"/teams/{team.id}/modules/save",
            button=request.env._("Save"),
            fields=[("module_id", module.id) for module in modules],
            back=f"/teams/{team.id}/modules",
            is_dangerous=bool(team.module_ids - modules),
        )

    @client_action(f"{PATH}/save")
    def save_team_modules(self, client_id, team_id, **values):
        client = self._get_client(client_id)
        team = self._get_own("subscription.team", client, team_id)
        modules = self._get_sent_modules(client, team)

        def save():
            team.module_ids = modules
            waiting = team._read_own_waiting()
            if not waiting:
                return request.env._("The modules of the team were saved.")
            return request.env._(
                "The modules of the team were saved. %(count)s seats are missing: see"
                " below who waits.",
                count=len(waiting),
            )

        return self._submit(
            client,
            save,
            f"/teams/{team.id}/modules",
            lambda error: self._render_team_modules(client, team, modules, error=error),
        )

    def _get_choosable_modules(self, client, team):
        """Return the modules that ``team`` may give: those of the client, and those
        that it gives already."""
        modules = client.seat_pool_ids.module_id | team.module_ids
        return modules.filtered(lambda module: not module.is_base).sorted()

    def _get_sent_modules(self, client, team):
        """Return the modules that were ticked.

        :raise NotFound: when the team may not give one
        """
        sent = set(self._get_sent("module_id"))
        choosable = self._get_choosable_modules(client, team)
        modules = choosable.filtered(lambda module: str(module.id) in sent)
        if len(modules) < len(sent):
            raise NotFound
        return modules

    def _render_team_modules(self, client, team, ticked, **values):
        pools = client.seat_pool_ids
        labels = {
            module: ", ".join(
                pool._get_left_text()
                for pool in pools.filtered(lambda one, m=module: one.module_id == m)
            )
            for module in self._get_choosable_modules(client, team)
        }
        return self._render_client(
            client,
            "portal_team_modules",
            "teams",
            team=team,
            labels=labels,
            ticked=ticked,
            waiting=team._get_waiting_lines(),
            **values,
        )
