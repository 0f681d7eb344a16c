from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools.misc import split_every

from ..access.res_users import GROUP_STANDARD
from ..core.base import ADDON
from .subscription_notice import KEY_FIELDS

# Recipients whose messages are queued in one transaction.
SENT_RECIPIENTS = 50
# Who had no address is tried again in a later run, not twice in one that goes on.
TRIED_APART = timedelta(minutes=10)

TEMPLATES = {
    ("renewal", "partner"): f"{ADDON}.mail_template_notice_renewal",
    ("renewal", "client"): f"{ADDON}.mail_template_notice_renewal_client",
    ("legal", "client"): f"{ADDON}.mail_template_notice_legal",
    ("over", "partner"): f"{ADDON}.mail_template_notice_over",
    ("over", "client"): f"{ADDON}.mail_template_notice_over",
    ("usage", "partner"): f"{ADDON}.mail_template_notice_usage",
    ("usage", "client"): f"{ADDON}.mail_template_notice_usage",
}


class SubscriptionNotice(models.Model):
    """How notices are sent."""

    _inherit = "subscription.notice"

    @api.model
    def _get_open_domain(self):
        """Return the domain of the notices that can still be sent."""
        return Domain("state", "in", ("to_send", "failed")) & Domain(
            "failure", "!=", "late"
        )

    @api.model
    def _send_all(self, domain=Domain.TRUE):
        """Send to the recipients of what is in ``domain`` what was not sent yet, by
        chunks of recipients; those without an address are tried again each time."""
        now = fields.Datetime.now()
        # A clock that was set back since does not keep them waiting for long.
        just_tried = Domain("tried_at", ">=", now - TRIED_APART)
        just_tried &= Domain("tried_at", "<=", now + TRIED_APART)
        due = self._get_open_domain() & (Domain("state", "=", "to_send") | ~just_tried)
        groups = self._read_group(due & domain, ["partner_id"])
        partner_ids = sorted(partner.id for (partner,) in groups)
        self.env["ir.cron"]._commit_progress(remaining=len(partner_ids))
        chunks = split_every(SENT_RECIPIENTS, partner_ids, list)
        self._do_chunks(self._send_to, chunks)

    @api.model
    def _send_to(self, partner_ids):
        """Send these recipients what is open, one message for each subject."""
        domain = self._get_open_domain() & Domain("partner_id", "in", partner_ids)
        self.search(domain, order="id")._send()

    def _send(self):
        """Queue the e-mails of these notices, or note why there is none.

        Notices without anything that is still due are deleted: where subscriptions
        were renewed, closed or snoozed meanwhile, or clients went to another partner.
        """
        # Staff may send again what it may read, but not write notices. Locked so that
        # each is sent once: what another transaction is sending is left to it.
        notices = self.sudo().try_lock_for_update(allow_referencing=True)
        late = notices.filtered(lambda notice: notice._is_late())
        late._fail("late")
        notices = (notices - late)._merge()
        notices._refresh()
        empty = notices.filtered(lambda notice: not notice.line_count)
        notices -= empty
        empty.unlink()
        archived = notices.filtered(lambda notice: not notice.partner_id.active)
        archived._fail("archived")
        notices -= archived
        addresses = notices._get_addresses()
        for notice in notices:
            notice.email = ", ".join(addresses[notice])
        reached = notices.filtered("email")
        (notices - reached)._fail("address")
        reached._queue_each()

    def _is_late(self):
        """Return whether the last day to refuse has passed."""
        self.ensure_one()
        return bool(self.deadline) and self.deadline < self.company_id._get_today()

    def _fail(self, failure, reason=False):
        self.write(
            {
                "state": "failed",
                "failure": failure,
                "failure_text": reason,
                "sent_at": False,
                "tried_at": fields.Datetime.now(),
            }
        )

    def _mail_failed(self, reason):
        """Show that nobody was told: it is tried again with the next run."""
        if self.state == "sent":
            self._fail("mail", reason)

    def _mail_sent(self):
        """Show that it has gone out after all, where it was sent from the list of
        e-mails."""
        if self.failure == "mail":
            self._mark_sent()

    def _merge(self):
        """Merge the notices that are to be one message; return what remains."""
        kept = self.browse()
        for same in self.sorted("id").grouped(lambda one: one._get_message()).values():
            kept |= same[0]
            if len(same) > 1:
                same[1:].line_ids.notice_id = same[0]
        (self - kept).unlink()
        return kept

    def _get_message(self):
        """Return what unsent notices share that are one message: the values of
        ``KEY_FIELDS``, as ``DueLine.message`` has them."""
        values = (self[name] for name in KEY_FIELDS)
        return tuple(getattr(value, "id", value) or None for value in values)

    def _refresh(self):
        """Delete the lines of these notices that are not due any more, and count the
        seats of the others anew."""
        lines = self.env["subscription.notice.line"].search(
            [("notice_id", "in", self.ids)]
        )
        due = {line.topic: line.subject for line in lines._find_due()}
        topics = lines._get_topics()
        gone = lines.filtered(lambda line: topics[line] not in due)
        for line in (lines - gone).filtered("module_id"):
            subject = due[topics[line]]
            line.write({"seat_limit": subject.seat_limit, "used": subject.used})
        gone.unlink()

    def _get_addresses(self):
        """Return ``{notice: its e-mail addresses}``: those of the recipient, else those
        of the partner's staff."""
        staff = self._get_staff_addresses()
        return {
            notice: notice.partner_id._get_addresses()
            or staff.get(notice.partner_id)
            or []
            for notice in self
        }

    def _get_staff_addresses(self):
        """Return ``{company: addresses of its staff}`` of the partners and resellers
        that have none of their own."""
        companies = self.filtered(lambda notice: notice.audience == "partner")
        companies = companies.partner_id.filtered(lambda one: not one._get_addresses())
        addresses = defaultdict(list)
        users = companies and self.env["res.users"].search(
            [
                ("partner_id.commercial_partner_id", "in", companies.ids),
                ("all_group_ids", "in", self.env.ref(GROUP_STANDARD).ids),
            ],
            order="id",
        )
        for user in users:
            company = user.partner_id.commercial_partner_id
            addresses[company] += user.partner_id._get_addresses()
        return addresses

    def _cannot_queue(self, error):
        """Show that the message could not be written."""
        self._fail("broken")

    def _queue(self):
        """Queue the e-mails of these notices, each in the language of its recipient,
        and mark them as sent."""
        self._mark_sent()
        for (kind, audience), same in self.grouped(
            lambda notice: (notice.kind, notice.audience)
        ).items():
            same._queue_letters(self.env.ref(TEMPLATES[kind, audience]))

    def _mark_sent(self):
        self.write(
            {
                "state": "sent",
                "sent_at": fields.Datetime.now(),
                "failure": False,
                "failure_text": False,
                "tried_at": False,
            }
        )

    def _get_other_langs(self):
        return [self.addressee_id.lang]
