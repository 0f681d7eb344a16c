from odoo import models


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    def message_subscribe(self, partner_ids=None, subtype_ids=None):
        """:raise AccessError: when a confined user subscribes contacts out of reach"""
        if partner_ids and self._is_user_confined():
            self.env["res.partner"].browse(partner_ids).check_access("read")
        return super().message_subscribe(partner_ids, subtype_ids)

    def _message_get_suggested_recipients_batch(self, *args, **kwargs):
        """Suggest contacts within reach alone: Odoo fails on the others."""
        if not self._is_user_confined():
            return super()._message_get_suggested_recipients_batch(*args, **kwargs)
        found = super(MailThread, self.sudo())._message_get_suggested_recipients_batch(
            *args, **kwargs
        )
        partners = self.env["res.partner"]
        ids = {row["partner_id"] for rows in found.values() for row in rows} - {False}
        known = set(partners.browse(ids)._filtered_access("read").ids)
        return {
            record_id: [row for row in rows if row["partner_id"] in known]
            for record_id, rows in found.items()
        }
