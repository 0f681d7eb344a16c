from odoo import api, fields, models

from ..core.base import RELOAD


class ResPartner(models.Model):
    """Contacts who work for another company by now, and are members of the old one."""

    _inherit = "res.partner"

    outside_membership_ids = fields.Many2many(
        "subscription.member", compute="_compute_outside_membership_ids"
    )
    outside_membership_text = fields.Char(
        compute="_compute_outside_membership_ids", exportable=False
    )

    @api.depends(
        "commercial_partner_id", "membership_ids.active", "membership_ids.client_id"
    )
    @api.depends_context("uid", "lang")
    def _compute_outside_membership_ids(self):
        # Accountants are members of other companies by their trade.
        outside = self.env["subscription.member"].search(
            [
                ("partner_id", "in", self.ids),
                ("active", "=", True),
                ("is_external", "=", True),
                ("role_id.is_accountant", "=", False),
            ]
        )
        by_partner = outside.grouped("partner_id")
        for partner in self:
            members = by_partner.get(partner._origin, outside.browse())
            partner.outside_membership_ids = members
            partner.outside_membership_text = ", ".join(
                f"{member.client_id.display_name} ({member.role_id.name})"
                for member in members
            )

    def action_end_outside_memberships(self):
        """End what these contacts still have at companies that they do not work for.

        :raise UserError: when a company would lose its last administrator
        """
        members = self.outside_membership_ids
        members.check_access("write")
        members._leave("contact")
        return self._notify(
            self.env._("Access ended: %(members)s.", members=members._get_names_text()),
            then=RELOAD,
        )
