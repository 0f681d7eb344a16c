from odoo import models
from odoo.tools import format_date

from ...terms import LAST_DAY, MAX_YEARS, count_years
from .subscription_renewal import MAX_SEATS


class SaleSubscriptionTemplate(models.Model):
    """The first term that plans give a new client."""

    _inherit = "sale.subscription.template"

    def _get_first_years(self, start):
        """Return how many whole years this plan gives a term from ``start`` on; 0 where
        it gives none, or no end."""
        if self.recurring_rule_boundary != "limited" or not start:
            return 0
        years = count_years(start, self._get_first_end(start))
        return int(years) if years.is_integer() and years <= MAX_YEARS else 0

    def _get_first_obstacle(self, request):
        """Return why this plan cannot give the first term of ``request``."""
        if not self:
            return False
        # sudo: the plan of another company is only compared.
        if self.sudo().company_id not in (request.seller, self.company_id.browse()):
            return self.env._(
                "%(plan)s belongs to another company. Choose another plan.",
                plan=self.display_name,
            )
        return self._get_first_days_obstacle(request) or self._get_first_seats_obstacle(
            request
        )

    def _get_first_days_obstacle(self, request):
        """Return why a term cannot run from the start of ``request`` on."""
        if not request.start:
            return False
        if not 0 <= request.years <= MAX_YEARS:
            return self.env._(
                "A term cannot last %(years)s years: choose 1 to %(most)s.",
                years=request.years,
                most=MAX_YEARS,
            )
        if max(request.start, request.date_end or request.start) > LAST_DAY:
            return self.env._(
                "The term would reach beyond %(last)s, the last day that terms can"
                " have. Choose an earlier start, or fewer years.",
                last=format_date(self.env, LAST_DAY),
            )
        today = request.seller._get_today()
        end = request.date_end or self._get_first_end(request.start)
        return bool(end and end < today) and self.env._(
            "The term would have ended on %(end)s already. Choose a later start.",
            end=format_date(self.env, end),
        )

    def _get_first_end(self, start):
        """Return the last day that this plan gives a term from ``start`` on, False
        where it gives none."""
        if self.recurring_rule_boundary != "limited":
            return False
        # sudo: it follows from the plan alone.
        drafts = self.env["sale.subscription"].sudo()
        draft = drafts.new({"template_id": self.id, "date_start": start})
        return draft._get_plan_term()[1]

    def _get_first_seats_obstacle(self, request):
        """Return why a client cannot have the seats of ``request``."""
        seats = self.env["res.partner"]._get_first_seats(request)
        subscriptions = self.env["sale.subscription"]
        for module, number in seats.items():
            if not subscriptions._is_seat_number(number):
                return self.env._(
                    "%(module)s: %(seats)s seats are not possible: choose 0 to"
                    " %(most)s.",
                    module=module.name,
                    seats=number,
                    most=MAX_SEATS,
                )
        base = [number for module, number in seats.items() if module.is_base]
        role = self.env["subscription.member.role"]._get_first_administration()
        if base and role.takes_seat and sum(base) < 1:
            return self.env._(
                "The administrator needs a seat of the base module, so enter at least"
                " 1 there."
            )
        return False
