from io import BytesIO

from psycopg2 import OperationalError

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools.mail import generate_tracking_message_id

from ..core.base import ADDON, RELOAD

TEMPLATE = f"{ADDON}.mail_template_delivery"
# Bytes of PDFs in one e-mail, as mail servers take: what is above has its link alone.
MOST_ATTACHED = 6 * 1024 * 1024


class SubscriptionDelivery(models.Model):
    """How invoices are sent."""

    _inherit = "subscription.delivery"

    def _send(self):
        """Queue one e-mail for each address of these, or note why there is none."""
        waiting = self._claim_waiting()._make_documents()
        leads = waiting.browse()
        for same in waiting.sorted("id").grouped(lambda one: one._get_key()).values():
            same.message_ref = generate_tracking_message_id(f"{ADDON}-{same[0].id}")
            leads |= same[0]
        leads._queue_each()

    def _claim_waiting(self):
        """Lock those of these that wait, and return them as superuser: documents are
        the same whoever sends them. What another transaction has in hand is left to
        it, so that each is sent once."""
        locked = self.sudo().try_lock_for_update(allow_referencing=True)
        return locked.filtered(lambda one: one.state == "waiting")

    def _get_key(self):
        """Return what deliveries have in common that are one e-mail."""
        lang = self.move_id.partner_id.lang or self.partner_id.lang
        return self.company_id, self.email, lang, self.with_xlsx

    def _get_shared(self):
        """Return the deliveries that are the same e-mails as these, the first first."""
        refs = self.filtered("message_ref").mapped("message_ref")
        return self.search([("message_ref", "in", refs)], order="id")

    # ------------------------------------------------------------------ documents

    def _make_documents(self):
        """Make the PDFs that go with these, as many as an e-mail holds; return those
        without the ones whose document cannot be made."""
        made = self.browse()
        sizes = {}
        for one in self.sorted("id"):
            key = one._get_key()
            if sizes.get(key, 0) > MOST_ATTACHED:
                made |= one
                continue
            pdf = one._try_document()
            if pdf:
                sizes[key] = sizes.get(key, 0) + pdf.file_size
                made |= one
        return made

    def _try_document(self):
        """Return the PDF of this invoice; nothing, and note why, where it fails."""
        try:
            with self.env.cr.savepoint():
                pdf = self.move_id._get_delivered_pdf()
                if not pdf:
                    raise LookupError("No PDF was made.")
                return pdf
        except OperationalError:
            raise
        except Exception as error:
            self.env.invalidate_all(flush=False)
            self._note_broken(error)
            return None

    def _note_broken(self, error):
        """Note that a document or e-mail could not be made."""
        text = self.env["subscription.renewal"]._get_error_text(error)
        for one in self:
            one.tries += 1
        self._fail("broken", text)

    def _get_attached(self):
        """Return the PDFs in the e-mail of this delivery: the first ones that are not
        too much together."""
        attached = self.env["ir.attachment"]
        size = 0
        for one in self._get_shared():
            pdf = one.move_id.invoice_pdf_report_id
            size += pdf.file_size
            if not pdf or size > MOST_ATTACHED:
                break
            attached |= pdf
        return attached

    # ------------------------------------------------------------------ queueing

    def _queue(self):
        """Queue the e-mails of these, each in the language of its recipient, and mark
        all that they bring as sent."""
        self._get_shared()._mark_sent()
        self._queue_letters(self.env.ref(TEMPLATE))

    def _cannot_queue(self, error):
        """Note that the e-mail could not be written."""
        self._get_shared()._note_broken(error)

    def _mark_sent(self):
        now = fields.Datetime.now()
        for tries, same in self.grouped("tries").items():
            same.write(
                {
                    "state": "sent",
                    "sent_at": now,
                    "tried_at": now,
                    "failure": False,
                    "failure_text": False,
                    "tries": tries + 1,
                }
            )
        self._mend()

    def _prepare_mail_values(self, mail):
        """Add the documents, the Message-Id and where the e-mail comes back to."""
        values = super()._prepare_mail_values(mail)
        return {
            **values,
            "message_id": self.message_ref,
            "record_company_id": self.company_id.id,
            "record_alias_domain_id": self.company_id.alias_domain_id.id,
            "attachment_ids": [
                Command.create(
                    {
                        "name": name,
                        "raw": content,
                        "mimetype": kind,
                        "res_model": "mail.message",
                        "res_id": mail.mail_message_id.id,
                    }
                )
                for name, content, kind in self._iter_files()
            ],
        }

    def _iter_files(self):
        """Yield name, content and type of the files that go with the e-mail: copies,
        which Odoo deletes with it."""
        send = self.env["account.move.send"]
        for pdf in self._get_attached():
            move = self.env["account.move"].browse(pdf.res_id)
            for file in send._get_invoice_extra_attachments(move):
                yield file.name, file.raw, file.mimetype
        yield from self._iter_statements()

    def _iter_statements(self):
        """Yield the Excel file of who is billed, if it is wanted."""
        statements = self._get_shared().move_id.statement_ids
        if not self.with_xlsx or not statements:
            return
        code = self.letter_lang or self.env.lang
        statements = statements.with_context(lang=code)
        file = BytesIO()
        domain = statements._get_export_domain(statements=statements)
        statements._write_export(domain, "xlsx", file)
        name = statements._get_export_name(statements=statements)
        yield f"{name}.xlsx", file.getvalue(), statements._get_export_type("xlsx")

    def _mail_sent(self):
        """Show that it has gone out after all, where it was sent from the list of
        e-mails."""
        failed = self._get_shared().filtered(lambda one: one.failure == "mail")
        failed.write({"state": "sent", "failure": False, "failure_text": False})
        failed._mend()

    def _mail_failed(self, reason):
        """Show that nobody was told: it is tried again some times."""
        self._get_shared().filtered(lambda one: one.state == "sent")._fail(
            "mail", reason
        )

    # ------------------------------------------------------------------ again

    def _wait_again(self):
        """Let these be sent again, but for those whose e-mail is still to go out."""
        queued = self.env["mail.mail"].sudo()
        queued = queued.search(
            [
                ("letter_model", "=", self._name),
                ("state", "=", "outgoing"),
                (
                    "message_id",
                    "in",
                    self.filtered("message_ref").mapped("message_ref"),
                ),
            ]
        )
        refs = set(queued.mapped("message_id"))
        again = self.filtered(lambda one: one.email and one.message_ref not in refs)
        again._mend()
        again.write(
            {
                "state": "waiting",
                "channel": "email",
                "failure": False,
                "failure_text": False,
                "tries": 0,
            }
        )

    @api.model
    def _verify_may_send(self, documents):
        """:raise AccessError: when the user reads one of ``documents`` as an accountant
        alone"""
        if readers := documents._get_only_read():
            readers.check_access("write")

    @api.model
    def _tell_on_their_way(self):
        """Let the job run soon, and say so."""
        # sudo: whoever sends again may not change jobs.
        self.env.ref(f"{ADDON}.ir_cron_delivery").sudo()._trigger()
        message = self.env._("The e-mails go out within minutes.")
        return self._notify(message, then=RELOAD)

    def action_send_again(self):
        """Send these again: to the same address if the mailbox still has it, else to
        the addresses that it has now.

        :raise AccessError: when the user reads one of them as an accountant
        :raise UserError: when nothing is chosen
        """
        self.check_access("read")
        self._verify_may_send(self)
        if not self:
            raise UserError(self.env._("Choose what is to be sent again."))
        # sudo: who may send again need not be able to write deliveries.
        chosen = self.sudo()
        targets = chosen.move_id._get_delivery_targets()
        current = chosen.filtered(
            lambda one: one.email and one.email in targets[one.move_id].addresses
        )
        current._wait_again()
        if elsewhere := (chosen - current).move_id:
            elsewhere._send_anew()
        return self._tell_on_their_way()
