from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..access.res_users import GROUP_STANDARD


class ResPartner(models.Model):
    """Who manages clients, and goes on doing so as long as somebody depends on it."""

    _inherit = "res.partner"

    def write(self, vals):
        """Change contacts.

        :raise ValidationError: when a company would stop managing clients whose staff
            runs subscriptions
        """
        if "is_managing_partner" not in vals:
            return super().write(vals)
        managing = self.filtered("is_managing_partner")
        result = super().write(vals)
        (managing - managing.filtered("is_managing_partner"))._verify_no_staff()
        return result

    @api.constrains("managing_partner_id", "parent_id", "is_company")
    def _check_managing_partner(self):
        """Check that contacts are managed with their company, and companies by one that
        manages clients."""
        for partner in self.filtered("managing_partner_id"):
            if partner.commercial_partner_id != partner:
                raise ValidationError(
                    self.env._(
                        "%(contact)s belongs to %(company)s and is managed with it. Set"
                        " the managing partner on the company.",
                        contact=partner.display_name,
                        company=partner.commercial_partner_id.display_name,
                    )
                )
            partner._verify_manager()

    def _verify_manager(self):
        """:raise ValidationError: when the managing partner of this company manages no
        clients"""
        # sudo: the staff of a partner does not see those above its own.
        manager = self.sudo().managing_partner_id
        if not manager.is_managing_partner:
            raise ValidationError(
                self.env._(
                    "%(manager)s does not manage clients, so it cannot manage"
                    " %(company)s. Choose a managing partner, or tick Manages Clients"
                    " on %(manager)s first.",
                    manager=manager.display_name,
                    company=self.display_name,
                )
            )

    @api.constrains("is_managing_partner", "is_company", "parent_id")
    def _check_manages_clients(self):
        """Check that companies alone manage clients, and as long as they have any."""
        for partner in self:
            if partner.is_managing_partner:
                partner._verify_may_manage()
            else:
                partner._verify_manages_nobody()

    def _verify_may_manage(self):
        """:raise ValidationError: when this contact is no company of its own"""
        if not self.is_company or self.commercial_partner_id != self:
            raise ValidationError(
                self.env._(
                    "%(contact)s is no company of its own, so it cannot manage clients."
                    " Tick Manages Clients on a company.",
                    contact=self.display_name,
                )
            )

    def _verify_manages_nobody(self):
        """:raise ValidationError: naming companies that this one manages"""
        # sudo: companies count that the user does not see, archived ones too.
        managed = self.sudo().with_context(active_test=False).managed_partner_ids
        if managed:
            raise ValidationError(
                self.env._(
                    "%(partner)s manages %(clients)s. Give these companies another"
                    " managing partner first: they would lose their place, and nobody"
                    " would be told about their terms.",
                    partner=self.display_name,
                    clients=managed._get_names_text(),
                )
            )

    def _verify_no_staff(self):
        """:raise ValidationError: naming the users who run subscriptions for these
        companies"""
        # sudo: users count that who unticks the box does not see.
        staff = (
            self.env["res.users"]
            .sudo()
            .search(
                Domain("partner_id.commercial_partner_id", "in", self.ids)
                & Domain("all_group_ids", "in", self.env.ref(GROUP_STANDARD).ids)
            )
        )
        staff = staff.filtered(lambda user: user._is_partner_staff())
        if staff:
            raise ValidationError(
                self.env._(
                    "%(users)s run subscriptions for %(partners)s and would see nothing"
                    " any more. Archive these users, or take the role Standard from"
                    " them, before %(partners)s stops managing clients.",
                    users=staff._get_names_text(),
                    partners=self._get_names_text(),
                )
            )
