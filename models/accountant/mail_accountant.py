from odoo import api, models


class Base(models.AbstractModel):
    """Accountants read what is said about documents, and say nothing.

    Odoo lets who reads an invoice post on it, plan activities and follow it.
    """

    _inherit = "base"

    def _mail_get_operation_for_mail_message_operation(self, message_operation):
        """Ask for the right to change the document of who reads it as an accountant:
        for messages, reactions and activities alike."""
        operations = super()._mail_get_operation_for_mail_message_operation(
            message_operation
        )
        if message_operation == "create":
            # Pages ask as superuser what the user needs to post.
            own = self.sudo(False)
            operations |= dict.fromkeys(own._get_only_read(), "write")
        return operations

    def _get_only_read(self):
        """Return those of these records that the user reads as an accountant alone."""
        user = self.env.user
        # A channel of Discuss has members of its own, and is no document.
        if self.env.su or self._name == "discuss.channel" or not user._is_accountant():
            return self.browse()
        return self.filtered(lambda record: user._reads_only(record))


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    def message_subscribe(self, partner_ids=None, subtype_ids=None):
        """Subscribe contacts.

        :raise AccessError: when an accountant does, for itself as well
        """
        if partner_ids and (documents := self._get_only_read()):
            documents.check_access("write")
        return super().message_subscribe(partner_ids, subtype_ids)


class MailScheduledMessage(models.Model):
    _inherit = "mail.scheduled.message"

    @api.model_create_multi
    def create(self, vals_list):
        """Schedule messages.

        :raise AccessError: when an accountant does
        """
        messages = super().create(vals_list)
        for model, same in messages.grouped("model").items():
            documents = self.env[model].browse(same.mapped("res_id"))._get_only_read()
            if documents:
                documents.check_access("write")
        return messages
