from odoo import api, fields, models
from odoo.tools import format_amount, format_date


class SaleSubscription(models.Model):
    """What is billed, in sentences with the figures of the client."""

    _inherit = "sale.subscription"

    billing_text = fields.Text(
        string="How It Is Billed",
        compute="_compute_billing_text",
        help="The rule by which periods are billed, and the next invoice.",
        exportable=False,
    )

    @api.depends(
        "managing_partner_id",
        "template_id",
        "in_progress",
        "date",
        "billing_terms_ids",
        "recurring_next_date",
        "seat_pool_ids.seat_limit",
        "seat_pool_ids.is_billed",
    )
    @api.depends_context("lang")
    def _compute_billing_text(self):
        managed = self.filtered("managing_partner_id")
        (self - managed).billing_text = False
        foreseen = managed._origin._foresee()
        for record in managed:
            texts = [record._get_rule_text()]
            if record.is_billed_by_period and record.billing_terms_ids:
                texts.append(record._get_next_text(foreseen.get(record._origin)))
            record.billing_text = " ".join(texts)

    # ------------------------------------------------------------------ the rule

    def _get_rule_text(self):
        """Return the rule by which this subscription is billed, with the figures of
        today."""
        if not self.is_billed_by_period:
            return self.env._(
                "Licences pay for this subscription: its periods are not invoiced."
            )
        # sudo: figures are the same for all who may read the subscription.
        record = self.sudo()
        terms = record._get_current_terms()
        texts = record._get_rule_texts(terms.billing_timing)
        return texts[terms.billing_basis] % {
            "when": record._get_when_text(terms),
            "figures": record._get_figures_text(terms.billing_basis),
        }

    @api.model
    def _get_rule_texts(self, timing):
        """Return ``{basis: template of the sentence}``."""
        contracted = self.env._(
            "Contracted seats are billed by the day, %(when)s: %(figures)s today."
        )
        if timing == "pre":
            return {
                "contracted": contracted,
                "in_use": self.env._(
                    "Seats in use are billed %(when)s, as many as there are when its"
                    " first day begins: %(figures)s today."
                ),
                "members": self.env._(
                    "Active members are billed %(when)s, as many as there are when its"
                    " first day begins: %(figures)s today."
                ),
                "teams": self.env._(
                    "Active teams are billed %(when)s, as many as there are when its"
                    " first day begins: %(figures)s today."
                ),
            }
        return {
            "contracted": contracted,
            "in_use": self.env._(
                "Seats in use are billed %(when)s, by the highest number at one time"
                " within it: %(figures)s today."
            ),
            "members": self.env._(
                "Active members are billed %(when)s, by the highest number at one time"
                " within it: %(figures)s today."
            ),
            "teams": self.env._(
                "Active teams are billed %(when)s, by the highest number at one time"
                " within it: %(figures)s today."
            ),
        }

    @api.model
    def _get_length_text(self, terms):
        """Return how long a period of ``terms`` is: “month”, “3 months”."""
        unit, count = terms._get_interval()
        one = {
            "days": self.env._("day"),
            "weeks": self.env._("week"),
            "months": self.env._("month"),
            "years": self.env._("year"),
        }
        many = {
            "days": self.env._("%(count)s days", count=count),
            "weeks": self.env._("%(count)s weeks", count=count),
            "months": self.env._("%(count)s months", count=count),
            "years": self.env._("%(count)s years", count=count),
        }
        return one[unit] if count == 1 else many[unit]

    @api.model
    def _get_when_text(self, terms):
        """Return when the periods of ``terms`` are billed: “before each month”."""
        before = terms.billing_timing == "pre"
        length = self._get_length_text(terms)
        if terms._get_interval()[1] == 1:
            if before:
                return self.env._("before each %(period)s", period=length)
            return self.env._("after each %(period)s", period=length)
        if before:
            return self.env._("before each period of %(length)s", length=length)
        return self.env._("after each period of %(length)s", length=length)

    def _get_figures_text(self, basis):
        """Return how much of what is billed there is today."""
        if basis == "members":
            count = self._get_unit_count(basis)
            if count == 1:
                return self.env._("1 member")
            return self.env._("%(count)s members", count=count)
        if basis == "teams":
            count = self._get_unit_count(basis)
            if count == 1:
                return self.env._("1 team")
            return self.env._("%(count)s teams", count=count)
        return ", ".join(
            pool._get_seats_text(count)
            for pool, (_product, count) in self._get_billed_units().items()
            if count
        ) or self.env._("no seat")

    # ------------------------------------------------------------------ the next one

    def _get_next_text(self, foreseen):
        """Return in a sentence what the next invoice bills, or why there is none."""
        if not foreseen:
            return self.env._("Nothing is left to be billed.")
        if foreseen.obstacle:
            return self.env._(
                "The next invoice, on %(day)s, cannot be made: %(problem)s",
                day=format_date(self.env, foreseen.day),
                problem=self._get_obstacle_text(foreseen),
            )
        invoices = self._foresee_invoices(foreseen)
        return " ".join(
            self._get_invoice_text(foreseen.day, one)
            for one in invoices
            if one.lines or len(invoices) == 1
        )

    @api.model
    def _get_invoice_text(self, day, invoice):
        plan = invoice.plan
        values = {
            "day": format_date(self.env, day),
            "payer": plan.payer.display_name,
            "first": format_date(self.env, plan.span.first),
            "last": format_date(self.env, plan.span.last),
            "amount": self._format_untaxed(plan.subscription, invoice.untaxed),
        }
        if not invoice.is_invoiced:
            return self.env._(
                "%(first)s to %(last)s will cost nothing, so no invoice is made.",
                **values,
            )
        if invoice.untaxed < 0:
            return self.env._(
                "On %(day)s, a credit note to %(payer)s will give back %(amount)s"
                " without taxes for %(first)s to %(last)s.",
                **values,
            )
        if plan.payer != plan.subscription.client_id:
            return self.env._(
                "The next invoice, to %(payer)s on %(day)s, will bill %(first)s to"
                " %(last)s: %(amount)s without taxes.",
                **values,
            )
        return self.env._(
            "The next invoice, on %(day)s, will bill %(first)s to %(last)s: %(amount)s"
            " without taxes.",
            **values,
        )

    @api.model
    def _format_untaxed(self, subscription, amount):
        return format_amount(self.env, abs(amount), subscription.currency_id)


class SubscriptionSeatPool(models.Model):
    """How pools are named in sentences on billing."""

    _inherit = "subscription.seat.pool"

    def _get_seats_text(self, count):
        """Return ``count`` seats of this pool in words."""
        if count == 1:
            return self.env._("1 seat of %(module)s", module=self.module_id.name)
        return self.env._(
            "%(count)s seats of %(module)s", count=count, module=self.module_id.name
        )
