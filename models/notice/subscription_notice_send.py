import logging
from collections import defaultdict
from datetime import timedelta

from psycopg2 import OperationalError

from odoo import SUPERUSER_ID, api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, email_normalize_all

from ..access.res_users import GROUP_STANDARD
from ..core.base import ADDON
from .subscription_notice import KEY_FIELDS

_logger = logging.getLogger(__name__)

SENT_RECIPIENTS = 50

# Who had no address is tried again in a later run, not twice in one that goes on.
TRIED_APART = timedelta(minutes=10)

TEMPLATES = {
    ("renewal", "partner"): f"{ADDON}.mail_template_notice_renewal",
    ("renewal", "client"): f"{ADDON}.mail_template_notice_renewal_client",
    ("legal", "client"): f"{ADDON}.mail_template_notice_legal",
    ("over", "partner"): f"{ADDON}.mail_template_notice_over",
    ("over", "client"): f"{ADDON}.mail_template_notice_over",
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
    def _send_all(self):
        """Send what was not sent yet, by chunks of recipients; those without an address
        are tried again each time."""
        cron = self.env["ir.cron"]
        now = fields.Datetime.now()
        due = self._get_open_domain() & (
            Domain("state", "=", "to_send") | Domain("tried_at", "<", now - TRIED_APART)
        )
        groups = self._read_group(due, ["partner_id"])
        partner_ids = sorted(partner.id for (partner,) in groups)
        cron._commit_progress(remaining=len(partner_ids))
        for place in range(0, len(partner_ids), SENT_RECIPIENTS):
            chunk = partner_ids[place : place + SENT_RECIPIENTS]
            if not (
                self._do_chunk(self._send_to, chunk)
                and cron._commit_progress(len(chunk))
            ):
                break

    @api.model
    def _send_to(self, partner_ids):
        """Send these recipients what is open, one message for each subject."""
        domain = self._get_open_domain() & Domain("partner_id", "in", partner_ids)
        self.search(domain, order="id")._send()

    def _send(self):
        """Queue the e-mails of these notices, or note why there is none. Those of
        another transaction are left to it.

        What nobody needs to know any more goes: subscriptions that were renewed, closed
        or snoozed, clients that went to another partner.
        """
        notices = self.sudo().try_lock_for_update(allow_referencing=True)
        late = notices.filtered(lambda notice: notice._is_late())
        late._fail("late")
        notices = (notices - late)._merge()
        notices._refresh()
        empty = notices.filtered(lambda notice: not notice.line_count)
        notices -= empty
        empty.unlink()
        addresses = notices._get_addresses()
        for notice in notices:
            notice.email = ", ".join(addresses[notice])
        reached = notices.filtered("email")
        (notices - reached)._fail("address")
        reached._queue_each()

    def _is_late(self):
        """Return whether the client can no longer refuse what this tells it."""
        self.ensure_one()
        return bool(self.deadline) and self.deadline < self.company_id._get_today()

    def _fail(self, failure):
        self.write(
            {
                "state": "failed",
                "failure": failure,
                "tried_at": fields.Datetime.now(),
            }
        )

    def _merge(self):
        """Put together what is to be one message; return what remains."""
        kept, gone, keep_ids = self.browse(), self.browse(), []
        for same in self.grouped(
            lambda notice: tuple(notice[name] for name in KEY_FIELDS)
        ).values():
            first = same.sorted("id")[0]
            kept |= first
            gone |= same - first
            keep_ids += [first.id] * (len(same) - 1)
        if gone:
            self.env.flush_all()
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE subscription_notice_line line SET notice_id = pair.kept
                      FROM unnest(%s, %s) AS pair (gone, kept)
                     WHERE line.notice_id = pair.gone
                    """,
                    gone.ids,
                    keep_ids,
                )
            )
            self.env["subscription.notice.line"].invalidate_model()
            gone.unlink()
            kept.invalidate_recordset()
        return kept

    def _refresh(self):
        """Delete the lines of these notices that are not due any more, and count the
        seats of the others anew."""
        if not self:
            return
        self.env.flush_all()
        ids = tuple(self.ids)
        where = SQL(
            "subscription.id IN (SELECT subscription_id FROM subscription_notice_line"
            " WHERE notice_id IN %s)",
            ids,
        )
        subjects = SQL(
            "%s UNION ALL %s", self._get_term_query(where), self._get_over_query(where)
        )
        self.env.cr.execute(
            SQL(
                """
                WITH due AS MATERIALIZED (
                    SELECT line.id, told.seat_limit, told.used
                      FROM (%(told)s) told
                      JOIN subscription_notice_line line
                        ON line.partner_id = told.partner_id
                       AND line.subscription_id = told.subscription_id
                       AND line.kind = told.kind
                       AND line.term_end = told.term_end
                       AND COALESCE(line.module_id, 0) = COALESCE(told.module_id, 0)
                      JOIN subscription_notice notice
                        ON notice.id = line.notice_id
                       AND notice.audience = told.audience
                       AND notice.addressee_id = told.addressee_id
                       AND notice.deadline IS NOT DISTINCT FROM told.deadline
                     WHERE notice.id IN %(ids)s
                ), gone AS (
                    DELETE FROM subscription_notice_line
                     WHERE notice_id IN %(ids)s AND id NOT IN (SELECT id FROM due)
                )
                UPDATE subscription_notice_line line
                   SET seat_limit = due.seat_limit, used = due.used
                  FROM due
                 WHERE line.id = due.id AND line.kind = 'over'
                """,
                told=self._get_recipient_query(subjects),
                ids=ids,
            )
        )
        self.env["subscription.notice.line"].invalidate_model()
        self.invalidate_recordset()

    def _get_addresses(self):
        """Return ``{notice: its e-mail addresses}``: those of the recipient, else those
        of the partner's staff or of the member."""
        staff = self._get_staff_addresses()
        members = self._get_member_addresses()
        return {
            notice: email_normalize_all(notice.partner_id.email or "")
            or staff.get(notice.partner_id)
            or members.get((notice.addressee_id, notice.partner_id))
            or []
            for notice in self
        }

    def _get_staff_addresses(self):
        """Return ``{company: addresses of its staff}`` of the partners and resellers
        that have none of their own."""
        companies = self.filtered(lambda notice: notice.audience == "partner")
        companies = companies.partner_id.filtered(lambda one: not one.email)
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
            addresses[company] += email_normalize_all(user.email or "")
        return addresses

    def _get_member_addresses(self):
        """Return ``{(client, contact): addresses}`` of the members whose contact has
        none."""
        notices = self.filtered(
            lambda notice: notice.audience == "client" and not notice.partner_id.email
        )
        members = notices and self.env["subscription.member"].search(
            [
                ("client_id", "in", notices.addressee_id.ids),
                ("partner_id", "in", notices.partner_id.ids),
            ]
        )
        return {
            (member.client_id, member.partner_id): email_normalize_all(
                member.email or ""
            )
            for member in members
        }

    def _queue_each(self):
        """Queue the e-mails of these notices together, or one by one if that fails."""
        try:
            with self.env.cr.savepoint():
                self._queue()
        except OperationalError:
            raise
        except Exception:
            if len(self) > 1:
                for notice in self:
                    notice._queue_each()
                return
            _logger.exception("Notice %s cannot be written", self.id)
            self._fail("broken")

    def _queue(self):
        """Queue the e-mails of these notices, each in the language of its recipient,
        and mark them as sent."""
        values = {"state": "sent", "failure": False, "tried_at": False}
        self.write({**values, "sent_at": fields.Datetime.now()})
        for (kind, audience, company), same in self.grouped(
            lambda notice: (notice.kind, notice.audience, notice.company_id)
        ).items():
            template = self.env.ref(TEMPLATES[kind, audience])
            template.with_user(SUPERUSER_ID).send_mail_batch(
                same.ids,
                email_values={
                    "model": False,
                    "res_id": False,
                    "author_id": company.partner_id.id,
                },
            )
