from odoo import api, fields, models
from odoo.exceptions import UserError

from .subscription_delivery_add import Target


class AccountMove(models.Model):
    """Where invoices of subscriptions are sent."""

    _inherit = "account.move"

    delivery_ids = fields.One2many("subscription.delivery", "move_id")
    delivery_count = fields.Integer(
        string="Deliveries", compute="_compute_delivery_count"
    )

    # Of a million invoices, those that are overdue.
    _overdue = models.Index(
        "(invoice_date_due) WHERE state = 'posted' AND move_type = 'out_invoice'"
        " AND payment_state IN ('not_paid', 'partial')"
    )

    @api.depends("delivery_ids")
    def _compute_delivery_count(self):
        # sudo: who may read an invoice may know whether it was sent.
        counts = dict(
            self.env["subscription.delivery"]
            .sudo()
            ._read_group([("move_id", "in", self.ids)], ["move_id"], ["__count"])
        )
        for move in self:
            move.delivery_count = counts.get(move._origin.sudo(), 0)

    def _get_delivery_targets(self):
        """Return ``{invoice: Target}``, as superuser."""
        # sudo: where an invoice goes is the same whoever sends it.
        return {move: move._get_delivery_target() for move in self.sudo()}

    def _get_delivery_target(self):
        """Return where this invoice goes: to the mailbox of its one subscription if the
        client pays, else to that of the payer, else to the address on the invoice."""
        payer = self.commercial_partner_id
        subscription = self._get_mailbox_subscription()
        usual = "xlsx" if self.company_id.delivery_xlsx else "pdf"
        mode = subscription.billing_delivery or payer.billing_delivery or usual
        if mode == "portal":
            return Target(mode, ())
        addresses = (
            subscription._get_mailbox_addresses()
            or payer._get_mailbox_addresses()
            or self.partner_id._get_addresses()
            or payer._get_addresses()
        )
        return Target(mode, tuple(dict.fromkeys(addresses)))

    def _get_mailbox_subscription(self):
        """Return the one subscription that this invoice bills to its client."""
        subscription = self._get_proof().subscription_id
        is_own = len(subscription) == 1
        is_own = is_own and subscription.client_id == self.commercial_partner_id
        return subscription if is_own else subscription.browse()

    def _get_delivery_name(self):
        """Return what this document is, with its number."""
        if self.move_type == "out_refund":
            return self.env._("Credit note %(number)s", number=self.name)
        return self.env._("Invoice %(number)s", number=self.name)

    def _get_delivered_pdf(self):
        """Return the PDF of this invoice, made as Odoo's *Send* makes it if there is
        none yet, with what other addons put into it: e-mail, portal and *Send* give the
        same file."""
        if not self.invoice_pdf_report_id:
            send = self.env["account.move.send"].with_company(self.company_id)
            send._generate_and_send_invoices(self, sending_methods=[])
        return self.invoice_pdf_report_id

    # ------------------------------------------------------------------ seen

    def _note_seen(self, user, delivery_id=None):
        """Note that ``user`` opened the page of this invoice: who has the link, or
        somebody of the payer who has logged in. What others look at says nothing.

        :param delivery_id: that of the link, a number or anything else
        """
        # sudo: whoever opens the page may read the invoice, not its deliveries.
        deliveries = self.sudo().delivery_ids
        payer = user.partner_id.sudo().commercial_partner_id
        if not user._is_public() and payer != self.sudo().commercial_partner_id:
            return
        named = deliveries.filtered(lambda one: str(one.id) == str(delivery_id))
        if not named and not user._is_public():
            address = user.email_normalized
            named = deliveries.filtered(lambda one: one.email == address)
        (named or deliveries)._note_seen()

    # ------------------------------------------------------------------ by hand

    def _note_sent_by_hand(self, addresses, message_ref):
        """Note that somebody sent this invoice to ``addresses`` by Odoo's *Send*. The
        job does not send it once more."""
        deliveries = self.env["subscription.delivery"].sudo()
        deliveries._note(self)
        now = fields.Datetime.now()
        values = {
            "channel": "hand",
            "state": "sent",
            "sent_at": now,
            "failure": False,
            "failure_text": False,
            "message_ref": message_ref,
        }
        for address in dict.fromkeys(addresses):
            known = self.sudo().delivery_ids.filtered(
                lambda one, address=address: one.email == address
            )
            known._mend()
            if known:
                known.write({**values, "tries": known.tries + 1})
                continue
            deliveries.create(
                {
                    **values,
                    "move_id": self.id,
                    "partner_id": self.commercial_partner_id.id,
                    "company_id": self.company_id.id,
                    "email": address,
                    "tries": 1,
                }
            )

    def _send_anew(self):
        """Let the job send these invoices to the mailboxes that hold now.

        :raise UserError: naming those that are not posted, or not of subscriptions
        """
        # sudo: who may send again need not be able to write deliveries.
        deliveries = self.env["subscription.delivery"].sudo()
        records = self.sudo()
        wrong = records.filtered(
            lambda move: move.state != "posted" or not move._is_billed_by_period()
        )
        if wrong or not records:
            raise UserError(
                self.env._(
                    "%(invoices)s: only posted invoices of subscriptions are sent to"
                    " billing mailboxes.",
                    invoices=wrong._get_names_text(),
                )
            )
        deliveries._note(records)
        deliveries.search(
            [("move_id", "in", records.ids), ("failure", "=", "address")]
        )._settle_homeless()
        deliveries._add_for(records)
        targets = records._get_delivery_targets()
        there = deliveries.search([("move_id", "in", records.ids)])
        current = there.filtered(
            lambda one: one.email in targets[one.move_id].addresses
        )
        (there - current).filtered("email")._mend()
        current._wait_again()

    # ------------------------------------------------------------------ actions

    def action_view_deliveries(self):
        """Open what was sent of these invoices."""
        return self._open_action(
            "subscription_delivery_action",
            domain=[("move_id", "in", self.ids)],
            context={},
        )

    def action_send_to_mailbox(self):
        """Send these invoices to the billing mailboxes, again or for the first time.

        :raise AccessError: when the user reads one of them as an accountant
        """
        self.check_access("read")
        self.env["subscription.delivery"]._verify_may_send(self)
        self._send_anew()
        return self.env["subscription.delivery"]._tell_on_their_way()
