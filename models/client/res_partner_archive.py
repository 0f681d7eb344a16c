from odoo import models
from odoo.exceptions import RedirectWarning


class ResPartner(models.Model):
    """What keeps companies from being archived."""

    _inherit = "res.partner"

    def write(self, vals):
        """Change contacts.

        :raise RedirectWarning: when a company would be archived that is still needed;
            it leads to where that can be changed
        """
        if "active" in vals and not vals["active"]:
            self.filtered("active")._verify_may_archive()
        return super().write(vals)

    def _verify_may_archive(self):
        """Refuse to archive those of these contacts that are still needed: here who
        manages companies. Lower folders add their reasons.

        :raise RedirectWarning: naming these companies; it offers to move them
        """
        # sudo: companies count that the user does not see.
        managing = self.sudo().filtered("managed_partner_ids")[:1]
        if managing:
            raise RedirectWarning(
                self.env._(
                    "%(partner)s manages %(clients)s, so it cannot be archived: nobody"
                    " would be told about their terms. Move these companies to another"
                    " managing partner first.",
                    partner=managing.display_name,
                    clients=managing.managed_partner_ids._get_names_text(),
                ),
                managing.sudo(False).action_move_managed(),
                self.env._("Move them to another partner"),
            )

    def action_move_managed(self):
        """Open the wizard that moves all companies of this partner to another one."""
        self.ensure_one()
        return self._open_action(
            "subscription_client_move_action", context={"default_partner_id": self.id}
        )
