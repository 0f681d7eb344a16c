from markupsafe import Markup

from odoo import SUPERUSER_ID, api, fields, models
from odoo.fields import Domain
from odoo.tools.misc import split_every

from ..access.res_users import GROUP_STANDARD
from ..core.base import ADDON

# Requests that the job looks after in one transaction.
CHUNK = 50


class SubscriptionRequest(models.Model):
    """Who is told of requests, and how: by an activity and an e-mail."""

    _inherit = "subscription.request"

    def _tell_asked(self):
        """Tell whoever answers these requests, which are superuser's."""
        letters = self.env["subscription.request.letter"]
        letters._add_letters(
            [
                (request, "asked", partner, email)
                for request in self
                for partner, email in request._get_asked_addresses()
            ]
        )
        for request in self:
            request._plan_activity()

    def _get_asked_addresses(self):
        """Return ``[(contact, address)]`` of who answers: the administrators, or the
        partner or vendor, which have one e-mail; that of their staff where they have no
        address of their own."""
        if self.kind == "module":
            people = self._get_administrators().partner_id
            return [(one, ", ".join(one._get_addresses())) for one in people]
        partner = self.asked_partner_id or self.company_id.partner_id
        addresses = partner._get_addresses() or [
            address
            for user in self._get_answering_users()
            for address in user.partner_id._get_addresses()
        ]
        return [(partner, ", ".join(addresses))]

    def _get_answering_users(self, partner=None):
        """Return the users who can answer: the staff of ``partner``, by default the one
        that was asked; the vendor's administrators without one."""
        partner = self.asked_partner_id if partner is None else partner
        users = self.env["res.users"].sudo()
        if not partner:
            group = self.env.ref(f"{ADDON}.group_admin").sudo()
            return group.all_user_ids.filtered(
                lambda user: user.active and self.company_id in user.company_ids
            ).sorted("id")
        return users.search(
            [
                ("partner_id.commercial_partner_id", "=", partner.id),
                ("all_group_ids", "in", self.env.ref(GROUP_STANDARD).ids),
                ("company_ids", "in", self.company_id.ids),
            ],
            order="id",
        )

    def _tell_answer(self):
        """Tell whoever has asked what became of these requests."""
        letters = self.env["subscription.request.letter"]
        letters._add_letters(
            [
                (request, "answered", partner, ", ".join(partner._get_addresses()))
                for request in self
                for partner in request.asked_by_id.partner_id
            ]
        )

    def _readdress(self):
        """Take these requests, which wait, to who manages their clients now."""
        for request in self:
            partner = self._get_asked_partner(request.client_id, request.kind)
            if request.kind == "module" or partner == request.asked_partner_id:
                continue
            request._set({"asked_partner_id": partner.id, "told_above_at": False})
            request.activity_ids.unlink()
            request._tell_asked()

    # ------------------------------------------------------------------ activities

    def _plan_activity(self, partner=None):
        """Plan an activity for who can answer: the one in charge of the subscription,
        if it is one of them, else the first. Administrators of clients have none.

        It hangs on no record, so that nobody but that user reads it, and nobody comes
        to follow the client by it.
        """
        if self.kind == "module":
            return
        users = self._get_answering_users(partner)
        user = (self.subscription_id.user_id & users) or users[:1]
        if user:
            # As the program: whoever has asked plans nothing. The context keeps Odoo
            # from sending a second e-mail.
            activities = self.env["mail.activity"].with_user(SUPERUSER_ID)
            activities = activities.with_context(mail_activity_quick_update=True)
            activity = activities.create(self._prepare_activity(user, partner))
            self._set({"activity_ids": [fields.Command.link(activity.id)]})

    def _prepare_activity(self, user, partner):
        request = self.with_context(lang=user.lang)
        text = request.display_name
        if partner is not None:
            text = request.env._("Nobody has answered yet: %(request)s", request=text)
        link = Markup('<p><a href="/odoo/subscription-requests/%s">%s</a></p>')
        return {
            "activity_type_id": self.env.ref(f"{ADDON}.mail_activity_request").id,
            "user_id": user.id,
            "summary": text,
            "note": link % (self.id, request.env._("See and answer")),
            "date_deadline": self.company_id._get_today(),
        }

    # ------------------------------------------------------------------ job

    @api.model
    def _attend(self):
        """Let requests expire, and tell the tier above of those that wait for long; by
        chunks that are committed one by one."""
        letters = self.env["subscription.request.letter"]
        for method, domain in (
            (self._expire_chunk, self._get_older_domain("request_days")),
            (self._tell_above_chunk, self._get_unheard_domain()),
        ):
            ids = self.search(domain, order="id").ids
            self.env["ir.cron"]._commit_progress(remaining=len(ids))
            if not letters._do_chunks(method, split_every(CHUNK, ids, list)):
                return

    @api.model
    def _get_unheard_domain(self):
        """Return the domain of the requests whose tier above is to be told: what the
        vendor itself was asked has none, nor what members ask of administrators."""
        return (
            self._get_older_domain("request_late_days")
            & Domain("told_above_at", "=", False)
            & Domain("asked_partner_id", "!=", False)
        )

    @api.model
    def _get_still_waiting(self, ids):
        """Return those of the requests ``ids`` that wait, locked; those that somebody
        is just answering are left out."""
        requests = self.browse(ids).try_lock_for_update(allow_referencing=True)
        return requests.filtered(lambda one: one.state == "waiting")

    @api.model
    def _expire_chunk(self, ids):
        waiting = self._get_still_waiting(ids)
        if waiting:
            waiting._close("expired")

    @api.model
    def _tell_above_chunk(self, ids):
        for request in self._get_still_waiting(ids):
            request._set({"told_above_at": fields.Datetime.now()})
            request._plan_activity(request.asked_partner_id.managing_partner_id)

    # ------------------------------------------------------------------ counting

    @api.model
    def _count_waiting(self, name, records):
        """Return ``{record: requests that wait}`` of ``records``, which the many2one
        field ``name`` refers to."""
        waiting = [("state", "=", "waiting"), (name, "in", records.ids)]
        return dict(self._read_group(waiting, [name], ["__count"]))
