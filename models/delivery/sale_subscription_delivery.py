from odoo import fields, models


class SaleSubscription(models.Model):
    """The billing mailbox of a subscription, and what does not arrive there.

    It holds for invoices that the client pays: those of others go to the mailbox of
    whoever pays, so that nobody turns the invoices of a partner to itself.
    """

    _name = "sale.subscription"
    _inherit = ["sale.subscription", "subscription.mailbox.mixin"]

    billing_email = fields.Char(
        help="Where invoices of this subscription are e-mailed to, if the client pays"
        " them: one address, or several with commas between. Empty: the mailbox of the"
        " client.",
    )
    billing_delivery = fields.Selection(help="Empty: as for the client.")
    mailbox_problem = fields.Text(
        compute="_compute_mailbox_problem",
        compute_sudo=True,
        help="Why invoices do not reach who pays them.",
    )

    def _compute_mailbox_problem(self):
        # There are few problems: all those of these subscriptions at once.
        problems = self.env["subscription.delivery"].search(
            [
                ("is_problem", "=", True),
                ("move_id.statement_ids.subscription_id", "in", self.ids),
            ]
        )
        billed = {one: one.move_id.statement_ids.subscription_id for one in problems}
        for record in self:
            own = problems.filtered(
                lambda one, record=record._origin: record in billed[one]
            )
            record.mailbox_problem = own._get_problem_text()

    def _get_mailbox_owner(self):
        if not self.managing_partner_id:
            return {}
        return {"client_id": self.client_id.id, "subscription_id": self.id}

    def _mailbox_changed(self):
        super()._mailbox_changed()
        # sudo: who changes a mailbox need not be able to read what was sent.
        self.sudo().statement_ids.move_id.delivery_ids._mailbox_changed()

    # ------------------------------------------------------------------ actions

    def action_view_deliveries(self):
        """Open what was sent of the invoices of this subscription."""
        self.ensure_one()
        return self._open_action(
            "subscription_delivery_action",
            domain=[("move_id.statement_ids.subscription_id", "=", self.id)],
            context={},
        )
