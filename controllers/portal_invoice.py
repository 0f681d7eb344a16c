from tempfile import TemporaryFile

from werkzeug.exceptions import NotFound

from odoo.fields import Domain
from odoo.http import content_disposition, request

from odoo.addons.portal.controllers.portal import pager as portal_pager

from .files import send_file
from .portal_client import ClientPortal, clean_text, client_action, client_page

REPORT = "partner_managed_subscription.report_statement"
INVOICES = ("out_invoice", "out_refund")


class InvoicePortal(ClientPortal):
    """The invoices that a client pays, with what proves them, and where they go."""

    def _get_tabs(self, client):
        url = self._get_url(client, "/invoices")
        tab = (50, request.env._("Invoices"), url)
        return {**super()._get_tabs(client), "invoices": tab}

    @client_page("/invoices", "/invoices/page/<int:page>")
    def subscription_invoices(self, client_id, page=1, **_values):
        client = self._get_client(client_id)
        # No sudo: Odoo's rules say which invoices a user of the portal reads.
        moves = request.env["account.move"]
        domain = self._get_invoice_domain(client)
        total = moves.search_count(domain) if moves.has_access("read") else 0
        pager = portal_pager(
            self._get_url(client, "/invoices"), total, page, self._items_per_page
        )
        found = total and moves.search(
            domain,
            order="invoice_date desc, id desc",
            limit=self._items_per_page,
            offset=pager["offset"],
        )
        return self._render_client(
            client,
            "portal_invoices",
            "invoices",
            invoices=found or moves,
            statements=self._get_statements(client, found or moves),
            next_texts=client._get_shown_subscriptions()._get_client_invoice_texts(),
            pager=pager,
            is_own=request.env.user.commercial_partner_id == client,
            mailbox=client.billing_email or client.email,
            contact=client._get_subscription_contact(),
        )

    @client_page("/statements/<int:statement_id>/<string:file_format>")
    def subscription_statement(self, client_id, statement_id, file_format, **_values):
        """Send the statement as a document, or whom it bills as a file."""
        client = self._get_client(client_id)
        statement = self._get_statement(client, statement_id)
        if file_format == "pdf":
            return self._send_statement(statement)
        if file_format not in ("csv", "xlsx"):
            raise NotFound
        file = TemporaryFile()  # noqa: SIM115
        domain = statement._get_export_domain(statement)
        statement._write_export(domain, file_format, file)
        name = f"{statement._get_export_name(statement)}.{file_format}"
        return send_file(file, name, statement._get_export_type(file_format))

    # ------------------------------------------------------------------ details

    @client_page("/billing")
    def subscription_billing(self, client_id, **_values):
        return self._render_billing(self._get_client(client_id))

    @client_action("/billing/mailbox", "/billing")
    def subscription_billing_mailbox(
        self, client_id, email="", subscription_id="", **_values
    ):
        client = self._get_client(client_id)
        owner = client
        if subscription_id:
            owner = self._get_own(
                "sale.subscription", client, subscription_id, self._get_mailbox_domain()
            )
        # Addresses may stand on lines of their own.
        email = email.replace("\0", " ")

        def save():
            owner.write({"billing_email": email})
            return request.env._(
                "Saved. The next invoices go to %(addresses)s.",
                addresses=owner.billing_email or request.env._("your e-mail address"),
            )

        def refuse(text):
            form = {"owner": owner, "value": email, "error": text}
            return self._render_billing(client, form=form)

        return self._submit(client, save, "/billing", refuse)

    @client_action("/billing/order", "/billing")
    def subscription_billing_order(
        self, client_id, number="", subscription_id="", **_values
    ):
        client = self._get_client(client_id)
        subscription = self._get_own("sale.subscription", client, subscription_id)
        number = clean_text(number, 1000)

        def save():
            subscription._set_purchase_order(number)
            return request.env._("Saved. It stands on the next invoices.")

        def refuse(text):
            form = {"order": subscription, "value": number, "error": text}
            # Where it has no field on the page, the refusal stands above.
            is_shown = subscription._is_paid_by_client()
            return self._render_billing(
                client, form=form, error="" if is_shown else text
            )

        return self._submit(client, save, "/billing", refuse)

    # ------------------------------------------------------------------ finding

    def _get_invoice_domain(self, client):
        return (
            Domain("commercial_partner_id", "=", client.id)
            & Domain("move_type", "in", INVOICES)
            & Domain("state", "=", "posted")
        )

    def _get_statements(self, client, invoices):
        """Return ``{invoice: its statements that the client may read}``."""
        statements = request.env["subscription.statement"].sudo()
        domain = [("move_id", "in", invoices.ids)]
        found = statements.search(domain + statements._get_portal_domain(client))
        return found.grouped("move_id")

    def _get_statement(self, client, statement_id):
        """Return a statement of an invoice that the user reads.

        :raise NotFound: when it is none, or of what somebody else pays
        """
        model = "subscription.statement"
        domain = request.env[model]._get_portal_domain(client)
        statement = self._get_own(model, client, statement_id, domain)
        # No sudo: Odoo's rules say which invoices a user of the portal reads.
        if not statement.move_id.sudo(False).has_access("read"):
            raise NotFound
        return statement

    def _get_mailbox_domain(self):
        """Return the domain of the subscriptions that have a mailbox of their own. It
        holds for what the client pays, so the client may change it."""
        return [("managing_partner_id", "!=", False), ("billing_email", "!=", False)]

    # ------------------------------------------------------------------ showing

    def _send_statement(self, statement):
        # sudo: the statement was looked up among those that the client may read.
        reports = request.env["ir.actions.report"].sudo()
        content, _kind = reports._render_qweb_pdf(REPORT, statement.ids)
        return request.make_response(
            content,
            [
                ("Content-Type", "application/pdf"),
                ("Content-Length", len(content)),
                ("Content-Disposition", content_disposition(f"{statement.name}.pdf")),
                ("X-Content-Type-Options", "nosniff"),
            ],
        )

    def _render_billing(self, client, **values):
        # sudo: users of the portal read nothing but what its pages show.
        subscriptions = request.env["sale.subscription"].sudo()
        mailboxes = subscriptions.search(
            [("client_id", "=", client.id), *self._get_mailbox_domain()]
        )
        paid = client._get_shown_subscriptions().filtered(
            lambda one: one._is_paid_by_client()
        )
        return self._render_client(
            client,
            "portal_billing",
            "invoices",
            mailboxes=mailboxes,
            paid=paid,
            **values,
        )
