from tempfile import TemporaryFile
from urllib.parse import urlencode

from werkzeug.exceptions import NotFound

from odoo.fields import Domain
from odoo.http import request

from ..models.core.table_files import MIME_TYPES
from .files import send_file
from .portal_client import ClientPortal, client_action, client_page

PAGE = 50
# What a list is narrowed to, in its address.
FILTERS = ("search", "state", "team", "role", "module", "sort")
# Members of the client's own, also those who have left.
ALL = [("active", "in", [True, False])]
PEOPLE = [*ALL, ("role_id.is_accountant", "=", False)]


class MemberPortal(ClientPortal):
    """The members of a client: who they are, what they have, and how that changes."""

    def _get_tabs(self, client):
        tabs = super()._get_tabs(client)
        url = self._get_url(client, "/members")
        return {**tabs, "members": (20, request.env._("Members"), url)}

    # ------------------------------------------------------------------ list

    @client_page("/members", "/members/page/<int:page>")
    def members(self, client, page=1, **filters):
        shown = self._read_member_filters(client, filters)
        found, total, pager = self._find_page(
            request.env["subscription.member"].sudo(),
            shown["domain"],
            self._get_url(client, "/members"),
            page,
            args=shown["args"],
            order=shown["order"],
            step=PAGE,
        )
        return self._render_client(
            client,
            "portal_members",
            "members",
            **shown,
            members=found,
            total_text=self._get_total_text(total),
            pager=pager,
        )

    def _get_total_text(self, total):
        if total == 1:
            return request.env._("1 member")
        return request.env._("%s members", total)

    @client_page("/members/export/<string:file_format>")
    def members_export(self, client, file_format, **filters):
        if file_format not in MIME_TYPES:
            raise NotFound
        shown = self._read_member_filters(client, filters)
        file = TemporaryFile()  # noqa: SIM115
        # Written before it is sent: an error on the way is told as one.
        members = request.env["subscription.member"].sudo()
        members._write_list(shown["domain"], shown["order"], file_format, file)
        name = request.env._("Members of %s", client.name).replace("/", "-")
        return send_file(file, f"{name}.{file_format}", MIME_TYPES[file_format])

    def _read_member_filters(self, client, filters):
        """Return what the address says the list is narrowed to, and what the page
        offers.

        :raise NotFound: when it names what is not the client's
        """
        args = {name: filters[name] for name in FILTERS if filters.get(name)}
        members = request.env["subscription.member"].sudo()
        orders = members._get_list_orders()
        pools = client.seat_pool_ids
        chosen = {
            "team": self._find(client.subscription_team_ids, args.get("team")),
            "role": self._find(self._get_roles(), args.get("role")),
        }
        module = self._find(pools.module_id, args.get("module"))
        domain = members._get_list_domain(
            client,
            **chosen,
            search=args.get("search", ""),
            state=args.get("state", ""),
            pool=pools.filtered(lambda pool: pool.module_id in module),
        )
        return {
            "args": args,
            "query": f"?{urlencode(args)}" if args else "",
            "domain": domain,
            "order": orders.get(args.get("sort"), orders["name"])[1],
            "orders": orders,
            "states": members._get_list_states(),
            "teams": client.subscription_team_ids,
            "roles": self._get_roles(),
            "modules": pools.module_id.sorted(),
        }

    def _find(self, records, text):
        """Return the one of ``records`` whose id is ``text``, none without a text.

        :raise NotFound: when there is none
        """
        found = records.filtered(lambda one: str(one.id) == text)
        if text and not found:
            raise NotFound
        return found

    def _get_roles(self):
        return request.env["subscription.member.role"].sudo()._get_given_by_clients()

    # ------------------------------------------------------------------ one member

    def _get_member(self, client, member_id):
        return self._get_own("subscription.member", client, member_id, PEOPLE)

    @client_page("/members/<int:member_id>")
    def member(self, client, member_id):
        return self._render_member(client, self._get_member(client, member_id))

    def _render_member(self, client, member, **values):
        return self._render_client(
            client,
            "portal_member",
            "members",
            member=member,
            roles=self._get_roles(),
            teams=client.subscription_team_ids,
            pools=client.seat_pool_ids,
            is_own=member.partner_id == request.env.user.partner_id,
            **values,
        )

    @client_action("/members/<int:member_id>/role")
    def member_role(self, client, member_id, role_id="", **_sent):
        member = self._get_member(client, member_id)
        role = self._find(self._get_roles(), role_id or "0")
        back = f"/members/{member.id}"

        def work():
            member.role_id = role
            return request.env._(
                "%(member)s has the role %(role)s.", member=member.name, role=role.name
            )

        if role == member.role_id:
            return self._submit(client, work, back, None)
        ask = {
            "title": request.env._("Change the role of %s?", member.name),
            "texts": [
                request.env._(
                    "From %(old)s to %(new)s.",
                    old=member.role_id.name,
                    new=role.name,
                ),
                role.description,
                member._get_seat_change_text(role),
                member._get_change_text({"role_id": role.id}),
            ],
            "action": f"{back}/role",
            "fields": [("role_id", role.id)],
            "button": request.env._("Change the role"),
        }
        return self._submit_confirmed(client, "members", ask, work, back)

    def _get_teams(self, client, ids):
        """Return the teams that ``ids`` name, but for those archived meanwhile.

        :raise NotFound: when one is not the client's
        """
        teams = self._get_own("subscription.team", client, ids, ALL)
        return teams.filtered("active")

    @client_action("/members/<int:member_id>/teams")
    def member_teams(self, client, member_id, **_sent):
        member = self._get_member(client, member_id)
        sent = self._get_sent("team_ids")
        teams = self._get_teams(client, sent)
        vals = member._get_teams_vals(teams)
        back = f"/members/{member.id}"

        def work():
            member.write(vals)
            return request.env._("The teams of %s were saved.", member.name)

        texts = [member._get_teams_change_text(vals), member._get_change_text(vals)]
        if not any(texts):
            return self._submit(
                client, work, back, lambda error: self._refuse(client, member, error)
            )
        ask = {
            "title": request.env._("Change the teams of %s?", member.name),
            "texts": [
                request.env._("In the teams: %s.", ", ".join(teams.mapped("name")))
                if teams
                else request.env._("In no team any more."),
                *texts,
            ],
            "action": f"{back}/teams",
            "fields": [("team_ids", team_id) for team_id in sent],
            "button": request.env._("Change the teams"),
        }
        return self._submit_confirmed(client, "members", ask, work, back)

    @client_action("/members/<int:member_id>/modules")
    def member_modules(self, client, member_id, **_sent):
        member = self._get_member(client, member_id)
        sent = self._get_sent("pool_ids")
        pools = self._get_own("subscription.seat.pool", client, sent)
        back = f"/members/{member.id}"
        lost = member._get_lost_seats(pools).pool_id

        def work():
            member._change_pools(pools)
            return request.env._("The modules of %s were saved.", member.name)

        text = member._get_access_text(pools)
        if not (text or lost):
            return self._submit(
                client, work, back, lambda error: self._refuse(client, member, error)
            )
        gained = member._get_gained_pools(pools)
        ask = {
            "title": request.env._("Change the modules of %s?", member.name),
            "texts": [
                self._get_modules_text(request.env._("Gets: %s."), gained),
                self._get_modules_text(request.env._("Loses: %s."), lost),
                text,
            ],
            "action": f"{back}/modules",
            "fields": [("pool_ids", pool_id) for pool_id in sent],
            "button": request.env._("Change the modules"),
            "is_dangerous": bool(lost),
        }
        return self._submit_confirmed(client, "members", ask, work, back)

    def _get_modules_text(self, text, pools):
        return pools and text % ", ".join(pools.module_id.mapped("name"))

    def _refuse(self, client, member, error):
        return self._render_member(client, member, error=error)

    @client_action("/members/<int:member_id>/remove")
    def member_remove(self, client, member_id, **_sent):
        member = self._get_member(client, member_id)

        def work():
            member._leave("member")
            return request.env._("%s was removed.", member.name)

        ask = {
            "title": request.env._("Remove %s?", member.name),
            "texts": [
                request.env._(
                    "%s has no access any more. What was done stays, and you can"
                    " restore the member later.",
                    member.name,
                ),
                member._get_freed_text(),
                member._get_leave_text(),
            ],
            "action": f"/members/{member.id}/remove",
            "button": request.env._("Remove"),
            "back": f"/members/{member.id}",
            "is_dangerous": True,
        }
        return self._submit_confirmed(client, "members", ask, work, "/members")

    @client_action("/members/<int:member_id>/restore")
    def member_restore(self, client, member_id, **_sent):
        member = self._get_member(client, member_id)
        held = member._get_pools_left().get(member, client.seat_pool_ids.browse())

        def work():
            member.active = True
            lost = self._get_modules_text(
                request.env._("Held before, and not given back: %s."),
                held - member.pool_ids,
            )
            return "\n".join(
                filter(None, [request.env._("%s was restored.", member.name), lost])
            )

        ask = {
            "title": request.env._("Restore %s?", member.name),
            "texts": [
                request.env._("Comes back with the role %s.", member.role_id.name),
                member._get_change_text({"active": True}),
            ],
            "action": f"/members/{member.id}/restore",
            "button": request.env._("Restore"),
        }
        back = f"/members/{member.id}"
        return self._submit_confirmed(client, "members", ask, work, back)

    # ------------------------------------------------------------------ choosing

    def _get_page_of_members(self, client, domain, path, page, search):
        """Return the members of ``domain`` with ``search`` in their names or addresses
        that are on ``page``, and the pager."""
        members = request.env["subscription.member"].sudo()
        found, total, pager = self._find_page(
            members,
            Domain(domain) & members._get_list_domain(client, search=search),
            self._get_url(client, path),
            page,
            args={"search": search} if search else None,
            order="name, id",
            step=PAGE,
        )
        return {
            "members": found,
            "pager": pager,
            "total_text": self._get_total_text(total),
            "search": search,
        }
