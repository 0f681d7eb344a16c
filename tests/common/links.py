"""Documents that are reached by links, and who follows these."""

from odoo import Command
from odoo.http import Request

from .access import AccessHttpCase

INVOICE = "account.move"
ORDER = "sale.order"
# What Odoo takes for a drawn signature.
SIGNATURE = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA"
    "AABJRU5ErkJggg=="
)


class LinkCase(AccessHttpCase):
    """North has the posted invoice and the sent order of its client Acme, and drafts;
    the accountant works for Acme."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        own = cls.own["acme"]
        cls.invoice, cls.order = own[INVOICE], own[ORDER]
        cls.invoice.action_post()
        cls.order.require_signature = True
        cls.order.order_line.product_uom_qty = 1
        cls.order.state = "sent"
        cls.drafts = {
            ORDER: cls._create_order(cls.acme),
            INVOICE: cls.invoice.copy({"invoice_date": "2026-01-31"}),
        }
        cls.documents = {ORDER: cls.order, INVOICE: cls.invoice}
        for record in (*cls.drafts.values(), *cls.documents.values()):
            record._portal_ensure_token()
        cls.env.flush_all()

    @classmethod
    def _create_order(cls, customer, state="draft", **vals):
        line = {"product_id": cls.product.id, "product_uom_qty": 5}
        order = cls.env[ORDER].create(
            {
                "partner_id": customer.id,
                "require_signature": True,
                "require_payment": False,
                "order_line": [Command.create(line)],
                **vals,
            }
        )
        order.state = state
        order._portal_ensure_token()
        return order

    def _log_in(self, role):
        if role == "public":
            return self.authenticate(None, None)
        login = self.roles[role].login
        return self.authenticate(login, login.ljust(8, "x"))

    def _call(self, route, **params):
        """Call ``route`` as a page does, and return the answer, as text."""
        return self.url_open(route, json={"params": params}, timeout=60).text

    def _get(self, path, **options):
        return self.url_open(path, timeout=60, **options)

    def _sign(self, order, token=None):
        return self._call(
            f"/my/orders/{order.id}/accept",
            access_token=token,
            name="Robin",
            signature=SIGNATURE,
        )

    def _decline(self, order, token=None):
        reason = {"access_token": token or "", "decline_message": "No"}
        data = {**reason, "csrf_token": Request.csrf_token(self)}
        path = f"/my/orders/{order.id}/decline"
        return self.url_open(path, data=data, allow_redirects=False)

    def _read(self, record, *names):
        self.env.invalidate_all()
        return [record[name] for name in names]

    def _get_token(self, record):
        self.env.invalidate_all()
        return record.access_token
