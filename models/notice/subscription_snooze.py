from odoo import api, fields, models
from odoo.tools import format_date


class SubscriptionSnooze(models.Model):
    """A company gets no notices about the renewal and the seats of a subscription until
    a day. Each company
    snoozes its own notices, the vendor everybody's.

    Only ``sale.subscription._snooze_notices`` creates and changes these.
    """

    _name = "subscription.snooze"
    _inherit = ["subscription.worded.name.mixin"]
    _description = "Snoozed Notices"
    _rec_name = "until"

    subscription_id = fields.Many2one(
        "sale.subscription", required=True, ondelete="cascade"
    )
    addressee_id = fields.Many2one(
        "res.partner",
        string="Company",
        ondelete="cascade",
        index="btree_not_null",
        help="The partner or reseller that gets none. Empty: everybody.",
    )
    until = fields.Date(
        required=True, help="The first day on which notices go out again."
    )

    _once = models.UniqueIndex(
        "(subscription_id, COALESCE(addressee_id, 0))",
        "A colleague has just snoozed these notices. Try again.",
    )

    @api.model
    def _merge_addressees(self, partners):
        """Keep one of what ``partners``, who become one, snoozed of a subscription: the
        longest."""
        snoozes = self.search([("addressee_id", "in", partners.ids)])
        for same in snoozes.grouped("subscription_id").values():
            (same - same.sorted("until")[-1:]).unlink()
        snoozes.flush_model()

    def _get_running(self):
        """Return those of these whose day has not come yet."""
        return self.filtered(
            lambda snooze: snooze.until > snooze.subscription_id.company_id._get_today()
        )

    def _get_known(self):
        """Return those of these that the user may know: the vendor's, and those of the
        companies that the user manages."""
        reach = self.env.user._get_client_domain("addressee_id", managed=True)
        return self.filtered(
            lambda snooze: not snooze.addressee_id or snooze.filtered_domain(reach)
        )

    def _get_text(self):
        """Return in a sentence who gets no notices until when, and by whom."""
        self.ensure_one()
        values = {
            "company": self.addressee_id.name,
            "until": format_date(self.env, self.until),
            "user": self.write_uid.name,
        }
        if self.addressee_id:
            return self.env._(
                "%(company)s gets no notices about renewals and seats until %(until)s"
                " (%(user)s).",
                **values,
            )
        return self.env._(
            "Nobody gets notices about renewals and seats until %(until)s (%(user)s).",
            **values,
        )
