from odoo import fields, models
from odoo.exceptions import UserError


class SubscriptionInvitationSend(models.TransientModel):
    _name = "subscription.invitation.send"
    _description = "Invite"

    def _default_role_id(self):
        roles = self.env["subscription.member.role"]
        return roles.search([("is_accountant", "=", True)], limit=1)

    client_id = fields.Many2one(
        "res.partner", required=True, domain=[("managing_partner_id", "!=", False)]
    )
    name = fields.Char()
    email = fields.Char(required=True)
    role_id = fields.Many2one(
        "subscription.member.role", default=lambda self: self._default_role_id()
    )
    is_accountant = fields.Boolean(related="role_id.is_accountant")
    is_administrator = fields.Boolean(related="role_id.is_administrator")
    takes_seat = fields.Boolean(related="role_id.takes_seat")
    days = fields.Integer(default=lambda self: self.env.company.invitation_days)

    def action_invite(self):
        """Invite the person and say so.

        :raise UserError: when it cannot be invited
        :raise SeatRefusal: when the member does not fit into the plan
        """
        self.ensure_one()
        if not self.role_id.active:
            raise UserError(self.env._("Choose a role that is not archived."))
        member = self.client_id._invite_member(self.email, self.name, self.role_id)
        message = self.env._("%(email)s has been invited.", email=member.email)
        return self._notify(message)
