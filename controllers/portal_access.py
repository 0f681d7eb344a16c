from werkzeug.exceptions import NotFound

from odoo.http import request, route

from .portal_client import ClientPortal

PAGE = "/my/access"
NOTICE_KEY = "subscription_access_notice"


class AccessPortal(ClientPortal):
    """What a member has: its seats, teams and role at each of its companies, and whom
    to ask for more. Everything is found by the contact of who has logged in, so nothing
    of anybody else can be asked for."""

    def _prepare_portal_layout_values(self):
        values = super()._prepare_portal_layout_values()
        return {**values, "is_member": bool(self._get_own_memberships())}

    @route(PAGE, type="http", auth="user", methods=["GET"], website=True)
    def my_access(self, **_values):
        return self._render_access()

    @route(
        f"{PAGE}/ask", type="http", auth="user", methods=["GET", "POST"], website=True
    )
    def my_access_ask(self, member_id="", pool_id="", message="", **_values):
        if request.httprequest.method != "POST":
            return self._return_access_unsent()
        member = self._get_own_membership(member_id)
        # sudo: a user of the portal reads nothing but what its pages show.
        requests = request.env["subscription.request"].sudo()
        pool = requests._get_askable_pools(member).filtered(
            lambda one: str(one.id) == pool_id
        )
        form = {"member_id": member.id, "pool_id": pool_id, "message": message}
        if not pool:
            return self._render_access(
                error=request.env._("Choose a module that you do not have yet."),
                form=form,
            )
        return self._submit_access(
            lambda: self._ask_for_module(member, pool, message), form
        )

    @route(
        f"{PAGE}/withdraw",
        type="http",
        auth="user",
        methods=["GET", "POST"],
        website=True,
    )
    def my_access_withdraw(self, request_id="", **_values):
        if request.httprequest.method != "POST":
            return self._return_access_unsent()
        asked = self._get_own_wishes().filtered(lambda one: str(one.id) == request_id)
        if not asked:
            raise NotFound

        def withdraw():
            asked._withdraw()
            return request.env._("Withdrawn.")

        return self._submit_access(withdraw, {})

    # ------------------------------------------------------------------ finding

    def _get_own_memberships(self):
        """Return the memberships of the user, as superuser, by client."""
        members = request.env.user.partner_id.sudo().membership_ids
        return members.filtered("active").sorted(lambda one: one.client_id.name or "")

    def _get_own_membership(self, member_id):
        """:raise NotFound: when it is none of the user's"""
        member = self._get_own_memberships().filtered(
            lambda one: str(one.id) == member_id
        )
        if not member:
            raise NotFound
        return member

    def _get_own_wishes(self):
        """Return what waits of what the user has asked its administrators for."""
        # sudo: a user of the portal reads nothing but what its pages show.
        requests = request.env["subscription.request"].sudo()
        return requests.search(
            [
                ("member_id", "in", self._get_own_memberships().ids),
                ("kind", "=", "module"),
                ("state", "=", "waiting"),
            ]
        )

    def _get_last_answers_to(self, members):
        """Return what was answered last of what ``members`` asked for."""
        requests = request.env["subscription.request"].sudo()
        return requests.search(
            [
                ("member_id", "in", members.ids),
                ("kind", "=", "module"),
                ("state", "in", ("approved", "refused", "expired")),
            ],
            limit=5,
        )

    # ------------------------------------------------------------------ doing

    def _ask_for_module(self, member, pool, message):
        requests = request.env["subscription.request"].sudo()
        requests._ask_module(member, pool, message)
        return request.env._(
            "%(module)s: your administrators have been asked.",
            module=pool.module_id.name,
        )

    def _submit_access(self, work, form):
        """Do ``work`` and go back to the page; a refusal shows it with what was typed,
        and nothing is done."""
        return self._attempt(
            work,
            self._return_to_access,
            lambda error: self._render_access(error=error, form=form),
        )

    def _return_to_access(self, text, kind="success"):
        request.session[NOTICE_KEY] = {"text": str(text), "kind": kind}
        return request.redirect(PAGE)

    def _return_access_unsent(self):
        return self._return_to_access(self._get_unsent_text(), kind="warning")

    # ------------------------------------------------------------------ showing

    def _render_access(self, error="", form=None):
        members = self._get_own_memberships()
        if not members:
            return request.redirect("/my")
        requests = request.env["subscription.request"].sudo()
        administered = request.env.user._get_administered_clients()
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "access",
            "cards": [
                {
                    "member": member,
                    "administrators": self._get_administrator_names(member),
                    "askable": requests._get_askable_pools(member),
                    "is_administrator": member.client_id in administered,
                }
                for member in members
            ],
            "waiting": self._get_own_wishes(),
            "answers": self._get_last_answers_to(members),
            "states": dict(requests._get_choices("state")),
            "notice": request.session.pop(NOTICE_KEY, None),
            "error": error,
            "form": form or {},
        }
        return request.render("partner_managed_subscription.portal_access", values)

    def _get_administrator_names(self, member):
        """Return the names of who can help ``member``, without any others."""
        administrators = member.client_id.subscription_member_ids.filtered(
            lambda one: one.active and one.role_id.is_administrator
        )
        return administrators.mapped("name")
