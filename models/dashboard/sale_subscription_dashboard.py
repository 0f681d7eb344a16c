from odoo import api, models

from ..core.base import ADDON
from ..einvoice.sale_subscription_einvoice import NOTICE
from ..renewal.sale_subscription_state import TO_RENEW_STATES
from ..seat.subscription_seat_usage import ALERTING_STATES


class SaleSubscription(models.Model):
    """The figures of the dashboard, each within what the user may see."""

    _inherit = "sale.subscription"

    @api.model
    @api.readonly
    def get_dashboard_tiles(self):
        """Return the tiles that the user may see, in their order.

        Each has a ``title``, a ``value``, the ``details`` that it is made of, words for
        when there is none, and the ``action`` that shows the records; details have the
        context that shows theirs.
        """
        tiles = [
            self._get_renew_tile(),
            self._get_scheduled_tile(),
            self._get_unrenewed_tile(),
            self._get_licence_tile(),
            self._get_seat_tile(),
            self._get_problem_tile(),
            self._get_einvoice_tile(),
            self._get_late_tile(),
            self._get_delivery_tile(),
            self._get_overdue_tile(),
        ]
        return [tile for tile in tiles if tile]

    @api.model
    def _get_renew_tile(self):
        """Count clients, by the most urgent of their terms."""
        if not self.has_access("read"):
            return None
        count, ended = (
            self._count_clients(states) for states in (TO_RENEW_STATES, ["ended"])
        )
        return {
            "name": "renew",
            "title": self.env._("Companies to renew"),
            "icon": "fa-refresh",
            "value": count,
            "details": self._prepare_details(
                ("ended", self.env._("Ended"), ended, "term_ended"),
                ("ending", self.env._("Ending soon"), count - ended, "term_ending"),
                instead_of="to_renew",
            ),
            "empty": self.env._("No term has ended or is about to."),
            "action": f"{ADDON}.sale_subscription_to_renew_action",
        }

    @api.model
    def _count_clients(self, states):
        domain = [("renewal_state", "in", states)]
        return self._read_group(domain, [], ["client_id:count_distinct"])[0][0]

    @api.model
    def _get_scheduled_tile(self):
        """Count the terms that are renewed, and those that could not start."""
        renewals = self.env["subscription.renewal"]
        if not renewals.has_access("read"):
            return None
        scheduled = [("state", "=", "scheduled")]
        failed = renewals.search_count([*scheduled, ("error", "!=", False)])
        return {
            "name": "scheduled",
            "title": self.env._("Renewals scheduled"),
            "icon": "fa-calendar-check-o",
            "value": renewals.search_count(scheduled),
            "details": self._prepare_details(
                ("ended", self.env._("Could not start"), failed, "failed"),
                instead_of="scheduled",
            ),
            "empty": self.env._("Renewed terms wait here until they start."),
            "action": f"{ADDON}.subscription_renewal_action",
        }

    @api.model
    def _get_unrenewed_tile(self):
        """Count what cannot renew by itself, where there is any."""
        if not self.has_access("read"):
            return None
        count = self.search_count(
            [("in_progress", "=", True), ("self_renewal_problem", "!=", False)]
        )
        return count and {
            "name": "unrenewed",
            "title": self.env._("Cannot renew by themselves"),
            "icon": "fa-exclamation-triangle",
            "value": count,
            "details": [],
            "empty": "",
            "action": f"{ADDON}.sale_subscription_managed_action",
            "context": {"search_default_not_renewing": 1},
        }

    @api.model
    def _get_licence_tile(self):
        """Add up the stock of the user's own company, for the vendor that of all."""
        accounts = self.env["subscription.licence.account"]
        if not accounts.has_access("read"):
            return None
        owner = self._get_stock_owner()
        domain = [("partner_id", "=", owner.id)] if owner else []
        context = {"search_default_partner_id": owner.id} if owner else {}
        groups = accounts._read_group(domain, ["module_id"], ["balance:sum"])
        return {
            "name": "licences",
            "title": self.env._("Licences in stock"),
            "icon": "fa-cubes",
            "value": sum(balance for _, balance in groups),
            "details": [
                self._prepare_stock_detail(module, balance, context)
                for module, balance in groups
            ],
            "empty": self._get_empty_stock_text(owner),
            "action": f"{ADDON}.subscription_licence_account_action",
            "context": context,
        }

    @api.model
    def _prepare_stock_detail(self, module, balance, context):
        context = {"search_default_module_id": module.id, **context}
        return {"label": module.name, "value": balance, "context": context}

    @api.model
    def _get_empty_stock_text(self, owner):
        if owner.licence_billing == "on_account":
            return self.env._("None: licences are billed on account.")
        return self.env._("No licences are in stock.")

    @api.model
    def _get_stock_owner(self):
        """Return the partner whose stock is the user's own, none for the vendor."""
        company = self.env.user.partner_id.commercial_partner_id
        sees_all = self.env.user._get_client_domain(managed=True).is_true()
        return company.browse() if sees_all else company

    @api.model
    def _get_seat_tile(self):
        """Count the pools that run low or have run out."""
        usage = self.env["subscription.seat.usage"]
        if not usage.has_access("read"):
            return None
        alerting = [("state", "in", ALERTING_STATES)]
        counts = dict(usage._read_group(alerting, ["state"], ["__count"]))
        labels = dict(usage._get_choices("state"))
        return {
            "name": "seats",
            "title": self.env._("Modules running out of seats"),
            "icon": "fa-id-badge",
            "value": sum(counts.values()),
            "details": self._prepare_details(
                *(
                    (state, labels[state], counts.get(state, 0), f"state_{state}")
                    for state in reversed(ALERTING_STATES)
                ),
                instead_of="attention",
            ),
            "empty": self.env._("Seats are available everywhere."),
            "action": f"{ADDON}.subscription_seat_usage_action",
            "context": {"search_default_attention": 1},
        }

    @api.model
    def _get_problem_tile(self):
        """Count what is due and could not be billed; none where all could be."""
        # What was posted without its electronic invoice was billed.
        return self._prepare_warning_tile(
            "problems",
            self.env._("Could not be billed"),
            "fa-exclamation-triangle",
            self._count_readable(
                "subscription.billing.problem",
                [("solved_at", "=", False), ("code", "!=", NOTICE)],
            ),
            "subscription_billing_problem_action",
            *("open", "not_billed"),
        )

    @api.model
    def _get_einvoice_tile(self):
        """Count what was billed without its electronic invoice; none where all data
        are there."""
        return self._prepare_warning_tile(
            "einvoice",
            self.env._("Without electronic invoice"),
            "fa-file-code-o",
            self._count_readable(
                "subscription.billing.problem",
                [("solved_at", "=", False), ("code", "=", NOTICE)],
            ),
            "subscription_billing_problem_action",
            *("open", "without_einvoice"),
        )

    @api.model
    def _get_late_tile(self):
        """Say for how many days the job that bills has not run; none where it runs."""
        runs = self.env["subscription.billing.run"]
        return self._prepare_warning_tile(
            "late",
            self.env._("Days without a billing run"),
            "fa-clock-o",
            runs._get_late_days() if runs.has_access("read") else 0,
            "subscription_billing_run_action",
        )

    @api.model
    def _get_delivery_tile(self):
        """Count the invoices that did not arrive; none where all did."""
        return self._prepare_warning_tile(
            "deliveries",
            self.env._("Invoices that did not arrive"),
            "fa-envelope-o",
            self._count_readable("subscription.delivery", [("is_problem", "=", True)]),
            "subscription_delivery_action",
            "problem",
        )

    @api.model
    def _get_overdue_tile(self):
        """Count the invoices of subscriptions that are overdue; none where none is."""
        domain = [
            ("state", "=", "posted"),
            ("move_type", "=", "out_invoice"),
            ("payment_state", "in", ("not_paid", "partial")),
            ("invoice_date_due", "<", self.env.company._get_today()),
            ("statement_ids", "!=", False),
        ]
        return self._prepare_warning_tile(
            "overdue",
            self.env._("Overdue invoices"),
            "fa-hourglass-end",
            self.has_access("read") and self._count_readable("account.move", domain),
            "account_move_document_action",
            *("overdue", "of_subscriptions"),
        )

    @api.model
    def _count_readable(self, model, domain):
        """Return how many records of ``domain`` the user may read."""
        records = self.env[model]
        return records.search_count(domain) if records.has_access("read") else 0

    @api.model
    def _prepare_warning_tile(self, name, title, icon, value, action, *filters):
        """Return a tile that is shown only where there is something; its action has
        ``filters`` on."""
        return value and {
            "name": name,
            "title": title,
            "icon": icon,
            "value": value,
            "details": [],
            "empty": "",
            "action": f"{ADDON}.{action}",
            "context": {f"search_default_{one}": 1 for one in filters},
        }

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
