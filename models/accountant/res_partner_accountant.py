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

    def _absorb(self, sources):
        """Keep accountants who have not accepted their invitation apart from contacts
        with the same e-mail: a merge accepts nothing, and shows the partner that sent
        the invitation no contact of others. Those whom several of these companies have
        invited keep one invitation."""
        (sources | self).membership_ids._renew_placeholders()
        super()._absorb(sources)
        self.env["subscription.invitation"]._merge_clients(sources | self)

    def action_invite_accountant(self):
        """Open the wizard *Invite accountant* for this client."""
        return self._open_client_action("subscription_invitation_send_action")
