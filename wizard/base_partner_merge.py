from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        """Merge through the models what the generic update in SQL would get wrong.

        :raise UserError: when a company would come to manage itself
        :raise SeatRefusal: when the members do not fit
        """
        sources = src_partners.sudo().with_context(active_test=False)
        dst_partner.sudo()._absorb(sources)
        return super()._update_foreign_keys(src_partners, dst_partner)

    def _update_values(self, src_partners, dst_partner):
        """Leave a partner at the top, that the reseller which is merged into it would
        come to be managed by otherwise: Odoo takes what is empty from the others."""
        target = dst_partner.sudo()
        below = src_partners.sudo().filtered(
            lambda source: target in source.managing_partner_id._get_management_chain()
        )
        below._set({"managing_partner_id": False})
        return super()._update_values(src_partners, dst_partner)
