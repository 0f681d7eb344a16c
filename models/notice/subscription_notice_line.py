from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

# Colours of a state in a message: text and background.
STATE_COLORS = {
    "ended": ("#A12622", "#FBE5E4"),
    "ending": ("#8A5300", "#FFF1DB"),
    "renewed": ("#1B6E3C", "#E3F4E9"),
}
LEVEL_COLORS = {"full": STATE_COLORS["ended"], "warning": STATE_COLORS["ending"]}
OTHER_COLORS = ("#1F5A85", "#E3F0F9")


def get_topic_key(line):
    """Return what each recipient is told once, as the unique index has it."""
    return (
        line.subscription_id,
        line.kind,
        line.term_end,
        line.days or 0,
        line.module_id,
        line.alert_id,
    )


class SubscriptionNoticeLine(models.Model):
    """What a notice says about one subscription. Each recipient gets it once, which a
    unique index guarantees.

    Only ``subscription.notice._insert_notices`` creates these.
    """

    _name = "subscription.notice.line"
    _description = "Line of a Notice"
    _order = "term_end, id"
    _rec_name = "subscription_id"

    notice_id = fields.Many2one(
        "subscription.notice", required=True, ondelete="cascade", index=True
    )
    partner_id = fields.Many2one(
        related="notice_id.partner_id", store=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="notice_id.company_id", store=True)
    kind = fields.Selection(related="notice_id.kind", store=True)
    subscription_id = fields.Many2one(
        "sale.subscription", required=True, ondelete="cascade", index=True
    )
    client_id = fields.Many2one(
        related="subscription_id.client_id", store=True, index=True
    )
    term_end = fields.Date(required=True, help="Last day of the term it is about.")
    days = fields.Integer(
        string="Days Before",
        aggregator=None,
        help="Which of the renewal notices it is, in days before the end of the term.",
    )
    module_id = fields.Many2one("subscription.module", ondelete="cascade")
    seat_limit = fields.Integer(string="Seats", aggregator=None)
    used = fields.Integer(string="In Use", aggregator=None)
    alert_id = fields.Many2one(
        "subscription.alert",
        ondelete="set null",
        index="btree_not_null",
        groups=fields.NO_ACCESS,
    )
    is_merged = fields.Boolean(
        help="Told to a contact that was merged into another one, which was told the"
        " same: both notices stay.",
        exportable=False,
    )

    _once = models.UniqueIndex(
        "(partner_id, subscription_id, kind, term_end, COALESCE(days, -1),"
        " COALESCE(module_id, 0), COALESCE(alert_id, 0)) WHERE is_merged IS NOT TRUE",
        "The recipient was told already.",
    )

    @api.model
    def _mark_merged(self, partners, keeper):
        """Mark the lines that more than one of ``partners`` was told, who become one,
        except the one of ``keeper``, or else the oldest. None is deleted: they prove
        that the client was told."""
        lines = self.search([("partner_id", "in", partners.ids)])
        for same in lines.grouped(get_topic_key).values():
            first = same.sorted(lambda line: (line.partner_id != keeper, line.id))[:1]
            (same - first).is_merged = True
        lines.flush_recordset(["is_merged"])

    def _get_topics(self):
        """Return ``{line: what it says to whom}``, as ``DueLine.topic`` has it."""
        messages = {notice: notice._get_message()[1:] for notice in self.notice_id}
        return {
            line: (
                messages[line.notice_id],
                line.subscription_id.id,
                line.term_end,
                line.module_id.id or None,
            )
            for line in self
        }

    def _find_due(self):
        """Return what is due now about the subscriptions of these lines."""
        notices = self.env["subscription.notice"]
        over = self.filtered(lambda line: line.kind == "over")
        pools = self.env["subscription.seat.pool"].search(
            [
                ("subscription_id", "in", over.subscription_id.ids),
                ("module_id", "in", over.module_id.ids),
            ]
        )
        terms = notices._get_term_subjects(Domain("id", "in", self.subscription_id.ids))
        subjects = terms + notices._get_over_subjects(pools)
        subjects += notices._get_alert_subjects(self.alert_id)
        return notices._get_due_lines(subjects)

    def _get_distinct(self):
        """Return these lines, the most urgent first, each subject once: by the latest
        of its notices."""
        lines = {}
        for line in self.sorted(
            lambda line: (line.term_end, line.subscription_id.id, line.days, line.id)
        ):
            subject = (line.term_end, line.subscription_id, line.module_id)
            lines.setdefault(subject, line.id)
        return self.browse(lines.values())

    def _get_date_text(self, date):
        """Return ``date`` as the language of the message writes it."""
        return format_date(self.env, date) if date else ""

    def _get_days_left(self):
        """Return the days until the end of the term; below 0 when it has ended."""
        self.ensure_one()
        return (self.term_end - self.company_id._get_today()).days

    def _get_left_text(self):
        """Return in words how long the term still runs."""
        days = self._get_days_left()
        if days > 1:
            return self.env._("%(days)s days left", days=days)
        texts = {
            1: self.env._("1 day left"),
            0: self.env._("ends today"),
            -1: self.env._("ended yesterday"),
        }
        return texts.get(days) or self.env._("ended %(days)s days ago", days=-days)

    def _get_level(self):
        """Return the name of the threshold that a pool has passed, and its colours."""
        level = self.alert_id.level
        color, background = LEVEL_COLORS.get(level, OTHER_COLORS)
        levels = dict(self.env["subscription.alert"]._get_choices("level"))
        return {
            "level": levels.get(level, ""),
            "level_style": f"color: {color}; background-color: {background};",
        }

    def _get_row(self):
        """Return what a message says about this line."""
        self.ensure_one()
        subscription = self.subscription_id
        states = dict(subscription._get_choices("renewal_state"))
        color, background = STATE_COLORS.get(subscription.renewal_state, OTHER_COLORS)
        is_through = subscription.managing_partner_id != self.partner_id
        return {
            "client": self.client_id.name,
            "through": is_through and subscription.managing_partner_id.name,
            "subscription": subscription.display_name,
            "plan": subscription.template_id.name,
            "end": self._get_date_text(self.term_end),
            "left": self._get_left_text(),
            "state": states.get(subscription.renewal_state, ""),
            "style": f"color: {color}; background-color: {background};",
            "licences": subscription.licences_to_renew,
            "renewal": subscription._get_self_renewal_text(),
            "module": self.module_id.name,
            "used": self.used,
            "limit": self.seat_limit,
            "over": self.used - self.seat_limit,
            "seats_left": max(self.seat_limit - self.used, 0),
            **self._get_level(),
        }
