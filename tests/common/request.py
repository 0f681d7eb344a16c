"""What tests of requests have in common."""

import re
from unittest.mock import patch

from odoo.tests import HttpCase

from .licence import LicenceMixin
from .portal_user import PortalBrowserMixin, PortalUserMixin
from .subscription import SubscriptionCase, create_yearly_plan

REQUEST = "subscription.request"
LETTER = "subscription.request.letter"


class RequestMixin(PortalUserMixin, LicenceMixin):
    """Acme's year is 2026, with five seats of Expenses; North has ten licences left.
    Ada administers Acme, Bo Bolt; Kim is a plain member of Acme."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.requests = cls.env[REQUEST]
        cls.yearly = create_yearly_plan(
            cls.env, "Yearly", {cls.base: 10, cls.expenses: 5}
        )
        cls._give(cls.north, 15, from_vendor=True)
        cls.term = cls._create_term(cls.acme, date_start=cls.env.company._get_today())
        cls.term_pool = cls._get_pool(cls.term, cls.expenses)
        cls.nora = cls._create_user("nora", "standard", cls.north)
        cls.sven = cls._create_user("sven", "standard", cls.south)
        cls.vera = cls._create_user("vera", "admin", cls.vendor)
        cls._create_portal_users()

    def _ask(self, kind="seats", client=None, user=None, **values):
        """Ask as the portal does."""
        requests = self.requests.with_user(user or self.ada).sudo()
        values = {
            "subscription": self.term,
            "pool": self.term_pool,
            "number": "2",
            "years": "1",
            "seat_choice": "same",
            "message": "Please",
            **values,
        }
        return requests._ask(client or self.acme, kind, values)

    def _ask_module(self, user=None, pool=None, message=""):
        user = user or self.kim
        member = user.partner_id.sudo().membership_ids
        requests = self.requests.with_user(user).sudo()
        return requests._ask_module(member, pool or self.term_pool, message)

    def _run_job(self):
        """Run the daily job, which commits nothing here."""
        cron = type(self.env["ir.cron"])
        with patch.object(cron, "_commit_progress", return_value=1000.0):
            self.env["subscription.notice"]._cron_notify()

    def _get_letters(self, request):
        """Return ``[(kind, address)]`` of the e-mails about ``request``."""
        letters = self.env[LETTER].search([("request_id", "=", request.id)], order="id")
        return [(one.kind, one.email) for one in letters]

    def _get_mails(self, request):
        letters = self.env[LETTER].search([("request_id", "=", request.id)], order="id")
        domain = [("letter_model", "=", LETTER), ("letter_id", "in", letters.ids)]
        return self.env["mail.mail"].search(domain, order="id")

    def _get_events(self, client=None):
        """Return the kinds of entries about requests in the audit trail, oldest
        first."""
        entries = self.env["subscription.log"].search(
            [
                ("client_id", "=", (client or self.acme).id),
                ("event", "like", "request"),
            ],
            order="id",
        )
        return entries.mapped("event")


class RequestCase(RequestMixin, SubscriptionCase):
    pass


class RequestHttpCase(PortalBrowserMixin, RequestCase, HttpCase):
    """The same, over HTTP."""

    def _get(self, path):
        self.env.flush_all()
        return self.url_open(path, allow_redirects=False)

    def _post(self, path, *, csrf=True, **data):
        self.env.flush_all()
        return super()._post(path, csrf=csrf, **data)

    def _get_page(self, path="", client=None):
        url = f"/my/subscription/{(client or self.acme).id}/requests{path}"
        return self._get(url)

    def _send(self, path, client=None, **data):
        url = f"/my/subscription/{(client or self.acme).id}/requests{path}"
        return self._post(url, **data)

    def _read(self, response):
        """Return the text of a page, without tags."""
        text = re.sub(r"<(script|style).*?</\1>", " ", response.text, flags=re.S)
        return " ".join(re.sub(r"<[^>]+>", " ", text).split())
