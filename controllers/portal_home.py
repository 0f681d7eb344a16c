from odoo.fields import Domain
from odoo.http import request, route

from .portal_client import HOME, ClientPortal, client_page

# Where pages were before they were a client's, and where below it they are.
FORMER = {
    "/my/accountants": "/accountants",
    "/my/audit": "/history",
    "/my/billing-mailbox": "/billing",
}


class HomePortal(ClientPortal):
    """The way to the pages of a client, and the first of them."""

    def _prepare_portal_layout_values(self):
        values = super()._prepare_portal_layout_values()
        return {
            **values,
            "administered_clients": request.env.user._get_administered_clients(),
            # Screen readers speak the language that the page says it has.
            "html_data": {"lang": request.env.lang.replace("_", "-")},
        }

    @route(HOME, type="http", auth="user", methods=["GET"], website=True)
    def subscription_home(self):
        client = self._get_client()
        if client:
            return request.redirect(self._get_url(client))
        return request.redirect(self._get_member_url())

    def _get_member_url(self):
        """Return where somebody goes who administers no client."""
        # sudo: users may know where they are members themselves.
        memberships = request.env.user.partner_id.sudo().membership_ids
        is_member = memberships.filtered(
            lambda one: one.active and not one.role_id.is_accountant
        )
        return "/my/access" if is_member else "/my"

    @route(list(FORMER), type="http", auth="user", methods=["GET"], website=True)
    def subscription_former(self):
        """Lead old links and bookmarks on."""
        client = self._get_client()
        path = FORMER.get(request.httprequest.path.rstrip("/"), "")
        return request.redirect(self._get_url(client, path) if client else "/my")

    @client_page("")
    def subscription_overview(self, client, **_values):
        subscriptions = client._get_shown_subscriptions()
        contact = client._get_subscription_contact()
        # Together, since one by one they would take a query each.
        (client | contact | request.env.user.partner_id.sudo()).mapped("name")
        pools = subscriptions.seat_pool_ids
        pools.mapped("state_reason")
        asked = {"contact": client._get_subscription_contact_text()}
        return self._render_client(
            client,
            "portal_overview",
            "overview",
            subscriptions=subscriptions,
            usages=pools._get_usages(),
            member_count=self._count_people(client),
            contact=contact,
            no_subscription=request.env._(
                "There is no subscription yet. Contact %(contact)s to get one.", **asked
            ),
            no_module=request.env._(
                "No module is part of it yet. Contact %(contact)s.", **asked
            ),
        )

    def _count_people(self, client):
        """Return how many members ``client`` has; its accountants are not of it."""
        members = request.env["subscription.member"].sudo()
        here = Domain("active", "=", True)
        return members.search_count(members._get_people_domain(client) & here)

    @client_page("/next-invoice/<int:subscription_id>")
    def subscription_next_invoice(self, client, subscription_id, **_values):
        """Return what the next invoice will bill, for the overview to show: finding out
        takes more time than all the rest of that page."""
        subscription = self._get_own("sale.subscription", client, subscription_id)
        text = subscription._get_client_invoice_texts()[subscription]
        return request.make_response(
            text, [("Content-Type", "text/plain; charset=utf-8")]
        )
