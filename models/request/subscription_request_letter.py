from odoo import api, fields, models

from ..core.base import ADDON


class SubscriptionRequestLetter(models.Model):
    """An e-mail about a request: to who answers it, or of the answer to who asked."""

    _name = "subscription.request.letter"
    _inherit = ["subscription.letter.mixin"]
    _description = "E-mail About a Request"
    _order = "id desc"
    _rec_name = "request_id"

    request_id = fields.Many2one(
        "subscription.request", required=True, ondelete="cascade", index=True
    )
    client_id = fields.Many2one(related="request_id.client_id")
    company_id = fields.Many2one(related="request_id.company_id")
    kind = fields.Selection(
        [("asked", "Asked"), ("answered", "Answered")], required=True
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Recipient",
        required=True,
        ondelete="cascade",
        index=True,
    )
    email = fields.Char(required=True)

    # ------------------------------------------------------------------ sending

    def _queue(self):
        """Queue these e-mails, each in the language of its recipient."""
        for kind, same in self.grouped("kind").items():
            same._queue_letters(self.env.ref(f"{ADDON}.mail_template_request_{kind}"))
        # Odoo's own queue runs each hour otherwise. sudo: users trigger no jobs.
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()

    def _cannot_queue(self, error):
        """Show that the e-mail could not be written."""
        self.failure_text = self.env._("The e-mail could not be written: %s", error)

    def _get_other_langs(self):
        return [self.client_id.lang]

    # ------------------------------------------------------------------ words

    def _get_title(self):
        """Return the subject: who asks for what, or what became of it."""
        request = self.request_id
        values = {"client": request.client_id.name, "what": request.what_text}
        if self.kind == "asked":
            if request.kind == "module":
                return self.env._("A module is asked for: %(what)s", **values)
            return self.env._("%(client)s asks: %(what)s", **values)
        return {
            "approved": self.env._("Approved: %(what)s", **values),
            "refused": self.env._("Refused: %(what)s", **values),
        }.get(request.state, self.env._("Not answered: %(what)s", **values))

    def _get_lead(self):
        """Return the sentence below the title."""
        request = self.request_id
        asker = request.asked_by_id.name or ""
        if self.kind == "asked":
            return self.env._(
                "%(user)s asks for %(client)s.",
                user=asker,
                client=request.client_id.name,
            )
        return {
            "approved": self.env._("What you have asked for is done."),
            "refused": self.env._("What you have asked for was refused."),
        }.get(
            request.state,
            self.env._(
                "Nobody has answered in time, so your request has expired. You can ask"
                " again."
            ),
        )

    def _get_quote(self):
        """Return what was written: the message to who answers, the answer to who
        asked."""
        request = self.request_id
        return request.message if self.kind == "asked" else request.answer

    def _get_hint(self):
        """Return what to do on the page that the button opens."""
        if self.kind == "answered":
            return False
        if self.request_id.kind == "module":
            return self.env._(
                "You log in to approve or refuse it; approving gives the seat."
            )
        return self.env._(
            "You log in to see what approving takes and what it costs, and approve or"
            " refuse it."
        )

    def _get_button(self):
        if self.kind == "asked":
            return self.env._("See and answer")
        return self.env._("See your requests")

    def _get_url(self):
        """Return the address of the page that the button opens, which asks for a
        login."""
        request, base = self.request_id, self.get_base_url()
        if self.kind == "asked" and request.kind != "module":
            return f"{base}/odoo/subscription-requests/{request.id}"
        if self.kind == "answered" and request.kind == "module":
            return f"{base}/my/access"
        return f"{base}/my/subscription/{request.client_id.id}/requests"

    def _get_reply_to(self):
        """Return whom an answer to the e-mail reaches."""
        asker = self.request_id.asked_by_id
        is_known = self.kind == "asked" and asker.email
        return (is_known and asker.email_formatted) or self.company_id.email_formatted

    @api.model
    def _add_letters(self, rows):
        """Queue the e-mails of ``rows``, tuples of request, kind, recipient and
        address; those without an address are left out."""
        letters = self.create(
            [
                {
                    "request_id": request.id,
                    "kind": kind,
                    "partner_id": partner.id,
                    "email": email,
                }
                for request, kind, partner, email in rows
                if email
            ]
        )
        letters._queue_each()
        return letters
