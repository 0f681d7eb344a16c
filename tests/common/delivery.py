"""What tests of delivery have in common."""

from unittest.mock import patch

from freezegun import freeze_time

from .billing_screens import BillingScreenCase

DELIVERY = "subscription.delivery"


class DeliveryCase(BillingScreenCase):
    """Acme of North is billed for January on 1 January 2026. Documents are pages of
    HTML, as Odoo makes them in tests."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.lang = "en_US"
        cls.company.email = "vendor@biller.test"
        cls.deliveries = cls.env[DELIVERY]

    def bill_acme(self, **vals):
        """Return Acme, its subscription and the invoice of January."""
        self.acme = self.get_client("Acme")
        self.acme.write({"email": "office@acme.test", **vals})
        self.subscription = self.start("Acme")
        self.run_job("2026-01-01")
        return self.subscription.statement_ids.move_id

    def deliver(self, moment="2026-01-01 11:00:00", method="_cron_deliver"):
        """Run the job; return the e-mails with invoices that it queued."""
        mails = self.env["mail.mail"]
        before = mails.search([], limit=1, order="id desc").id or 0
        forever = patch.object(
            type(self.env["ir.cron"]), "_commit_progress", return_value=1000.0
        )
        with freeze_time(moment), forever:
            getattr(self.deliveries, method)()
            self.env.flush_all()
            self.env.invalidate_all()
        return mails.search(
            [("id", ">", before), ("letter_model", "=", DELIVERY)], order="id"
        )

    def get_states(self, move):
        """Return ``{address: state}`` of the deliveries of an invoice."""
        found = self.deliveries.search([("move_id", "in", move.ids)])
        return {one.email: one.state for one in found}
