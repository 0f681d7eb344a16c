from odoo.exceptions import UserError
from odoo.http import request, route

from odoo.addons.account.controllers.portal import PortalAccount

NOTICE_KEY = "subscription_mailbox_notice"


class DeliveryPortal(PortalAccount):
    """The billing mailbox of a client, and who has opened its invoices.

    A client is looked up among those that the user administers, as in
    ``SubscriptionPortal``.
    """

    def _invoice_get_page_view_values(
        self, invoice, access_token, delivery=None, **kwargs
    ):
        """Note that the invoice was seen: Odoo has checked by now who may see it."""
        if request.httprequest.method == "GET":
            invoice._note_seen(request.env.user, delivery)
        return super()._invoice_get_page_view_values(invoice, access_token, **kwargs)

    @route(
        "/my/billing-mailbox", type="http", auth="user", methods=["GET"], website=True
    )
    def my_billing_mailbox(self):
        clients = request.env.user._get_administered_clients()
        return self._render_mailbox(clients) if clients else request.redirect("/my")

    @route(
        "/my/billing-mailbox/save",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def my_billing_mailbox_save(self, client_id="", subscription_id="", email=""):
        clients = request.env.user._get_administered_clients()
        owner = self._get_mailbox_owner(clients, client_id, subscription_id)
        if not owner:
            return request.not_found()
        try:
            with request.env.cr.savepoint():
                owner.write({"billing_email": email})
        except UserError as error:
            form = {"owner": owner, "email": email}
            return self._render_mailbox(clients, error=str(error), form=form)
        request.session[NOTICE_KEY] = request.env._(
            "Saved. The next invoices go to %(addresses)s.",
            addresses=owner.billing_email or request.env._("your e-mail address"),
        )
        return request.redirect("/my/billing-mailbox")

    def _get_mailbox_owner(self, clients, client_id, subscription_id):
        """Return whose mailbox is meant, as superuser: one of ``clients`` or of their
        subscriptions; nothing where it is none of theirs."""
        if subscription_id:
            subscriptions = self._get_mailbox_subscriptions(clients)
            return subscriptions.filtered(lambda one: str(one.id) == subscription_id)
        return clients.filtered(lambda client: str(client.id) == client_id)

    def _get_mailbox_subscriptions(self, clients):
        """Return the subscriptions of ``clients`` that have a mailbox of their own, as
        superuser. It holds for what the client pays, so the client may change it."""
        subscriptions = request.env["sale.subscription"].sudo()
        return subscriptions.search(
            [
                ("client_id", "in", clients.ids),
                ("managing_partner_id", "!=", False),
                ("billing_email", "!=", False),
            ]
        )

    def _render_mailbox(self, clients, *, error="", form=None):
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "billing_mailbox",
            "clients": clients,
            "subscriptions": self._get_mailbox_subscriptions(clients).grouped(
                "client_id"
            ),
            "notice": request.session.pop(NOTICE_KEY, ""),
            "error": error,
            "form": form or {},
        }
        return request.render("partner_managed_subscription.my_billing_mailbox", values)
