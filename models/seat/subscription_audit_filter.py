from datetime import date, timedelta

from odoo import SUPERUSER_ID, api, models
from odoo.fields import Domain
from odoo.tools import format_datetime, split_every

# Entries of an export that are read at a time.
CHUNK = 1000
# Before anything was noted; zones cannot reckon with the first of all days.
FIRST_DAY = date(1970, 1, 2)


class SubscriptionAudit(models.Model):
    """Searching the audit trail, and exporting what was found. The pages of a client
    call it as superuser, with the entries of that client."""

    _inherit = "subscription.audit"

    @api.model
    def _get_filter_domain(
        self, *, text="", member="", event="", first=None, last=None, company=None
    ):
        """Return the domain of the entries that are asked for; what is empty asks for
        nothing.

        :param str text: a part of the name of a member, module or user
        :param str member: a part of the name of a member
        :param str event: a kind of entry
        :param first: the first day, of the company of this environment
        :param last: the last day
        :param company: whose users did it
        """
        domain = Domain.TRUE
        if text:
            domain &= self._get_text_domain(text)
        if member:
            domain &= Domain("member_name", "ilike", member)
        if event:
            domain &= Domain("event", "=", event)
        if first:
            before = max(first, FIRST_DAY) - timedelta(days=1)
            domain &= Domain("date", ">=", self.env.company._get_day_end(before))
        if last:
            end = self.env.company._get_day_end(max(last, FIRST_DAY))
            domain &= Domain("date", "<", end)
        return domain & self._get_company_domain(company) if company else domain

    @api.model
    def _get_text_domain(self, text):
        users = self.env["res.users"].with_context(active_test=False)
        named = users._search([("name", "ilike", text)])
        return (
            Domain("member_name", "ilike", text)
            | Domain("module_id.name", "ilike", text)
            | Domain("user_id", "in", named)
            | Domain("log_id.user_name", "ilike", text)
        )

    @api.model
    def _get_company_domain(self, company):
        """Return the domain of what users of ``company`` did: those who belonged to it
        then, as far as that is known, else those who do now."""
        users = self.env["res.users"].with_context(active_test=False)
        if company.ref_company_ids:
            # Whoever works for the vendor, and what it has programs do.
            staff = users._get_vendor_user_domain() | Domain("id", "=", SUPERUSER_ID)
            return Domain("user_id", "in", users._search(staff))
        staff = users._search([("partner_id.commercial_partner_id", "=", company.id)])
        return Domain("log_id.user_company_id", "=", company.id) | (
            Domain("log_id", "=", False) & Domain("user_id", "in", staff)
        )

    # ------------------------------------------------------------------ export

    @api.model
    def _get_export_heads(self):
        """Return the heads of the columns, in the language of the reader."""
        return [
            self.env._("Date"),
            self.env._("By"),
            self.env._("Event"),
            self.env._("Member"),
            self.env._("Module"),
            self.env._("Details"),
        ]

    @api.model
    def _iter_export(self, domain):
        """Yield the rows of the entries of ``domain``, as :meth:`_get_export_heads` has
        them. Moments are those of the reader's time zone."""
        events = dict(self._get_choices("event"))
        for ids in split_every(CHUNK, self.search(domain).ids):
            entries = self.browse(ids)
            for entry in entries:
                yield [
                    format_datetime(self.env, entry.date, dt_format="yyyy-MM-dd HH:mm"),
                    entry.author or "",
                    events[entry.event],
                    entry.member_name or "",
                    entry.module_id.name or "",
                    entry.details or "",
                ]
            entries.invalidate_recordset()
