from odoo import fields, models


class MailMail(models.Model):
    """E-mails that are notices or invitations, see ``subscription.letter.mixin``."""

    _inherit = "mail.mail"

    letter_model = fields.Char(readonly=True)
    letter_id = fields.Many2oneReference(
        string="Notice or Invitation",
        model_field="letter_model",
        index="btree_not_null",
        readonly=True,
    )

    def _postprocess_sent_message(
        self, success_pids, success_emails, failure_reason=False, failure_type=None
    ):
        """Tell the records that these e-mails are whether they were sent: before Odoo
        deletes those that need not be kept."""
        for mail in self.sudo().filtered("letter_id"):
            letter = mail.env[mail.letter_model].browse(mail.letter_id).exists()
            if not failure_type:
                letter._mail_sent()
            else:
                letter._mail_failed(failure_reason or mail.failure_reason)
        return super()._postprocess_sent_message(
            success_pids, success_emails, failure_reason, failure_type
        )
