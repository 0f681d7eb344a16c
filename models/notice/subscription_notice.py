from odoo import api, fields, models

from ..core.base import RELOAD

# What a message lists one by one.
LISTED_LINES = 50
# What one message is about, beside the lines: unsent notices with the same are one.
KEY_FIELDS = (
    "company_id",
    "kind",
    "audience",
    "addressee_id",
    "partner_id",
    "deadline",
)


class SubscriptionNotice(models.Model):
    """One message to one recipient about the subscriptions that it lists.

    The job inserts what is due: a unique index of the lines allows each once, whatever
    happens. Then it queues the e-mails, in the transaction that marks the notices as
    sent. Both go by chunks that are committed one by one: a run that is killed loses
    nothing, and the next one repeats nothing.
    """

    _name = "subscription.notice"
    _inherit = ["subscription.letter.mixin", "subscription.locking.mixin"]
    _description = "Notice"
    _order = "id desc"

    kind = fields.Selection(
        [
            ("renewal", "Renewal"),
            ("legal", "Right to refuse"),
            ("over", "Over the limit"),
            ("usage", "Seats running out"),
        ],
        required=True,
    )
    audience = fields.Selection(
        [("partner", "Partner or reseller"), ("client", "Client")], required=True
    )
    addressee_id = fields.Many2one(
        "res.partner",
        string="Company",
        required=True,
        ondelete="cascade",
        index=True,
        help="The partner, the reseller or the client that is told.",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Recipient",
        required=True,
        ondelete="cascade",
        index=True,
        help="That company, or the administrator of the client.",
    )
    company_id = fields.Many2one(
        "res.company", string="Vendor", required=True, ondelete="cascade"
    )
    deadline = fields.Date(
        string="Last Day to Refuse",
        help="Until when the client can refuse the renewal.",
    )
    state = fields.Selection(
        [("to_send", "To send"), ("sent", "E-mail sent"), ("failed", "Failed")],
        required=True,
        default="to_send",
    )
    failure = fields.Selection(
        [
            ("address", "No e-mail address"),
            ("late", "The last day to refuse has passed"),
            ("broken", "The message could not be written"),
            ("archived", "The recipient is archived"),
            ("mail", "The e-mail could not be sent"),
        ],
        string="Reason",
    )
    email = fields.Char(string="Sent To")
    sent_at = fields.Datetime(string="Sent On")
    tried_at = fields.Datetime(string="Last Tried On")
    line_ids = fields.One2many("subscription.notice.line", "notice_id")
    line_count = fields.Integer(string="Listed", compute="_compute_line_count")
    listed_line_ids = fields.Many2many(
        "subscription.notice.line",
        compute="_compute_listed_line_ids",
        compute_sudo=True,
        groups=fields.NO_ACCESS,
        exportable=False,
    )
    listed_count = fields.Integer(
        compute="_compute_listed_line_ids",
        compute_sudo=True,
        groups=fields.NO_ACCESS,
        exportable=False,
    )

    _open = models.Index("(partner_id) WHERE state IN ('to_send', 'failed')")
    _sent_with_date = models.Constraint(
        "CHECK ((state = 'sent') = (sent_at IS NOT NULL))",
        "A notice that was sent has the moment.",
    )

    @api.depends("kind", "addressee_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self._get_choices("kind"))
        for notice in self:
            parts = (kinds.get(notice.kind), notice.addressee_id.display_name)
            notice.display_name = " · ".join(filter(None, parts))

    @api.depends("line_ids")
    def _compute_line_count(self):
        lines = self.env["subscription.notice.line"]
        domain = [("notice_id", "in", self.ids)]
        counts = dict(lines._read_group(domain, ["notice_id"], ["__count"]))
        for notice in self:
            notice.line_count = counts.get(notice, 0)

    @api.depends("line_ids")
    def _compute_listed_line_ids(self):
        """List the most urgent lines. A notice that waited for an address may have a
        subscription on several of its days, and lists it once."""
        lines = self.env["subscription.notice.line"].search_fetch(
            [("notice_id", "in", self.ids)],
            ["notice_id", "subscription_id", "module_id", "term_end", "days"],
        )
        lines_by_notice = lines.grouped("notice_id")
        for notice in self:
            listed = lines_by_notice.get(notice, lines.browse())._get_distinct()
            notice.listed_line_ids = listed[:LISTED_LINES]
            notice.listed_count = len(listed)

    @api.model
    def _cron_notify(self):
        """Insert the notices that are due today, then send what was not sent yet.

        Days that were missed are caught up by one notice. What a killed run left is
        done by the next one.
        """
        if self._find_all():
            self._send_all()

    # ------------------------------------------------------------------ actions

    def action_send_again(self):
        """Send those of these notices that failed again; return the result as a
        message."""
        self.check_access("read")
        failed = self.filtered(lambda notice: notice.state == "failed")
        failed._send()
        left = failed.exists()
        reasons = dict(self._get_choices("failure"))
        lines = [
            self.env._(
                "%(recipient)s: %(reason)s.",
                recipient=notice.partner_id.display_name,
                reason=reasons[notice.failure],
            )
            for notice in left.filtered("failure")
        ]
        if lines:
            return self._notify("\n".join(lines), kind="danger", then=RELOAD)
        if not left:
            message = self.env._("There is nothing to tell any more.")
            notices = self._open_action("subscription_notice_action", target="main")
            return self._notify(message, kind="info", then=notices)
        message = self.env._("The e-mails are on their way.")
        return self._notify(message, then=RELOAD)
