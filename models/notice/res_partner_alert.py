from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

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

    @api.model
    def choose_alert_rhythm(self, rhythm):
        """Choose for the company of the user, a partner or reseller, when it is
        e-mailed that seats run out.

        :param rhythm: ``now``, ``day``, ``week`` or ``never``; False: as the settings
            say
        :raise AccessError: when the user is no staff of a partner or reseller
        :raise UserError: when there is no such rhythm
        """
        self.env.user._get_alert_company()._set_alert_rhythm(rhythm)

    def _set_alert_rhythm(self, rhythm):
        """Do so for this company; the caller has checked who may.

        :raise UserError: when there is no such rhythm
        """
        self.ensure_one()
        if rhythm and rhythm not in [key for key, _name in RHYTHMS]:
            raise UserError(
                self.env._("Choose when you are e-mailed that seats run out.")
            )
        # sudo: the staff of a partner cannot write its own company otherwise.
        self.sudo().seat_alert_rhythm = rhythm or False


class ResUsers(models.Model):
    """For which company a user chooses."""

    _inherit = "res.users"

    def _get_alert_company(self):
        """Return the company of this user, a partner or reseller.

        :raise AccessError: when the user is no staff of one
        """
        # sudo: whose staff the user is says its contact, whoever may read it.
        company = self.sudo().commercial_partner_id
        if not (self._is_partner_staff() and company.is_managing_partner):
            raise AccessError(
                self.env._(
                    "The staff of a partner or reseller chooses this for its company."
                    " Settings hold for all."
                )
            )
        return company
