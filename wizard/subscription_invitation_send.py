from odoo import fields, models


class SubscriptionInvitationSend(models.TransientModel):
    _name = "subscription.invitation.send"
    _description = "Invite Accountant"

    client_id = fields.Many2one(
        "res.partner", required=True, domain=[("managing_partner_id", "!=", False)]
    )
    name = fields.Char()
    email = fields.Char(required=True)
    days = fields.Integer(default=lambda self: self.env.company.invitation_days)

    def action_invite(self):
        """Invite the accountant and say so."""
        self.ensure_one()
        invitation = self.env["subscription.invitation"]._invite(
            self.client_id, self.email, self.name
        )
        message = self.env._("%(email)s has been invited.", email=invitation.email)
        return self._notify(message)
