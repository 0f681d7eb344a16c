from odoo import api, models


class Base(models.AbstractModel):
    """Restricted users meet nothing of closed apps, see :class:`IrModuleModule`."""

    _inherit = "base"

    @api.model
    def _search(self, domain, *args, **kwargs):
        """Find nothing of a closed app, where Odoo refuses to search without an access
        right: closed modules extend computes of orders, and look there as the user."""
        finds = kwargs.get("bypass_access") or not self._is_user_restricted()
        if finds or self.env["ir.model"]._get_openness(self._name):
            return super()._search(domain, *args, **kwargs)
        return self.browse()._as_query()

    @api.model
    def _get_view_cache_key(self, view_id=None, view_type="form", **options):
        """Restricted users have screens of their own, see :class:`IrUiView`."""
        key = super()._get_view_cache_key(view_id, view_type, **options)
        restricted = self.env.user._is_restricted()
        return (*key, "restricted") if restricted else key
