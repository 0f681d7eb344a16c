from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL, groupby

from ..core.base import ADDON
from .subscription_notice import KEY_FIELDS
from .subscription_notice_due import INDEX_FIELDS, LINE_FIELDS

# Lines that the job inserts in one transaction.
FOUND_LINES = 5000


class SubscriptionNotice(models.Model):
    """How what is due is inserted, each line once."""

    _inherit = "subscription.notice"

    @api.model
    def _note_over(self, pools):
        """Notify who can act that terms started with fewer seats than are in use: the
        partner, the reseller and the client's administrators."""
        # Whoever starts a term may insert no notices, nor see all recipients.
        notices = self.sudo()
        over = notices._get_over_subjects(pools.sudo())
        pending = notices._get_pending(notices._get_due_lines(over))
        if pending:
            notices._insert_notices(pending)
            self.env.ref(f"{ADDON}.ir_cron_notice").sudo()._trigger()

    @api.model
    def _find_all(self):
        """Insert the notices that are due, by chunks of recipients.

        What is due is worked out once. What changes between two chunks is found when
        the notices are sent: see ``_refresh``.

        :return: whether all were inserted before the time was up
        """
        lines = self._get_pending(self._get_due_lines(self._get_term_subjects()))
        # One more, since sending is still to come then.
        self.env["ir.cron"]._commit_progress(remaining=len(lines) + 1)
        return self._do_chunks(self._insert_chunk, self._split_by_recipient(lines))

    @api.model
    def _split_by_recipient(self, lines):
        """Return ``lines`` in lists that one transaction inserts in a moment, each with
        all lines of its recipients.

        In the same order each time, so that two runs cannot wait for each other.
        """
        lines = sorted(lines, key=lambda line: line.row[:2])
        chunks = []
        for _partner_id, own in groupby(lines, lambda line: line.recipient.partner_id):
            own = list(own)
            if not chunks or len(chunks[-1]) + len(own) > FOUND_LINES:
                chunks.append([])
            chunks[-1] += own
        return chunks

    @api.model
    def _get_pending(self, lines):
        """Return those of the due ``lines`` that nobody has inserted yet."""
        known = self._select(
            "subscription.notice.line",
            Domain(
                "subscription_id", "in", {one.subject.subscription_id for one in lines}
            )
            & Domain("term_end", "in", {one.subject.term_end for one in lines}),
            INDEX_FIELDS,
        )
        known = set(known)
        return [line for line in lines if line.index_key not in known]

    @api.model
    def _insert_chunk(self, lines):
        """Insert what is pending of ``lines``; nothing while another run does so."""
        # That no line is there twice is the unique index's doing: the lock spares a
        # second run the wait for it.
        if self._try_lock_model():
            self._insert_notices(self._get_pending(lines))

    @api.model
    def _insert_notices(self, lines):
        """Insert ``lines``, and a notice for each message that they make up."""
        if not lines:
            return
        self.env.flush_all()
        messages = list(dict.fromkeys(line.message for line in lines))
        notice_ids = dict(zip(messages, self._draw_ids(len(messages)), strict=True))
        self._insert_rows(
            self,
            ("id", "state", *KEY_FIELDS),
            [(id_, "to_send", *message) for message, id_ in notice_ids.items()],
        )
        self._insert_rows(
            self.env["subscription.notice.line"],
            ("notice_id", *LINE_FIELDS),
            [(notice_ids[line.message], *line.row) for line in lines],
        )

    @api.model
    def _draw_ids(self, count):
        """Return ids for ``count`` new notices, which their lines refer to."""
        # By SQL: the ORM gives a record its id only when it creates it.
        query = "SELECT nextval(%s) FROM generate_series(1, %s)"
        rows = self.env.execute_query(SQL(query, f"{self._table}_id_seq", count))
        return [id_ for (id_,) in rows]
