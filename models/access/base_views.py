from odoo import api, models


class Base(models.AbstractModel):
    _inherit = "base"

    @api.model
    def _get_view_cache_key(self, view_id=None, view_type="form", **options):
        """Restricted users have screens of their own, see :class:`IrUiView`."""
        key = super()._get_view_cache_key(view_id, view_type, **options)
        restricted = self.env.user._is_restricted()
        return (*key, "restricted") if restricted else key
