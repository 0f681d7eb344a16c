from odoo import api, fields, models
from odoo.exceptions import UserError


class SaleSubscription(models.Model):
    """Who is told about the end of a term, and from when on."""

    # A subject, and a file, of its own.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "sale.subscription"

    notify_client = fields.Selection(
        [("yes", "Yes"), ("no", "No")],
        string="Renewal Notices to the Client",
        help="Whether the client's administrators are told about the end of the term as"
        " well. Empty: as the company's settings say.",
    )
    notice_snoozed_until = fields.Date(
        string="Notices Snoozed Until",
        copy=False,
        tracking=True,
        help="Until the day before, nobody gets renewal notices about this"
        " subscription. Legal notices go out nonetheless.",
    )
    is_notice_snoozed = fields.Boolean(compute="_compute_is_notice_snoozed")

    @api.depends("notice_snoozed_until", "company_id")
    def _compute_is_notice_snoozed(self):
        for record in self:
            until = record.notice_snoozed_until
            record.is_notice_snoozed = until and until > record.company_id._get_today()

    def _snooze_notices(self, until):
        """Send no renewal notices about these subscriptions before ``until``; send
        again from now on where it is False.

        :raise UserError: when ``until`` has come already
        """
        if until and any(until <= each._get_today() for each in self.company_id):
            raise UserError(
                self.env._(
                    "Notices can be snoozed until a day to come, not until %(day)s.",
                    day=self._format_date(until),
                )
            )
        self.write({"notice_snoozed_until": until})

    # ------------------------------------------------------------------ actions

    def action_snooze_notices(self):
        """Open the wizard *Snooze notices* on these subscriptions."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "partner_managed_subscription.subscription_notice_snooze_action"
        )
        return dict(action, context={"default_subscription_ids": self.ids})

    def action_wake_notices(self):
        """Send renewal notices about these subscriptions again."""
        self._snooze_notices(False)

    def action_view_notices(self):
        """Open the notices about this subscription."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "partner_managed_subscription.subscription_notice_action"
        )
        domain = [("line_ids.subscription_id", "=", self.id)]
        return dict(action, domain=domain, context={})
