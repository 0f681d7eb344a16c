import math
from collections import defaultdict
from hashlib import sha256

from odoo import api, fields, models
from odoo.tools import format_date


class SubscriptionRequest(models.Model):
    """What approving would do, told before it is done: by the texts that raising a
    limit and *Renew* show."""

    _inherit = "subscription.request"

    preview_text = fields.Text(
        string="What Approving Does",
        compute="_compute_preview_text",
        exportable=False,
    )
    preview_digest = fields.Char(
        compute="_compute_preview_text",
        help="Stands for what approving does. Another one later says that it has"
        " changed.",
    )

    @api.depends("state", "kind")
    @api.depends_context("lang", "uid")
    def _compute_preview_text(self):
        for request in self:
            lines = request._get_preview_lines() if request.can_answer else []
            request.preview_text = "\n".join(filter(None, lines)) or False
            request.preview_digest = request._get_preview_digest(lines)

    def _get_preview_digest(self, lines):
        """Return what stands for ``lines``, which say what approving does; how many
        seats are in use is no part of it."""
        if not lines:
            return False
        if self.kind in ("seats", "module") and self.pool_id:
            lines = [self.pool_id.seat_limit, *lines[1:]]
        return sha256(repr(lines).encode()).hexdigest()

    def _is_preview_seen(self, digest):
        """Return whether approving does what it did when the caller saw ``digest``, or
        the caller does not say what it saw."""
        self.invalidate_recordset(["preview_text", "preview_digest"], flush=False)
        return not digest or digest == self.preview_digest

    def _get_preview_lines(self):
        """Return what approving this does, a sentence each; empty ones say nothing."""
        return {
            "seats": self._preview_seats,
            "plan": self._preview_plan,
            "renewal": self._preview_renewal,
            "module": self._preview_module,
            "partner": self._preview_partner,
        }[self.kind]()

    # ------------------------------------------------------------------ seats

    def _preview_seats(self):
        pool = self.pool_id
        if not pool:
            return [self._get_gone_text()]
        if pool.is_unlimited:
            return [self.env._("There is no limit any more.")]
        limit = pool.seat_limit + self.number
        lines = [self._get_limit_sentence(pool, limit)]
        # As the form of the pool has it while a number is typed.
        raised = pool.new({"seat_limit": limit}, origin=pool)
        return [*lines, raised._get_licence_text(), raised._get_billing_text()]

    def _get_gone_text(self):
        return self.env._(
            "%(module)s is not part of the subscription any more.",
            module=self._get_module_name(),
        )

    def _get_limit_sentence(self, pool, limit):
        """Return the numbers of seats now and afterwards, and that when it was asked
        where another number was set meanwhile."""
        values = {
            "module": self._get_module_name(),
            "then": self.limit_then,
            "now": pool.seat_limit,
            "used": pool.used,
            "number": self.number,
            "limit": limit,
        }
        if pool.seat_limit == self.limit_then:
            return self.env._(
                "%(module)s: %(limit)s seats instead of %(now)s, of which %(used)s are"
                " in use.",
                **values,
            )
        return self.env._(
            "%(module)s: there were %(then)s seats when it was asked, and there are"
            " %(now)s now, of which %(used)s are in use. With the %(number)s asked for"
            " there will be %(limit)s.",
            **values,
        )

    # ------------------------------------------------------------------ plan

    def _preview_plan(self):
        subscription, plan = self.subscription_id, self.template_id.sudo()
        if not plan:
            return [self.env._("The plan does not exist any more.")]
        # sudo: who answers is told of all modules.
        limits = subscription.sudo()._get_plan_limits(plan)
        lines = [
            self._get_change_sentence(module, *change)
            for module, change in limits.items()
            if change[0] != change[1]
        ]
        # As the form of the subscription has it while a plan is chosen.
        chosen = subscription.new({"template_id": plan.id}, origin=subscription)
        return [*lines, chosen.taking_text, self._get_plan_effect(subscription, plan)]

    @api.model
    def _get_change_sentence(self, module, before, after):
        return self.env._(
            "%(module)s: %(after)s seats instead of %(before)s.",
            module=module.name,
            before=self._get_number_text(before),
            after=self._get_number_text(after),
        )

    @api.model
    def _get_number_text(self, limit):
        return self.env._("unlimited") if limit == math.inf else str(limit)

    def _get_plan_effect(self, subscription, plan):
        """Return what the seats of ``plan`` do to the next invoice; nothing where the
        plan is paid otherwise, since what is agreed on billing stays."""
        if plan.paid_by != subscription.template_id.sudo().paid_by:
            return False
        limits = subscription.sudo()._get_plan_limits(plan)
        seats = {
            pool: limits[pool.module_id][1]
            for pool in subscription.sudo().seat_pool_ids
            if limits[pool.module_id][0] != limits[pool.module_id][1] < math.inf
        }
        return seats and subscription._get_effect_texts({subscription: (seats, {})})

    # ------------------------------------------------------------------ renewal

    def _preview_renewal(self):
        subscription, asked = self.subscription_id, self._get_term_request()
        plan = self.env["subscription.renewal"]._preview({subscription: asked})
        if plan.refusals:
            return list(plan.refusals.values())
        (term,) = plan.terms.values()
        offers = self.env["sale.subscription"]._get_offers({subscription: asked})
        price = self.env["subscription.renew"]._get_price_text(
            term.lines, list(offers.values())
        )
        return [
            self._get_term_sentence(asked),
            *self._get_term_takes(term, asked),
            price and self.env._("Price: %(price)s, without taxes.", price=price),
        ]

    @api.model
    def _get_term_sentence(self, asked):
        seats = ", ".join(
            f"{pool.sudo().module_id.name} {self._get_number_text(number)}"
            for pool, number in asked.seats.items()
        )
        return self.env._(
            "Next term from %(start)s to %(end)s, with these seats: %(seats)s.",
            start=format_date(self.env, asked.date_start),
            end=format_date(self.env, asked.date_end),
            seats=seats,
        )

    @api.model
    def _get_term_takes(self, term, asked):
        """Return what a ``PlannedTerm`` takes from the stocks."""
        licences = defaultdict(float)
        for line in term.lines:
            if line.licences:
                licences[line.pool.sudo()._get_stock_key()] += line.licences
        stocks = self.env["subscription.licence.account"]
        return stocks._get_taking_texts(licences, asked.date_end)

    # ------------------------------------------------------------------ others

    def _preview_module(self):
        pool = self.pool_id
        if not pool:
            return [self._get_gone_text()]
        return [
            self.env._(
                "%(member)s gets a seat of %(module)s: %(left)s.",
                member=self.member_name,
                module=self._get_module_name(),
                left=pool._get_left_text(),
            ),
            self._get_module_effect(),
        ]

    def _get_module_effect(self):
        """Return what giving the seat does to the next invoice; nothing where seats in
        use are not billed, or the member takes none."""
        takes_seat = self.sudo().member_id.takes_seat
        pools = {self.pool_id: 1} if self.pool_id and takes_seat else {}
        return self.subscription_id._get_unit_effect_texts(pools=pools)

    def _preview_partner(self):
        return [
            self.env._(
                "Choose the other partner in the next step. It sees the subscriptions,"
                " members and history of %(client)s from then on; the one that manages"
                " it now does not any more.",
                client=self.client_id.name,
            )
        ]
