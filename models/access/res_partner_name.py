from odoo import api, models


class ResPartner(models.Model):
    """The names of partners that are competitors of the reader, and of their staff.

    Records keep who made them, also after a client changed partner. Odoo shows the name
    of what a field refers to with the rights of nobody, in forms, lists, groups and
    exports alike; they all ask for the ``display_name``.
    """

    _inherit = "res.partner"

    @api.depends_context("uid")
    def _compute_display_name(self):
        """Mask the names of ``res.users._get_hidden_partners``."""
        result = super()._compute_display_name()
        labels = self._get_hidden_labels()
        for partner in self:
            if partner._origin.id in labels:
                partner.display_name = labels[partner._origin.id]
        return result

    @api.depends_context("uid")
    def _compute_same_vat_partner_id(self):
        """Tell nothing of a contact out of reach that has the same number: Odoo looks
        among all."""
        result = super()._compute_same_vat_partner_id()
        if self._is_user_restricted():
            for name in ("same_vat_partner_id", "same_company_registry_partner_id"):
                for partner in self:
                    partner[name] = partner[name]._filtered_access("read")
        return result

    def _get_hidden_labels(self):
        """Return ``{id: what is shown instead of the name}`` of the hidden partners
        among these contacts: their company, where the user's own had dealings with it,
        else nothing that tells it from others."""
        hidden = self.env.user._get_hidden_partners(self) if self.env.uid else ()
        if not hidden:
            return {}
        companies = hidden.commercial_partner_id
        dealt = self.env.user._get_dealt_companies(companies)
        return {
            partner.id: partner.commercial_partner_id.name
            if partner.commercial_partner_id in dealt
            else self._get_hidden_text()
            for partner in hidden
        }

    @api.model
    def _get_hidden_text(self):
        """Return what is told of a hidden partner instead of the name."""
        return self.env._("Another partner")
