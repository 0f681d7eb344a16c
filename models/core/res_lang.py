from odoo import api, models

# Odoo speaks it without having it switched on.
LAST_RESORT = "en_US"


class ResLang(models.Model):
    _inherit = "res.lang"

    @api.model
    def _get_usable_code(self, *codes):
        """Return the first of ``codes``, some of them empty, that is switched on; else
        that of English."""
        usable = (code for code in codes if code and self._get_data(code=code))
        return next(usable, LAST_RESORT)

    @api.model
    def _get_code_name(self, code):
        """Return the name of the language ``code``, switched on or not."""
        languages = self.with_context(active_test=False)
        return languages.search([("code", "=", code)]).name or code
