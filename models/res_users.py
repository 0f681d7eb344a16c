from odoo import api, fields, models


class ResUsers(models.Model):
    _inherit = "res.users"

    def write(self, vals):
        """Archive and restore the memberships of users with the users themselves.

        :raise SeatRefusal: when the members who would come back do not fit
        """
        result = super().write(vals)
        if "active" in vals:
            if vals["active"]:
                self.partner_id._restore_members("user")
            else:
                self._get_left_partners()._archive_members("user")
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_release_seats(self):
        self._get_left_partners()._archive_members("user")

    def _get_left_partners(self):
        """Return the contacts of these users who have no other active user."""
        return self.partner_id.filtered(
            lambda partner: not partner.sudo().user_ids.filtered("active") - self
        )

    def _update_last_login(self):
        result = super()._update_last_login()
        self.env["subscription.member"].sudo().search(
            [("partner_id", "in", self.partner_id.ids), ("joined_at", "=", False)]
        ).joined_at = fields.Datetime.now()
        return result
