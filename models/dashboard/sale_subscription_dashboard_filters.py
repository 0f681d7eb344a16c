from odoo import api, models
from odoo.fields import Domain

from ..core.base import IDS
from .filters import DEFAULT_PERIOD, NAMES, PERIODS, Asked

# The longest list of partners to choose from.
MOST_CHOICES = 500


class SaleSubscription(models.Model):
    """What the dashboard can be asked for."""

    _inherit = "sale.subscription"

    @api.model
    def _read_dashboard_filters(self, filters):
        """Return what ``filters`` ask for: whatever a caller, or a link that somebody
        has sent, may say. What the user may not choose is left out."""
        values = filters if isinstance(filters, dict) else {}
        months = values.get("months")
        is_period = type(months) is int and months in PERIODS
        return Asked(
            partner=self._find_choice("partner", values.get("partner")),
            module=self._find_choice("module", values.get("module")),
            months=months if is_period else DEFAULT_PERIOD,
            today=self.env.company._get_today(),
            cache={},
        )

    @api.model
    def _get_choice_domains(self):
        """Return ``{filter: (model, domain)}`` of the records to choose from."""
        company = self.env.user.partner_id.commercial_partner_id
        return {
            "partner": (
                "res.partner",
                Domain("is_managing_partner", "=", True)
                & Domain("id", "!=", company.id)
                & self.env.user._get_client_domain(managed=True),
            ),
            "module": ("subscription.module", Domain.TRUE),
        }

    @api.model
    def _find_choice(self, name, value):
        """Return the record that ``value``, an id from outside, chooses, if it may."""
        model, domain = self._get_choice_domains()[name]
        records = self.env[model]
        is_id = type(value) is int and value in IDS
        if not (is_id and records.has_access("read")):
            return records
        return records.search(domain & Domain("id", "=", value))

    @api.model
    def _get_dashboard_filters(self, asked):
        """Return what was ``asked``, and what else can be."""
        values = {name: getattr(asked, name).id for name in self._get_choice_domains()}
        choices = {name: self._get_choices_of(name) for name in values}
        choices["months"] = [self._get_period_choice(months) for months in PERIODS]
        return {"values": {**values, "months": asked.months}, "choices": choices}

    @api.model
    def _get_choices_of(self, name):
        """Return the records to choose from, by name; none where there is no choice."""
        model, domain = self._get_choice_domains()[name]
        records = self.env[model]
        if not (records.has_access("read") and self._has_choices(name, domain)):
            return []
        found = records.search_fetch(
            domain, NAMES[model], limit=MOST_CHOICES, order="name"
        )
        return [{"id": one.id, "name": one.display_name} for one in found]

    @api.model
    def _has_choices(self, name, domain):
        """Return whether the filter ``name`` may have any. The rule of contacts knows
        many reasons to see one, and takes long: most partners have no reseller."""
        if name != "partner" or not self._is_user_restricted():
            return True
        # sudo: only whether the rule is worth asking.
        return bool(self.env["res.partner"].sudo().search_count(domain, limit=1))

    @api.model
    def _get_period_choice(self, months):
        return {"id": months, "name": self.env._("%(months)s months", months=months)}
