from odoo.exceptions import UserError
from odoo.http import request, route

from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.addons.portal.controllers.portal import pager as portal_pager

NOTICE_KEY = "subscription_accountant_notice"


class SubscriptionPortal(CustomerPortal):
    """What the administrators of a client do in the portal for their company.

    A client is looked up among those that the user administers, never by its id alone,
    so there is no address at which the data of another one could be asked for.
    """

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "accountant_count" in counters:
            clients = request.env.user._get_administered_clients()
            values["accountant_count"] = len(self._get_accountants(clients))
        return values

    def _prepare_portal_layout_values(self):
        values = super()._prepare_portal_layout_values()
        clients = request.env.user._get_administered_clients()
        return {**values, "administered_clients": clients}

    @route("/my/accountants", type="http", auth="user", methods=["GET"], website=True)
    def my_accountants(self):
        clients = request.env.user._get_administered_clients()
        return self._render_accountants(clients) if clients else request.redirect("/my")

    @route(
        "/my/accountants/invite",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def my_accountants_invite(self, client_id="", name="", email=""):
        clients = request.env.user._get_administered_clients()
        client = clients.filtered(lambda client: str(client.id) == client_id)
        if not client:
            return request.not_found()
        try:
            with request.env.cr.savepoint():
                invitation = (
                    request.env["subscription.invitation"]
                    .sudo()
                    ._invite(client, email, name[:64])
                )
        except UserError as error:
            form = {"client_id": client.id, "name": name, "email": email}
            return self._render_accountants(clients, error=str(error), form=form)
        return self._return_to_accountants(
            request.env._("%(email)s has been invited.", email=invitation.email)
        )

    @route(
        "/my/accountants/<int:member_id>/resend",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def my_accountants_resend(self, member_id):
        member = self._get_accountant(member_id)
        invitations = member.invitation_ids.filtered(
            lambda one: one.state in ("sent", "expired")
        )
        if not invitations:
            return request.not_found()
        try:
            invitations._resend()
        except UserError as error:
            return self._render_accountants(
                request.env.user._get_administered_clients(), error=str(error)
            )
        return self._return_to_accountants(
            request.env._(
                "The invitation of %(name)s was sent again.", name=member.name
            )
        )

    @route(
        "/my/accountants/<int:member_id>/withdraw",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def my_accountants_withdraw(self, member_id):
        member = self._get_accountant(member_id)
        if not member:
            return request.not_found()
        member._withdraw_accountant()
        return self._return_to_accountants(
            request.env._("%(name)s has no access any more.", name=member.name)
        )

    @route(
        ["/my/audit", "/my/audit/page/<int:page>"],
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
        readonly=True,
    )
    def my_audit(self, page=1):
        clients = request.env.user._get_administered_clients()
        if not clients:
            return request.redirect("/my")
        audit = request.env["subscription.audit"].sudo()
        domain = [("client_id", "in", clients.ids)]
        total = audit.search_count(domain)
        pager = portal_pager("/my/audit", total, page, self._items_per_page)
        entries = audit.search(
            domain, limit=self._items_per_page, offset=pager["offset"]
        )
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "audit",
            "clients": clients,
            "entries": entries,
            "pager": pager,
        }
        return request.render("partner_managed_subscription.my_audit", values)

    def _get_accountants(self, clients):
        """Return the accountants of ``clients``, invited ones included."""
        members = request.env["subscription.member"].sudo()
        return members.search(
            [("client_id", "in", clients.ids), ("role_id.is_accountant", "=", True)]
        )

    def _get_accountant(self, member_id):
        """Return the accountant with this id of a client that the user administers;
        nobody when there is none."""
        clients = request.env.user._get_administered_clients()
        return self._get_accountants(clients).filtered(lambda one: one.id == member_id)

    def _render_accountants(self, clients, *, error="", form=None):
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "accountants",
            "clients": clients,
            "accountants": self._get_accountants(clients).grouped("client_id"),
            "days": request.env.company.sudo().invitation_days,
            "notice": request.session.pop(NOTICE_KEY, ""),
            "error": error,
            "form": form or {},
        }
        return request.render("partner_managed_subscription.my_accountants", values)

    def _return_to_accountants(self, notice):
        """Go back to the page, which then shows ``notice`` once."""
        request.session[NOTICE_KEY] = notice
        return request.redirect("/my/accountants")
