from odoo import models


class IrDefault(models.Model):
    _inherit = "ir.default"

    def _get_model_defaults(self, model_name, condition=False):
        """Leave out what a restricted user may not read, or may no longer: users keep
        defaults of their own, of any value. Also where code goes on as superuser."""
        values = super()._get_model_defaults(model_name, condition)
        if not (values and self.env.uid and self.env.user._is_restricted()):
            return values
        return self.env[model_name].sudo(False)._drop_unreadable(values)
