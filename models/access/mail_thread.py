from odoo import models


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    def message_subscribe(self, partner_ids=None, subtype_ids=None):
        """:raise AccessError: when a restricted user names contacts out of reach"""
        if partner_ids and self._is_user_restricted():
            partner_ids = self._read_ids(partner_ids)
            self.env["res.partner"].browse(partner_ids).check_access("read")
        return super().message_subscribe(partner_ids, subtype_ids)

    def _search_message_partner_ids(self, operator, operand):
        """Find by followers within reach alone: Odoo asks with the rights of nobody."""
        domain = super()._search_message_partner_ids(operator, operand)
        if domain is NotImplemented or not self._is_user_restricted():
            return domain
        followers = self.env["mail.followers"]._search(
            [("res_model", "=", self._name), ("partner_id", operator, operand)]
        )
        return [("id", "in", followers.subselect("res_id"))]

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        """Notify nobody of what is out of reach by now, like a client that has changed
        partner since its former staff followed it."""
        rows = super()._notify_get_recipients(message, msg_vals, **kwargs)
        users = self.env["res.users"].sudo().browse({row.get("uid") for row in rows})
        lost = users.filtered(lambda user: user.id and self._is_lost_to(user))
        return [row for row in rows if row.get("uid") not in lost.ids]

    def _is_lost_to(self, user):
        """Return whether ``user`` is restricted and may not read this record."""
        if not (self and user._is_restricted()):
            return False
        companies = user.sudo().company_ids.ids
        record = self.with_user(user).with_context(allowed_company_ids=companies)
        return not record.has_access("read")

    def _message_get_suggested_recipients_batch(self, *args, **kwargs):
        """Suggest contacts within reach alone: Odoo fails on the others."""
        if not self._is_user_restricted():
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
