from odoo import api, models


class DiscussChannelMember(models.Model):
    _inherit = "discuss.channel.member"

    @api.constrains("channel_id", "partner_id")
    def _check_acquainted(self):
        """Be it by an invitation, a link, a mention or an import."""
        self.channel_id._verify_acquainted()
