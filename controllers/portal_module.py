from odoo.fields import Domain
from odoo.http import request

from .portal_client import ClientPortal, clean_text, client_action, client_page

MODULE = "/module/<int:pool_id>"
# The page that a form of a module stands on.
PAGE = "/module/{pool_id}"


class ModulePortal(ClientPortal):
    """The page of a module of a client: who has access, giving and removing it."""

    @client_page(MODULE, f"{MODULE}/page/<int:page>")
    def subscription_module(self, client, pool_id, page=1, search="", **_values):
        pool = self._get_pool(client, pool_id)
        in_use = Domain("pool_id", "=", pool.id) & Domain("released_at", "=", False)
        found = self._find_members(
            Domain("seat_ids", "any", in_use),
            f"/module/{pool.id}",
            client,
            page,
            clean_text(search),
        )
        found["found"] = self._get_seats(in_use, found["found"])
        return self._render_module(client, pool, "portal_module", **found)

    @client_page(f"{MODULE}/add", f"{MODULE}/add/page/<int:page>")
    def subscription_module_add(self, client, pool_id, page=1, search="", **_values):
        pool = self._get_pool(client, pool_id)
        return self._render_module_add(
            client, pool, page=page, search=clean_text(search)
        )

    @client_action(f"{MODULE}/add/check", PAGE + "/add")
    def subscription_module_check(self, client, pool_id, search="", **_values):
        """Say what giving the access does, before it is done."""
        pool = self._get_pool(client, pool_id)
        members = self._get_asked(client)
        pools = pool.browse(pool.id)
        plan = pools._plan_grant(pools._complete_requests({pools: members}))
        text = self._get_obstacle(members, plan)
        if text:
            return self._render_module_add(
                client, pool, search=clean_text(search), error=text, members=members
            )
        texts = [
            members._get_names_text(),
            "\n".join(pools._get_plan_texts(plan)),
            pools._get_plan_effect_text(plan),
        ]
        module = pool.module_id.name
        return self._render_confirm(
            client,
            "overview",
            title=request.env._("Add users to %(module)s?", module=module),
            texts=texts,
            action=f"/module/{pool.id}/add/do",
            button=request.env._("Add users"),
            back=f"/module/{pool.id}/add",
            fields=[("member_id", member.id) for member in members],
        )

    @client_action(f"{MODULE}/add/do", PAGE + "/add")
    def subscription_module_grant(self, client, pool_id, **_values):
        pool = self._get_pool(client, pool_id)
        members = self._get_asked(client)

        def grant():
            seats = pool._grant({pool: members})
            if not seats:
                return request.env._("They have access already.")
            return request.env._(
                "Users added: %(members)s.", members=seats.member_id._get_names_text()
            )

        def refuse(text):
            return self._render_module_add(client, pool, error=text, members=members)

        return self._submit(client, grant, f"/module/{pool.id}", refuse)

    @client_page(f"{MODULE}/remove/<int:seat_id>")
    def subscription_module_remove(self, client, pool_id, seat_id, **_values):
        """Say what removing the access does, before it is done."""
        pool = self._get_pool(client, pool_id)
        seat = self._get_seat(client, pool, seat_id)
        if seat.released_at:
            return self._return_removed(client, pool, seat)
        values = {"member": seat.member_id.name, "module": pool.module_id.name}
        return self._render_confirm(
            client,
            "overview",
            title=request.env._(
                "Remove the access of %(member)s to %(module)s?", **values
            ),
            texts=seat._get_release_texts(),
            action=f"/module/{pool.id}/remove/{seat.id}/do",
            button=request.env._("Remove access"),
            back=f"/module/{pool.id}",
            is_dangerous=True,
        )

    @client_action(f"{MODULE}/remove/<int:seat_id>/do", PAGE)
    def subscription_module_release(self, client, pool_id, seat_id, **_values):
        pool = self._get_pool(client, pool_id)
        seat = self._get_seat(client, pool, seat_id)
        if seat.released_at:
            return self._return_removed(client, pool, seat)

        def release():
            seats = seat._release("access")
            return request.env._(
                "Access removed: %(text)s", text=seats._get_released_text()
            )

        def refuse(text):
            return self._return(client, f"/module/{pool.id}", text, kind="danger")

        return self._submit(client, release, f"/module/{pool.id}", refuse)

    # ------------------------------------------------------------------ finding

    def _get_pool(self, client, pool_id):
        return self._get_own("subscription.seat.pool", client, pool_id)

    def _get_seat(self, client, pool, seat_id):
        """Return a seat of ``pool`` by its id, in use or not."""
        in_pool = [("pool_id", "=", pool.id)]
        return self._get_own("subscription.seat", client, seat_id, in_pool)

    def _get_seats(self, domain, members):
        """Return the seats of ``members`` in ``domain``, in the members' order."""
        # sudo: users of the portal read nothing but what its pages show.
        seats = request.env["subscription.seat"].sudo()
        found = seats.search_fetch(
            domain & Domain("member_id", "in", members.ids),
            ["member_id", "takes_seat", "granted_at"],
        )
        places = {id_: place for place, id_ in enumerate(members.ids)}
        return found.sorted(lambda seat: places[seat.member_id.id])

    def _get_asked(self, client):
        """Return the members that the form names. Of one who was archived since the
        page was opened, the model says so."""
        any_state = [("active", "in", [True, False])]
        ids = self._get_sent("member_id")
        return self._get_own("subscription.member", client, ids, any_state).sorted()

    def _get_obstacle(self, members, plan):
        """Return why nothing is confirmed, empty where it can be."""
        if not members:
            return request.env._("Choose at least one user.")
        return plan.refusal or (
            "" if plan.requests else request.env._("They have access already.")
        )

    def _find_members(self, domain, path, client, page, search):
        """Return the values of a page of the members of ``client`` in ``domain`` whose
        name or address has the text ``search``, by name."""
        domain &= Domain("client_id", "=", client.id)
        if search:
            domain &= Domain("name", "ilike", search) | Domain("email", "ilike", search)
        found, total, pager = self._find_page(
            # sudo: users of the portal read nothing but what its pages show.
            request.env["subscription.member"].sudo(),
            domain,
            self._get_url(client, path),
            page,
            args={"search": search} if search else None,
            order="name, id",
        )
        return {"found": found, "total": total, "pager": pager, "search": search}

    # ------------------------------------------------------------------ showing

    def _render_module_add(
        self, client, pool, *, page=1, search="", error="", members=None
    ):
        """Render the choice of members who lack the module; ``members`` are chosen."""
        found = self._find_members(
            pool._get_lacking_domain(), f"/module/{pool.id}/add", client, page, search
        )
        chosen = members or found["found"].browse()
        return self._render_module(
            client,
            pool,
            "portal_module_add",
            error=error,
            chosen=chosen,
            # Those that were chosen on another page stay in sight.
            shown=(chosen.filtered("active") - found["found"]) | found["found"],
            **found,
        )

    def _render_module(self, client, pool, template, **values):
        # Computed first: what is read of the usage before would be read again.
        pool.mapped("state_reason")
        return self._render_client(
            client,
            template,
            "overview",
            pool=pool,
            usage=pool._get_usages()[pool],
            free_roles=pool._get_free_roles_text(),
            **values,
        )

    def _return_removed(self, client, pool, seat):
        text = request.env._(
            "%(member)s has no access any more.", member=seat.holder_name
        )
        return self._return(client, f"/module/{pool.id}", text)
