from odoo import models

from ..core.base import ADDON


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @classmethod
    def _get_translation_frontend_modules_name(cls):
        """The gauge of the portal says its words in the language of the page."""
        return [*super()._get_translation_frontend_modules_name(), ADDON]
