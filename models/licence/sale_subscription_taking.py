import math

from odoo import api, fields, models

from ...terms import count_licences
from ..access.res_users import GROUP_STANDARD
from .stock_key import StockKey


class SaleSubscription(models.Model):
    """What starting a term, or choosing another plan, will take from the stock."""

    _inherit = "sale.subscription"

    taking_text = fields.Text(
        compute="_compute_taking_text",
        groups=GROUP_STANDARD,
        help="What starting the subscription, or its new plan, takes from the stock of"
        " the managing partner.",
        exportable=False,
    )

    @api.depends("template_id", "partner_id", "company_id", "date_start", "date")
    @api.depends_context("lang", "uid")
    def _compute_taking_text(self):
        for record in self:
            licences = record._get_licences_to_take()
            stocks = self.env["subscription.licence.account"]
            texts = stocks._get_taking_texts(licences, record.date)
            record.taking_text = "\n".join(texts) or False

    def _get_licences_to_take(self):
        """Return ``{key of a stock: licences}`` that the seats without licences take
        until the end of the term once it runs; none for a term that has ended."""
        self.ensure_one()
        if not self.takes_licences or self._has_ended():
            return {}
        years = self._get_years_left()
        company = self.company_id
        return {
            StockKey(self.managing_partner_id, module, company): count_licences(
                seats, years
            )
            for module, seats in self._get_seats_to_cover().items()
        }

    def _get_seats_to_cover(self):
        """Return ``{module: seats}`` for which the current term has no licences yet:
        those of the subscription, or of a plan that was chosen and is not saved."""
        # sudo: users need not see all pools of what they start.
        saved = self._origin.sudo()
        pools = saved.seat_pool_ids
        seats = {pool.module_id: pool._get_limit() for pool in pools}
        if self.template_id != saved.template_id:
            seats = {
                line.module_id: line._get_limit()
                for line in self.template_id.sudo().plan_line_ids
            }
        covered = {pool.module_id: pool.licensed_seats for pool in pools}
        return {
            module: number - covered.get(module, 0)
            for module, number in seats.items()
            if module.is_licensed and covered.get(module, 0) < number < math.inf
        }

    def action_start(self):
        """Start this subscription; where that takes licences, show them before."""
        self.ensure_one()
        if not self.taking_text:
            return self.action_start_subscription()
        return self._open_action("sale_subscription_start_action", res_id=self.id)
