from odoo import models

from ..access.res_users import GROUP_ACCOUNTANT


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    def session_info(self):
        """Tell the web client of an accountant which clients it can switch between."""
        info = super().session_info()
        if self.env.user.has_group(GROUP_ACCOUNTANT):
            members = self.env["subscription.member"]
            info["accountant_clients"] = members.get_accountant_clients()
        return info
