from odoo import api, models
from odoo.fields import Domain

from ..core.base import ADDON
from ..seat.subscription_seat_usage import ALERTING_STATES
from .sections import to_list


class SaleSubscription(models.Model):
    """The tiles that are always there: terms, renewals, licences and seats."""

    _inherit = "sale.subscription"

    @api.model
    def _get_dashboard_tiles(self, asked):
        """Return the tiles that the user may see, in their order.

        Each has a ``title``, a ``value`` (None where one number says nothing), the
        ``details`` that it is made of, words for when there is none, and the action
        that shows the records; details have the context that shows theirs.
        """
        tiles = [
            self._get_renew_tile(asked),
            self._get_scheduled_tile(asked),
            self._get_licence_tile(asked),
            self._get_seat_tile(asked),
            *self._get_warning_tiles(asked),
        ]
        return [tile for tile in tiles if tile]

    @api.model
    def _prepare_tile(self, name, title, icon, value, xmlid, **others):
        """Return a tile; ``others`` are ``details``, ``empty``, ``domain`` and
        ``context``."""
        return {
            "name": name,
            "title": title,
            "icon": icon,
            "value": value,
            "details": [],
            "empty": "",
            "action": f"{ADDON}.{xmlid}",
            "context": {},
            **others,
            "domain": to_list(others.get("domain", Domain.TRUE)),
        }

    @api.model
    def _get_renew_tile(self, asked):
        """Count clients, by the most urgent of their terms."""
        if not self.has_access("read"):
            return None
        facts = self._read_term_facts(asked).values()
        count = sum(one.to_renew for one in facts)
        ended = sum(one.ended for one in facts)
        return self._prepare_tile(
            "renew",
            self.env._("Companies to renew"),
            "fa-refresh",
            count,
            "sale_subscription_to_renew_action",
            details=self._prepare_details(
                ("ended", self.env._("Ended"), ended, "term_ended"),
                ("ending", self.env._("Ending soon"), count - ended, "term_ending"),
                instead_of="to_renew",
            ),
            empty=self.env._("No term has ended or is about to."),
            domain=asked.get_domain("management_path", "seat_pool_ids.module_id"),
        )

    @api.model
    def _get_scheduled_tile(self, asked):
        """Count the terms that are renewed, and those that could not start."""
        if not self.env["subscription.renewal"].has_access("read"):
            return None
        count, failed = self._count_scheduled(asked)
        return self._prepare_tile(
            "scheduled",
            self.env._("Renewals scheduled"),
            "fa-calendar-check-o",
            count,
            "subscription_renewal_action",
            details=self._prepare_details(
                ("ended", self.env._("Could not start"), failed, "failed"),
                instead_of="scheduled",
            ),
            empty=self.env._("Renewed terms wait here until they start."),
            domain=asked.get_domain(module="line_ids.module_id"),
        )

    @api.model
    def _get_licence_tile(self, asked):
        """List the stock of each module, lowest first: of the partner that is asked
        for, else of the user's own company, for the vendor of all."""
        if not self.env["subscription.licence.account"].has_access("read"):
            return None
        details = [
            {
                "label": module.name,
                "value": balance,
                "context": {"search_default_module_id": module.id},
            }
            for module, balance in self._get_stock_by_module(asked)
        ]
        return self._prepare_tile(
            "licences",
            self.env._("Licences in stock"),
            "fa-cubes",
            None,
            "subscription_licence_account_action",
            details=details,
            empty="" if details else self._get_empty_stock_text(asked),
            domain=self._get_stock_domain(asked),
        )

    @api.model
    def _get_seat_tile(self, asked):
        """Count the pools that run low or have run out."""
        usage = self.env["subscription.seat.usage"]
        if not usage.has_access("read"):
            return None
        counts = self._read_usage_facts(asked)["states"]
        labels = dict(usage._get_choices("state"))
        return self._prepare_tile(
            "seats",
            self.env._("Modules running out of seats"),
            "fa-id-badge",
            sum(counts.get(state, 0) for state in ALERTING_STATES),
            "subscription_seat_usage_action",
            details=self._prepare_details(
                *(
                    (state, labels[state], counts.get(state, 0), f"state_{state}")
                    for state in reversed(ALERTING_STATES)
                ),
                instead_of="attention",
            ),
            empty=self.env._("Seats are available everywhere."),
            context={"search_default_attention": 1},
            domain=asked.get_domain("management_path", "module_id"),
        )

    @api.model
    def _prepare_details(self, *details, instead_of):
        """Return the details of a tile that count something.

        :param details: tuples of a state, which gives the colour, a label, a number,
            and the name of the filter that shows the records
        :param str instead_of: the name of the filter that the tile itself has on
        """
        return [
            {
                "label": label,
                "value": value,
                "state": state,
                "context": {
                    f"search_default_{instead_of}": 0,
                    f"search_default_{name}": 1,
                },
            }
            for state, label, value, name in details
            if value
        ]
