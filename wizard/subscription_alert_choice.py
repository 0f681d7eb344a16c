from odoo import api, fields, models

from ..models.core.base import CLOSE
from ..models.notice.res_company_alert import RHYTHMS


class SubscriptionAlertChoice(models.TransientModel):
    """The staff of a partner chooses when its company hears that seats run out."""

    _name = "subscription.alert.choice"
    _description = "E-mails When Seats Run Out"

    rhythm = fields.Selection(
        RHYTHMS,
        string="E-mails",
        default=lambda self: self._get_own_rhythm(),
        help="Empty: as the settings of the vendor say.",
    )
    settings_text = fields.Char(
        string="Without a Choice", compute="_compute_settings_text"
    )

    @api.model
    def _get_own_rhythm(self):
        """Return what the company of the user has chosen so far."""
        # sudo: whoever may choose is told what holds.
        return self.env.user.sudo().commercial_partner_id.seat_alert_rhythm

    @api.depends_context("lang", "company")
    def _compute_settings_text(self):
        # sudo: settings are the vendor's; this one is told.
        rhythm = self.env.company.sudo().seat_alert_rhythm
        names = dict(self._get_choices("rhythm"))
        self.settings_text = names[rhythm]

    def action_save(self):
        """Choose it.

        :raise AccessError: when the user is no staff of a partner or reseller
        """
        self.ensure_one()
        self.env["res.partner"].choose_alert_rhythm(self.rhythm)
        return CLOSE
