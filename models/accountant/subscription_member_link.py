from odoo import models


class SubscriptionMember(models.Model):
    """The links that the accountant of a client got end with its access."""

    _inherit = "subscription.member"

    def write(self, vals):
        """Change members; the links of accountants who are none any more end."""
        accountants = (
            self._get_accounted() if {"role_id", "client_id"} & set(vals) else {}
        )
        clients = accountants and accountants.client_id
        result = super().write(vals)
        if clients:
            clients._end_client_links()
        return result

    def _left(self, reason):
        """End the links of accountants who leave their client."""
        super()._left(reason)
        self.filtered("role_id.is_accountant").client_id._end_client_links()


class SubscriptionMemberRole(models.Model):
    _inherit = "subscription.member.role"

    def write(self, vals):
        """Change roles; where one is no accountant's any more, the links of who has it
        end."""
        roles = self.filtered("is_accountant") if "is_accountant" in vals else self[:0]
        result = super().write(vals)
        lost = roles.filtered(lambda role: not role.is_accountant)
        lost.sudo().member_ids.client_id._end_client_links()
        return result


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _end_client_links(self):
        """End the links to the documents of these clients."""
        if self:
            self._renew_links(self._get_links_domain(self))
