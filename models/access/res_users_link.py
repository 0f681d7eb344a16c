from odoo import api, models
from odoo.fields import Domain


class ResUsers(models.Model):
    """Links that a user got end with its access, see ``res_partner_link.py``."""

    _inherit = "res.users"

    def write(self, vals):
        """Change users; the links of those who lose access end."""
        if not {"active", "group_ids"} & set(vals):
            return super().write(vals)
        reaches = self._get_reaches()
        result = super().write(vals)
        self._end_lost_links(reaches)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_end_links(self):
        self.browse()._end_lost_links(self._get_reaches())

    def _get_reaches(self):
        """Return ``{user: domain of the contacts whose documents it reads}`` for the
        partner staff among these users that is active."""
        return {
            user: user._get_managed_domain("management_path")
            for user in self.sudo()
            if user.active and user._is_partner_staff()
        }

    def _end_lost_links(self, reaches):
        """End the links of those who have not the ``reaches`` any more that they had
        before."""
        now = self._get_reaches()
        lost = [domain for user, domain in reaches.items() if domain != now.get(user)]
        if lost:
            self.env["res.partner"]._renew_links(Domain.OR(lost))
