from odoo import api, models


class SubscriptionAudit(models.Model):
    """How the audit trail words what it keeps of clients and members."""

    _inherit = "subscription.audit"

    @api.model
    def _get_words(self):
        members = self.env["subscription.member"]
        # sudo: the names of roles are read with what members of them did.
        roles = self.env["subscription.member.role"].sudo()
        names = {
            role.code: role.name
            for role in roles.with_context(active_test=False).search([])
        }
        return {
            **super()._get_words(),
            "archived": dict(members._get_choices("departure")),
            "managing_partner": {"": self.env._("Nobody")},
            "added": names,
            "role": names,
            "role_edited": {**names, **roles._get_rights_words()},
        }
