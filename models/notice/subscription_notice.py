from collections import defaultdict

from psycopg2.errors import SerializationFailure, UniqueViolation

from odoo import api, fields, models
from odoo.tools import SQL

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

    The job finds what is due and inserts it, each line once whatever happens: a unique
    index of the lines says so. Then it queues the e-mails, in the transaction that
    marks the notices as sent. Both go by chunks that are committed one by one, so a run
    that is killed loses nothing and the next one repeats nothing.
    """

    _name = "subscription.notice"
    _description = "Notice"
    _order = "id desc"

    kind = fields.Selection(
        [
            ("renewal", "Renewal"),
            ("legal", "Right to refuse"),
            ("over", "Over the limit"),
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
    )
    listed_count = fields.Integer(
        compute="_compute_listed_line_ids", compute_sudo=True, groups=fields.NO_ACCESS
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
        """List the most urgent; one that waited for an address may know a subscription
        by several of its days, and lists it once."""
        self.env["subscription.notice.line"].flush_model()
        rows = self.env.execute_query(self._get_listed_query())
        line_ids, counts = defaultdict(list), {}
        for notice_id, line_id, count in rows:
            line_ids[notice_id].append(line_id)
            counts[notice_id] = count
        for notice in self:
            notice.listed_line_ids = line_ids[notice.id]
            notice.listed_count = counts.get(notice.id, 0)

    def _get_listed_query(self):
        """Return the query of what these notices list: notice, line, and how many there
        are, the most urgent first."""
        return SQL(
            """
            SELECT notice_id, id, total
              FROM (SELECT notice_id, id, term_end,
                           count(*) OVER (PARTITION BY notice_id) AS total,
                           row_number() OVER (
                               PARTITION BY notice_id
                                   ORDER BY term_end, subscription_id, id) AS place
                      FROM (SELECT DISTINCT ON (
                                       notice_id, subscription_id, module_id, term_end)
                                   notice_id, id, term_end, subscription_id
                              FROM subscription_notice_line
                             WHERE notice_id IN %s
                          ORDER BY notice_id, subscription_id, module_id, term_end,
                                   days, id) latest) ranked
             WHERE place <= %s
          ORDER BY notice_id, place
            """,
            tuple(self.ids) or (0,),
            LISTED_LINES,
        )

    # ------------------------------------------------------------------ finding

    @api.model
    def _cron_notify(self):
        """Tell everybody what is due today, each thing once.

        Days that were missed are caught up by one notice, and so is what a run that was
        killed did not get to.
        """
        if self._find_all():
            self._send_all()

    @api.model
    def _do_chunk(self, method, *args):
        """Call ``method``; leave alone what another run does at the same time.

        :return: whether to go on
        """
        try:
            method(*args)
            self.env.cr.flush()
        except (SerializationFailure, UniqueViolation):
            self.env.cr.rollback()
            return False
        return True

    # ------------------------------------------------------------------ actions

    def action_send_again(self):
        """Send these notices, which failed, once more, and say what came of it."""
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
