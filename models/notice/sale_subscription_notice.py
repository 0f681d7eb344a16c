from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date


class SaleSubscription(models.Model):
    """Who gets renewal notices about a subscription, and who snoozed them."""

    _inherit = "sale.subscription"

    notify_client = fields.Selection(
        [("yes", "Yes"), ("no", "No")],
        string="Renewal Notices to the Client",
        help="Whether the client's administrators are told about the end of the term as"
        " well. Empty: as the company's settings say.",
    )
    snooze_ids = fields.One2many(
        "subscription.snooze",
        "subscription_id",
        string="Snoozes",
        groups=fields.NO_ACCESS,
    )
    notice_snoozed_until = fields.Date(
        string="Notices Snoozed Until",
        compute="_compute_snoozed",
        help="Until the day before, your company gets no notices about renewals and"
        " seats of this subscription; where the vendor snoozed them, nobody does.",
    )
    is_notice_snoozed = fields.Boolean(
        string="Notices Snoozed", compute="_compute_snoozed"
    )
    snooze_text = fields.Text(
        compute="_compute_snoozed",
        help="Who gets no notices until when.",
        exportable=False,
    )

    @api.depends("snooze_ids.addressee_id", "snooze_ids.until", "company_id")
    @api.depends_context("lang", "uid")
    def _compute_snoozed(self):
        side = self._get_snoozing_side()
        for record in self:
            # No group may read snoozes; _get_known leaves out those of other companies.
            running = record.sudo().snooze_ids._get_running()
            own = running.filtered(lambda snooze: snooze.addressee_id == side)
            record.notice_snoozed_until = own.until
            record.is_notice_snoozed = bool(own)
            texts = [snooze._get_text() for snooze in running._get_known()]
            record.snooze_text = "\n".join(texts)

    @api.model
    def _get_snoozing_side(self):
        """Return the company whose notices the user snoozes: its own, or an empty one
        for the vendor, which snoozes everybody's."""
        user = self.env.user
        company = user.partner_id.sudo().commercial_partner_id
        return company if user._is_restricted() else company.browse()

    def _snooze_notices(self, until):
        """Send no notices about renewals and seats that run out before ``until``: to
        the user's company or, where the user is the vendor's, to anybody. Where
        ``until`` is False, send them again from now on. Snoozes of other companies
        stay.

        :raise UserError: when ``until`` is no day to come that is reckoned with
        """
        self.check_access("write")
        until = until and self._read_day(until)
        self._verify_snooze_day(until)
        side = self._get_snoozing_side()
        # No group may write snoozes: the access to the subscriptions decides.
        snoozes = self.sudo().snooze_ids.filtered(
            lambda snooze: snooze.addressee_id == side
        )
        if not until:
            snoozes.unlink()
            return
        snoozes.write({"until": until})
        snoozes.create(
            [
                {"subscription_id": record.id, "addressee_id": side.id, "until": until}
                for record in self - snoozes.subscription_id
            ]
        )

    def _get_first_snooze_day(self):
        """Return the first day until which these notices can be snoozed: tomorrow, by
        that of the companies that sell them where the day begins first."""
        companies = self._origin.company_id or self.env.company
        today = max(company._get_today() for company in companies)
        return today + timedelta(days=1)

    def _verify_snooze_day(self, until):
        """:raise UserError: when ``until`` has come already"""
        if until and until < self._get_first_snooze_day():
            raise UserError(
                self.env._(
                    "Notices can be snoozed until a day to come, not until %(day)s.",
                    day=format_date(self.env, until),
                )
            )

    # ------------------------------------------------------------------ actions

    def action_snooze_notices(self):
        """Open the wizard *Snooze notices* on these subscriptions."""
        return self._open_action(
            "subscription_notice_snooze_action",
            context={"default_subscription_ids": self.ids},
        )

    def action_wake_notices(self):
        """Send renewal notices about these subscriptions again."""
        self._snooze_notices(False)

    def action_view_notices(self):
        """Open the notices about this subscription."""
        self.ensure_one()
        return self._open_action(
            "subscription_notice_action",
            domain=[("line_ids.subscription_id", "=", self.id)],
            context={},
        )
