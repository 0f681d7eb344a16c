from odoo import fields, models

from .res_company_alert import RHYTHMS


class ResPartner(models.Model):
    _inherit = "res.partner"

    seat_alert_rhythm = fields.Selection(
        RHYTHMS,
        string="When Seats Run Out",
        help="When this company is e-mailed that seats run out: a partner about its"
        " clients, a client about itself. Empty: as the settings say.",
    )

    def _get_alert_rhythm(self, company):
        """Return the rhythm in which this company hears of pools that ``company``
        sells."""
        return self.seat_alert_rhythm or company.seat_alert_rhythm
