from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain


class ResPartner(models.Model):
    """Where the passwords of people are asked for who are members of several clients.

    A new password goes to the address of the contact. Who can change that address could
    log in as its owner, and would come into clients of other partners.
    """

    _inherit = "res.partner"

    def write(self, vals):
        """Change contacts.

        :raise UserError: when the staff of a partner would change the address of
            somebody who is a member of others' clients as well
        """
        if "email" in vals and self._is_user_restricted():
            self._get_changed(vals, {"email"})._verify_own_logins()
        return super().write(vals)

    def _verify_own_logins(self):
        """:raise UserError: naming one of these contacts who logs in to a client that
        the user does not manage"""
        user = self.env.user
        # sudo: clients count that the user does not see.
        others = (
            self.env["subscription.member"]
            .sudo()
            .search(
                Domain("partner_id", "in", (self - user.partner_id).ids)
                & Domain("active", "=", True)
                & Domain("partner_id.user_ids", "!=", False)
                & ~user._get_client_domain("client_id", managed=True),
                limit=1,
            )
        )
        if others:
            raise UserError(
                self.env._(
                    "%(contact)s logs in with this address, and not for your clients"
                    " alone. Ask %(contact)s, or the vendor, to change it.",
                    contact=others.partner_id.name,
                )
            )
