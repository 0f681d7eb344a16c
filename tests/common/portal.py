"""The pages of a client in the portal."""

import re

from ..accountant.test_portal_accountant import AccountantHttpCase


class ClientPageCase(AccountantHttpCase):
    """Ada administers Acme, Bo Bolt; Kim is a plain member of Acme."""

    def _get_url(self, path="", client=None):
        return f"/my/subscription/{(client or self.acme).id}{path}"

    def _open(self, path="", client=None):
        """Return the text of a page, without what spaces it has more than one of."""
        self.env.flush_all()
        response = self.url_open(self._get_url(path, client))
        self.assertEqual(response.status_code, 200, path)
        return re.sub(r"\s+", " ", response.text)

    def _send(self, path, client=None, **data):
        """Send a form, and return the response without following it."""
        self.env.flush_all()
        response = self._post(self._get_url(path, client), **data)
        self.env.invalidate_all()
        return response

    def _create_others(self):
        """Return ``{login: user}`` of all who do not administer Acme."""
        users = {
            "kim": self.kim,
            "bo": self.bo,
            "nora": self._create_user("nora", "standard", self.north),
            "alma": self._create_user("alma", "accountant", self.dune),
            "vera": self._create_user("vera", "admin", self.vendor),
        }
        self._make_accountant(users["alma"], self.acme)
        return users

    def _count_page_queries(self, path):
        """Return how many queries a page needs, what is kept of the addresses, views
        and rights apart."""
        self.env.flush_all()
        self.url_open(self._get_url(path))
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        self.assertEqual(self.url_open(self._get_url(path)).status_code, 200)
        return self.cr.sql_log_count - before
