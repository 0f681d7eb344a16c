from odoo import models


class ResPartner(models.Model):
    """The accountants of clients."""

    _inherit = "res.partner"

    def _show_some_client(self):
        """Show the accountants among these contacts all their clients again where the
        only one shown is gone."""
        for partner in self.sudo():
            accounted = partner.membership_ids._get_accounted()
            if not any(accounted.mapped("is_selected")):
                accounted.is_selected = True

    def _invite_member(self, email, name, role):
        """Invite accountants in their own way: they belong to no client."""
        if not role.is_accountant:
            return super()._invite_member(email, name, role)
        invitation = self.env["subscription.invitation"]._invite(self, email, name)
        return invitation.sudo().member_id.sudo(self.env.su)

    def action_invite_accountant(self):
        """Open the wizard *Invite accountant* for this client."""
        return self._open_client_action("subscription_invitation_send_action")
