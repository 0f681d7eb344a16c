from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import email_normalize_all

from .text import to_address, to_one_line

# What stands in the head of an e-mail, which has no line breaks.
HEAD = {
    "subject": to_one_line,
    "email_from": to_address,
    "reply_to": to_address,
}


class SubscriptionLetterMixin(models.AbstractModel):
    """Records that are sent as e-mails.

    The e-mail hangs on no record of its own, so that nobody but its addressee reads it.
    It knows the record that it is, and tells it when it could not be sent.
    """

    _name = "subscription.letter.mixin"
    _description = "Records That Are Sent as E-mails"

    letter_lang = fields.Char(
        string="Written In", help="Code of the language that the e-mail is written in."
    )
    missing_lang = fields.Char(
        string="Language Switched Off",
        help="Code of the language that the e-mail should have been written in.",
        exportable=False,
    )
    lang_text = fields.Char(compute="_compute_lang_text", exportable=False)
    failure_text = fields.Text(
        string="What Went Wrong", help="Why the e-mail could not be sent."
    )

    @api.depends("letter_lang", "missing_lang")
    @api.depends_context("lang")
    def _compute_lang_text(self):
        languages = self.env["res.lang"]
        for letter in self:
            letter.lang_text = bool(letter.missing_lang) and self.env._(
                "Written in %(used)s: the recipient's language, %(missing)s, is"
                " switched off.",
                used=languages._get_code_name(letter.letter_lang),
                missing=languages._get_code_name(letter.missing_lang),
            )

    # ------------------------------------------------------------------ sending

    def _queue_letters(self, template):
        """Queue the e-mails of these records by ``template``, from the vendor. Those
        that wait from an earlier time are not sent any more.

        A message is the same whoever sends it: it says what its recipient may know, not
        what the sender may read.
        """
        self._cancel_mails()
        template = template.with_user(SUPERUSER_ID)
        self._note_langs(template)
        mails = template.send_mail_batch(
            self.ids, email_values={"model": False, "res_id": False}
        )
        for letter, mail in zip(self, mails, strict=True):
            mail.write(letter._prepare_mail_values(mail))

    def _prepare_mail_values(self, mail):
        """Return what the e-mail of this record has beside what its template says."""
        head = {name: clean(mail[name]) for name, clean in HEAD.items()}
        if not email_normalize_all(mail.reply_to or ""):
            head["reply_to"] = self.company_id.email_formatted
        return {
            **{name: text for name, text in head.items() if text != mail[name]},
            "author_id": self.company_id.partner_id.id,
            "letter_model": self._name,
            "letter_id": self.id,
        }

    def _cancel_mails(self):
        """Keep the e-mails of these records that were not sent from being sent."""
        waiting = self.env["mail.mail"].sudo()
        waiting = waiting.search(
            [
                *[("letter_model", "=", self._name), ("letter_id", "in", self.ids)],
                ("state", "in", ("outgoing", "exception")),
            ]
        )
        waiting.write({"state": "cancel"})

    def _mail_sent(self):
        """Note that the e-mail of this record has gone out."""
        self.failure_text = False

    def _mail_failed(self, reason):
        """Note that the e-mail of this record could not be sent, and why."""
        self.failure_text = reason

    # ------------------------------------------------------------------ languages

    def _note_langs(self, template):
        """Note in which languages these records are written by ``template``, and which
        of them should have been another one."""
        for letter_id, wanted in template._render_wanted_langs(self.ids).items():
            letter = self.browse(letter_id)
            letter.letter_lang = used = letter._get_letter_lang(wanted)
            first = letter._get_langs(wanted)[:1]
            letter.missing_lang = "".join(first) if first != [used] else False

    def _get_letter_lang(self, wanted):
        """Return the language that this record is written in, English if all else is
        switched off."""
        return self.env["res.lang"]._get_usable_code(*self._get_langs(wanted))

    def _get_langs(self, wanted):
        """Return the languages in which this record may be written: the ``wanted`` one,
        that of the company of the recipient, and that of the vendor."""
        self.ensure_one()
        codes = [
            wanted,
            self.partner_id.commercial_partner_id.lang,
            *self._get_other_langs(),
            self.company_id.partner_id.lang,
        ]
        return list(filter(None, codes))

    def _get_other_langs(self):
        """Return the languages to fall back on before that of the vendor."""
        return []
