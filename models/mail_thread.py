from odoo import models


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    def message_subscribe(self, partner_ids=None, subtype_ids=None):
        """:raise AccessError: when a confined user subscribes contacts out of reach"""
        if partner_ids and self._is_user_confined():
            self.env["res.partner"].browse(partner_ids).check_access("read")
        return super().message_subscribe(partner_ids, subtype_ids)
