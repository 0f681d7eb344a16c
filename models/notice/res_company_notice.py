from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...notices import MAX_DAYS, parse_days


class ResCompany(models.Model):
    """Who gets notices about the terms of a company's subscriptions, and when."""

    _inherit = "res.company"

    renewal_notice_days = fields.Char(
        string="Renewal Notices (days before the end)",
        default="90, 60, 30, 7, 0",
        help="Days before the end of a term on which the partner and the reseller are"
        " told, separated by commas; 0 is the last day. Empty: no notices.",
    )
    renewal_notice_clients = fields.Boolean(
        string="Renewal Notices to Clients",
        help="The client's administrators are told as well. A subscription can say"
        " otherwise.",
    )
    legal_notice = fields.Boolean(
        string="Legal Notices",
        help="Clients are told in time that they may refuse the renewal, as French"
        " consumer law asks (Code de la consommation, L215-1 and L215-3).",
    )
    legal_refusal_days = fields.Integer(
        string="Notice Period (days)",
        default=30,
        help="Days before the end of a term by which the client must refuse its"
        " renewal.",
    )

    _legal_refusal_days_range = models.Constraint(
        "CHECK (legal_refusal_days BETWEEN 0 AND 365)",
        "The notice period can last from 0 to 365 days.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """:raise ValidationError: when the days of the notices cannot be read"""
        self.check_access("create")
        return super().create([self._sort_notice_days(vals) for vals in vals_list])

    def write(self, vals):
        """:raise ValidationError: when the days of the notices cannot be read"""
        if "renewal_notice_days" in vals:
            self.check_access("write")
            vals = self._sort_notice_days(vals)
        return super().write(vals)

    @api.model
    def _sort_notice_days(self, vals):
        """Return ``vals`` with the days of the notices in order, each once."""
        if "renewal_notice_days" not in vals:
            return vals
        field = self._fields["renewal_notice_days"]
        # As Odoo stores it, whatever was given.
        text = field.convert_to_cache(vals["renewal_notice_days"], self) or ""
        if not text:
            return vals
        try:
            days = parse_days(text)
        except ValueError as error:
            raise ValidationError(
                self.env._(
                    "“%(text)s” does not say on which days renewal notices go out."
                    " Enter numbers from 0 to %(most)s, separated by commas, like"
                    " “90, 60, 30, 7, 0”, or nothing to send none.",
                    text=text,
                    most=MAX_DAYS,
                )
            ) from error
        return dict(vals, renewal_notice_days=", ".join(map(str, days)))
