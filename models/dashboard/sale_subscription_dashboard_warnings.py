from odoo import api, models
from odoo.fields import Domain

from ..einvoice.sale_subscription_einvoice import NOTICE


class SaleSubscription(models.Model):
    """The tiles that are shown only where something is wrong or waits."""

    _inherit = "sale.subscription"

    @api.model
    def _get_warning_tiles(self, asked):
        """Return the tiles of what needs somebody, in their order. They are of the
        partner that is asked for; what concerns modules also of the module."""
        return [
            self._get_request_tile(asked),
            self._get_unrenewed_tile(asked),
            *self._get_problem_tiles(asked),
            self._get_late_tile(asked),
            *self._get_delivery_tiles(asked),
            self._get_overdue_tile(asked),
            self._get_notice_tile(asked),
        ]

    @api.model
    def _prepare_warning_tile(self, name, title, icon, value, action, *filters, **kw):
        """Return a tile that is shown only where there is something; its action has
        ``filters`` on."""
        context = {f"search_default_{one}": 1 for one in filters}
        return value and self._prepare_tile(
            name, title, icon, value, action, context=context, **kw
        )

    @api.model
    def _count_readable(self, model, domain):
        """Return how many records of ``domain`` the user may read."""
        records = self.env[model]
        return records.search_count(domain) if records.has_access("read") else 0

    @api.model
    def _get_request_tile(self, asked):
        """Count what clients ask for and nobody has answered yet."""
        domain = asked.get_domain(module="module_id")
        return self._prepare_warning_tile(
            "requests",
            self.env._("Requests waiting"),
            "fa-question-circle",
            self._count_readable(
                "subscription.request", domain & Domain("state", "=", "waiting")
            ),
            "subscription_request_waiting_action",
            domain=domain,
        )

    @api.model
    def _get_unrenewed_tile(self, asked):
        """Count what cannot renew by itself."""
        if not self.has_access("read"):
            return None
        facts = self._read_term_facts(asked).values()
        return self._prepare_warning_tile(
            "unrenewed",
            self.env._("Cannot renew by themselves"),
            "fa-exclamation-triangle",
            sum(one.stopped for one in facts),
            "sale_subscription_managed_action",
            "not_renewing",
            domain=asked.get_domain("management_path", "seat_pool_ids.module_id"),
        )

    @api.model
    def _get_problem_tiles(self, asked):
        """Count what is due and could not be billed, and what was billed without its
        electronic invoice."""
        domain = asked.get_domain()
        counts = self._count_problems(domain)
        xmlid = "subscription_billing_problem_action"
        return [
            self._prepare_warning_tile(
                "problems",
                self.env._("Could not be billed"),
                "fa-exclamation-triangle",
                # What was posted without its electronic invoice was billed.
                sum(number for code, number in counts.items() if code != NOTICE),
                xmlid,
                *("open", "not_billed"),
                domain=domain,
            ),
            self._prepare_warning_tile(
                "einvoice",
                self.env._("Without electronic invoice"),
                "fa-file-code-o",
                counts.get(NOTICE, 0),
                xmlid,
                *("open", "without_einvoice"),
                domain=domain,
            ),
        ]

    @api.model
    def _count_problems(self, domain):
        """Return ``{code: number}`` of the problems of ``domain`` that are not
        solved."""
        problems = self.env["subscription.billing.problem"]
        unsolved = domain & Domain("solved_at", "=", False)
        if not problems.has_access("read"):
            return {}
        return dict(problems._read_group(unsolved, ["code"], ["__count"]))

    @api.model
    def _get_late_tile(self, asked):
        """Say for how many days the job that bills has not run: of everybody, so not
        where a partner or module is asked for."""
        runs = self.env["subscription.billing.run"]
        is_part = asked.partner or asked.module
        return self._prepare_warning_tile(
            "late",
            self.env._("Days without a billing run"),
            "fa-clock-o",
            0 if is_part or not runs.has_access("read") else runs._get_late_days(),
            "subscription_billing_run_action",
        )

    @api.model
    def _get_delivery_tiles(self, asked):
        """Count the invoices that did not arrive, and the mailboxes that bounced."""
        domain = asked.get_domain("partner_id")
        groups = self._count_undelivered(domain)
        xmlid = "subscription_delivery_action"
        return [
            self._prepare_warning_tile(
                "deliveries",
                self.env._("Invoices that did not arrive"),
                "fa-envelope-o",
                sum(count for count, _emails in groups.values()),
                xmlid,
                "problem",
                domain=domain,
            ),
            self._prepare_warning_tile(
                "mailboxes",
                self.env._("Mailboxes that bounced"),
                "fa-reply",
                groups.get("bounced", (0, 0))[1],
                xmlid,
                *("problem", "bounced", "group_email"),
                domain=domain,
            ),
        ]

    @api.model
    def _count_undelivered(self, domain):
        """Return ``{state: (deliveries, their addresses)}`` of what did not arrive."""
        deliveries = self.env["subscription.delivery"]
        if not deliveries.has_access("read"):
            return {}
        problem = domain & Domain("is_problem", "=", True)
        numbers = ["__count", "email:count_distinct"]
        groups = deliveries._read_group(problem, ["state"], numbers)
        return {state: tuple(values) for state, *values in groups}

    @api.model
    def _get_overdue_domain(self, today):
        return Domain("statement_ids", "!=", False) & Domain(
            [
                ("state", "=", "posted"),
                ("move_type", "=", "out_invoice"),
                ("payment_state", "in", ("not_paid", "partial")),
                ("invoice_date_due", "<", today),
            ]
        )

    @api.model
    def _get_overdue_tile(self, asked):
        """Count the invoices of subscriptions that are overdue."""
        domain = asked.get_domain("commercial_partner_id")
        overdue = self._get_overdue_domain(asked.today)
        return self._prepare_warning_tile(
            "overdue",
            self.env._("Overdue invoices"),
            "fa-hourglass-end",
            self.has_access("read")
            and self._count_readable("account.move", domain & overdue),
            "account_move_document_action",
            *("overdue", "of_subscriptions"),
            domain=domain,
        )

    @api.model
    def _get_notice_tile(self, asked):
        """Count the notices that could not be sent."""
        domain = asked.get_domain("addressee_id")
        return self._prepare_warning_tile(
            "notices",
            self.env._("Notices that failed"),
            "fa-bell-slash-o",
            self._count_readable(
                "subscription.notice", domain & Domain("state", "=", "failed")
            ),
            "subscription_notice_action",
            "failed",
            domain=domain,
        )
