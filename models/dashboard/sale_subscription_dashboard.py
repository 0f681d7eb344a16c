from odoo import api, models
from odoo.tools import SQL


class SaleSubscription(models.Model):
    """The dashboard, in one request, within what the user may see.

    See ``sections.py`` for what is sent, and ``filters.py`` for what is asked.
    """

    _inherit = "sale.subscription"

    @api.model
    @api.readonly
    def get_dashboard(self, filters=None):
        """Return all that the dashboard shows.

        :param dict filters: what it is asked for; what is not to be had is left out
        """
        asked = self._read_dashboard_filters(filters)
        steps = self._get_dashboard_steps(asked)
        return {
            "filters": self._get_dashboard_filters(asked),
            "tiles": self._get_dashboard_tiles(asked),
            # The first steps take the place of charts without a bar.
            "sections": [] if steps else self._get_dashboard_sections(asked),
            "steps": steps,
            "can_export": self._can_export_dashboard(),
        }

    @api.model
    def _get_dashboard_sections(self, asked):
        """Return the sections that the user may see, in their order. Lower folders add
        theirs."""
        return [
            *self._get_renewal_sections(asked),
            *self._get_seat_sections(asked),
            *self._get_stock_sections(asked),
            *self._get_usage_sections(asked),
            *self._get_partner_sections(asked),
        ]

    @api.model
    def _get_found_sql(self, found, *names, **others):
        """Return the subquery of the columns ``names`` of what ``found``, a query of
        the ORM, finds, and of ``others``, ``{name: SQL}``. It is read once: to look for
        rows whose id is found has the database read the table twice."""
        columns = [SQL.identifier(found.table, name) for name in names]
        columns += [
            SQL("%s AS %s", value, SQL.identifier(name))
            for name, value in others.items()
        ]
        return found.subselect(*columns)

    @api.model
    def _may_see_trade(self):
        """Return whether the user may see licences and what they cost: partners and the
        vendor, not the accountants of clients."""
        return self.has_access("read") and self.env[
            "subscription.licence.account"
        ].has_access("read")
