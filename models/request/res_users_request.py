from odoo import models
from odoo.fields import Domain


class ResUsers(models.Model):
    """Whose requests a user may read."""

    _inherit = "res.users"

    def _get_request_domain(self, path=""):
        """Return the domain of the requests that this user may read: those of the
        clients that it looks after. That a client asks for another partner is told to
        the vendor alone, not to the partner.

        :param str path: the way from the records to the request
        """
        prefix = f"{path}." if path else ""
        domain = self._get_client_domain(f"{prefix}client_id")
        if not self._is_restricted():
            return domain
        return domain & Domain(f"{prefix}kind", "!=", "partner")
