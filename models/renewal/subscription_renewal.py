import logging
from bisect import bisect_right
from collections import defaultdict
from typing import NamedTuple

from odoo import Command, api, fields, models
from odoo.exceptions import ConcurrencyError, UserError
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import split_every

from ...terms import LICENCE_DIGITS, MAX_YEARS, get_term_end

_logger = logging.getLogger(__name__)

# Somebody else is at work on the subscription: the next run of the job tries again.
BUSY_ERRORS = (ConcurrencyError, *PG_CONCURRENCY_EXCEPTIONS_TO_RETRY)

# Renewals that are scheduled between two reports of progress, and that the job applies
# in one transaction.
CHUNK = 100
# How much of the work is done after each step of scheduling, in per cent.
CHECKED, INSERTED, TAKEN, LOGGED, STARTED = 20, 55, 65, 70, 90
MAX_SEATS = 1_000_000


class RenewalPreview(NamedTuple):
    """What renewing would do now, see ``subscription.renewal._preview``."""

    # {subscription: {stock: licences}} of those that would be renewed
    needs: dict
    # {stock: licences left after that}, below 0 where some are missing
    left: dict
    # {subscription: why it cannot be renewed}
    refusals: dict
    # Why the stocks do not suffice, a line for each; empty where what fits is renewed.
    shortfalls: list


class SubscriptionRenewal(models.Model):
    """The next term of a subscription, scheduled until it starts.

    Its licences are taken when it is scheduled, see :meth:`_schedule`, and come back
    when it is cancelled before its start. The current term goes on as it is; when the
    next one starts, :meth:`_apply` gives the subscription its end and its seats,
    whatever was changed meanwhile.
    """

    _name = "subscription.renewal"
    _inherit = ["subscription.sealed.mixin", "subscription.locking.mixin"]
    _description = "Renewal"
    _order = "date_start desc, id desc"
    _rec_name = "subscription_id"

    subscription_id = fields.Many2one(
        "sale.subscription", required=True, ondelete="restrict", index=True
    )
    client_id = fields.Many2one(
        related="subscription_id.client_id", store=True, index=True
    )
    company_id = fields.Many2one(related="subscription_id.company_id", store=True)
    currency_id = fields.Many2one("res.currency", required=True)
    previous_end = fields.Date(
        required=True, help="Last day of the term that was renewed."
    )
    date_start = fields.Date(string="Start", required=True)
    date_end = fields.Date(string="End", required=True, help="Last day of the term.")
    years = fields.Integer(required=True)
    line_ids = fields.One2many("subscription.renewal.line", "renewal_id")
    move_ids = fields.One2many(
        "subscription.licence.move", "renewal_id", string="Licence Entries"
    )
    licences = fields.Float(
        compute="_compute_amounts",
        store=True,
        digits=LICENCE_DIGITS,
        help="Licences that the term takes.",
    )
    amount = fields.Monetary(
        string="Price", compute="_compute_amounts", store=True, help="Without taxes."
    )
    state = fields.Selection(
        [
            ("scheduled", "Scheduled"),
            ("applied", "Started"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="scheduled",
    )
    user_id = fields.Many2one("res.users", string="Renewed By", ondelete="set null")
    applied_at = fields.Datetime(string="Started On")
    cancelled_at = fields.Datetime(string="Cancelled On")
    cancelled_by_id = fields.Many2one("res.users", ondelete="set null")
    error = fields.Text(
        help="Why the term could not start; the job tries again each time it runs."
    )
    can_cancel = fields.Boolean(compute="_compute_can_cancel")

    _one_scheduled = models.UniqueIndex(
        "(subscription_id) WHERE state = 'scheduled'",
        "The subscription has been renewed already.",
    )
    _due = models.Index("(date_start) WHERE state = 'scheduled'")
    _years_range = models.Constraint(
        f"CHECK (years BETWEEN 1 AND {MAX_YEARS})",
        "A subscription is renewed for 1 to 50 years.",
    )
    _dates_order = models.Constraint(
        "CHECK (previous_end < date_start AND date_start <= date_end)",
        "A term starts after the one before, and ends after it starts.",
    )

    @api.depends("line_ids.licences", "line_ids.price_unit")
    def _compute_amounts(self):
        for renewal in self:
            lines = renewal.line_ids
            renewal.licences = sum(lines.mapped("licences"))
            renewal.amount = sum(
                renewal.currency_id.round(line.licences * line.price_unit)
                for line in lines
            )

    @api.depends("state", "date_start", "company_id")
    def _compute_can_cancel(self):
        for renewal in self:
            renewal.can_cancel = (
                renewal.state == "scheduled"
                and renewal.date_start > renewal.company_id._get_today()
            )

    # ------------------------------------------------------------------ doors

    @api.model
    def _get_edit_refusal(self):
        """Return the error that tells how renewals are made."""
        return UserError(
            self.env._(
                "A renewal is made by Renew on its subscription, and cannot be changed:"
                " cancel it and renew again."
            )
        )

    # ------------------------------------------------------------------ scheduling

    @api.model
    def _schedule(self, requests, *, what_fits=False, progress=None):
        """Schedule the next terms of subscriptions and take their licences. Every door
        leads here; terms that start today or earlier start at once.

        :param dict requests: ``{subscription: {"date_start": date, "years": int,
            "seats": {pool: seats, None without limit}}}``, first come first served
        :param bool what_fits: renew those that can be, instead of none
        :param progress: called now and then with how much of the work is done, in per
            cent; the rest is the caller's
        :return: the renewals, and ``{subscription: refusal}`` of the others
        :raise UserError: a line for each subscription that cannot be renewed
        :raise LicenceRefusal: a line for each stock that falls short
        """
        report = progress or (lambda percent: None)
        subscriptions = self.env["sale.subscription"].union(*requests)
        subscriptions.check_access("write")
        subscriptions.sudo()._claim("renewal_ids")
        open_requests, refusals = self._split_requests(requests)
        if refusals and not what_fits:
            raise UserError("\n".join(refusals.values()))
        needs = self._get_needs(open_requests)
        if what_fits:
            refusals |= self.env["subscription.licence.account"]._get_shortfalls(needs)
        report(CHECKED)
        renewals = self._insert(
            [
                dict(request, subscription=subscription.sudo())
                for subscription, request in open_requests.items()
                if subscription not in refusals
            ],
            report,
        )
        renewals._take_licences(needs)
        report(TAKEN)
        renewals._log_event("renewed")
        report(LOGGED)
        renewals.filtered(lambda renewal: not renewal.can_cancel)._apply()
        # What was put off until the end is part of the work.
        self.env.flush_all()
        report(STARTED)
        return renewals.sudo(self.env.su), refusals

    @api.model
    def _preview(self, requests, *, what_fits=False):
        """Return what :meth:`_schedule` would do now, without keeping anybody from
        changing it: a ``RenewalPreview``."""
        open_requests, refusals = self._split_requests(requests)
        stocks = self.env["subscription.licence.account"].sudo()
        needs = self._get_needs(open_requests, stocks._find)
        left = {stock: stock.balance for need in needs.values() for stock in need}
        if what_fits:
            refusals |= stocks._serve(needs, left)
            needs = {who: needs[who] for who in needs if who not in refusals}
        else:
            for need in needs.values():
                for stock, licences in need.items():
                    left[stock] = stocks._round(left[stock] - licences)
        shortfalls = [
            stock._get_refusal(stocks._round(stock.balance - balance))
            for stock, balance in left.items()
            if stock._is_short(balance)
        ]
        return RenewalPreview(needs, left, refusals, shortfalls)

    @api.model
    def _split_requests(self, requests):
        """Return those of ``requests`` that can be scheduled if there are licences, and
        ``{subscription: refusal}`` of the others."""
        refusals = {
            subscription: obstacle
            for subscription, request in requests.items()
            for obstacle in [subscription.sudo()._get_renewal_obstacle(**request)]
            if obstacle
        }
        open_requests = {
            subscription: request
            for subscription, request in requests.items()
            if subscription not in refusals
        }
        return open_requests, refusals

    @api.model
    def _get_needs(self, requests, get_stocks=None):
        """Return ``{subscription: {stock: licences}}`` that ``requests`` take.

        :param get_stocks: returns the stocks of keys; by default opens them
        """
        get_stocks = get_stocks or self.env["subscription.licence.account"]._open
        keys = {
            subscription: {
                pool._get_stock_key(): licences
                for pool, licences in subscription.sudo()
                ._get_licences(request["seats"], request["years"])
                .items()
            }
            for subscription, request in requests.items()
        }
        stocks = get_stocks(
            list(dict.fromkeys(key for needs in keys.values() for key in needs))
        )
        return {
            subscription: {stocks[key]: needs[key] for key in needs}
            for subscription, needs in keys.items()
        }

    @api.model
    def _insert(self, requests, report):
        """Insert the renewals of ``requests``, those of :meth:`_schedule` with their
        ``subscription``, and ``report`` how far it is."""
        # What was cancelled in this transaction makes room for what is renewed anew.
        self.flush_model(["state"])
        prices = self._get_prices(
            {request["subscription"]: request for request in requests}
        )
        renewals = self.sudo().browse()
        for chunk in split_every(CHUNK, requests):
            renewals += renewals._add(
                [
                    self._prepare_values(request, prices[request["subscription"]])
                    for request in chunk
                ]
            )
            share = len(renewals) / len(requests)
            report(round(CHECKED + share * (INSERTED - CHECKED)))
        return renewals

    @api.model
    def _prepare_values(self, request, prices):
        subscription, years = request["subscription"], request["years"]
        licences = subscription._get_licences(request["seats"], years)
        return {
            "state": "scheduled",
            "subscription_id": subscription.id,
            "currency_id": subscription.currency_id.id,
            "previous_end": subscription.date,
            "date_start": request["date_start"],
            "date_end": get_term_end(request["date_start"], years),
            "years": years,
            "user_id": self.env.uid,
            "line_ids": [
                Command.create(
                    {
                        "pool_id": pool.id,
                        "module_id": pool.module_id.id,
                        "seats": seats or 0,
                        "is_unlimited": seats is None,
                        "licences": licences.get(pool, 0),
                        "price_unit": prices.get(pool.module_id, 0),
                    }
                )
                for pool, seats in request["seats"].items()
            ],
        }

    @api.model
    def _get_prices(self, requests):
        """Return ``{subscription: {module: price of a licence}}``, in the currency of
        the subscription, by its price list and the number of licences; modules that
        have no price are left out.

        :param dict requests: as in :meth:`_schedule`
        """
        prices = {subscription: {} for subscription in requests}
        steps = self._get_price_steps()
        asked = defaultdict(list)
        for subscription, request in requests.items():
            needs = subscription._get_licences(request["seats"], request["years"])
            for pool, quantity in needs.items():
                product = pool.module_id.sudo().licence_product_id
                if product:
                    step = steps[bisect_right(steps, quantity) - 1]
                    key = subscription.sudo().pricelist_id, step
                    asked[key].append((subscription, pool.module_id, product))
        for (pricelist, step), places in asked.items():
            products = self.env["product.product"].sudo()
            products = products.union(*(product for _, _, product in places))
            found = pricelist._get_products_price(products, step)
            for subscription, module, product in places:
                prices[subscription][module] = found[product.id]
        return prices

    @api.model
    def _get_price_steps(self):
        """Return the quantities from which on price lists have other prices, in their
        order; between two of them a price is asked for once, not for each client."""
        items = self.env["product.pricelist.item"].sudo()
        found = items._read_group([("min_quantity", ">", 0)], ["min_quantity"])
        return [0, *sorted(quantity for (quantity,) in found)]

    def _take_licences(self, needs):
        """Take the licences of these renewals.

        :param dict needs: as :meth:`_get_needs` has it
        """
        self.env["subscription.licence.account"]._post(
            [
                {
                    "account_id": account.id,
                    "kind": "renewal",
                    "quantity": -licences,
                    "subscription_id": renewal.subscription_id.id,
                    "renewal_id": renewal.id,
                }
                for renewal in self
                for account, licences in needs[renewal.subscription_id].items()
            ]
        )

    # ------------------------------------------------------------------ cancelling

    def action_cancel(self):
        """Cancel these renewals; their licences go back to the stock they came from.

        :raise LicenceRefusal: when the user's own company has its licences from the
            partner above it, which renewed it
        :raise UserError: naming those that have started or were cancelled already
        """
        subscriptions = self.sudo().subscription_id
        subscriptions.sudo(False).check_access("write")
        accounts = self.env["subscription.licence.account"]
        accounts._verify_reached(subscriptions.managing_partner_id)
        subscriptions._claim("renewal_ids")
        renewals = self.sudo()
        late = renewals.filtered(lambda renewal: not renewal.can_cancel)
        if late or not renewals:
            raise UserError(
                self.env._(
                    "%(renewals)s: only a renewal that is scheduled and has not started"
                    " can be cancelled. Ask the vendor about a term that runs.",
                    renewals=", ".join(late.mapped("display_name"))
                    or self.env._("Nothing is scheduled"),
                )
            )
        renewals._set(
            {
                "state": "cancelled",
                "cancelled_at": fields.Datetime.now(),
                "cancelled_by_id": self.env.uid,
            }
        )
        renewals.move_ids._reverse()
        renewals._log_event("renewal_cancelled")

    def _get_changes_text(self):
        """Return in a sentence where the next term has other seats than the current
        one, which may have changed since; empty where it has the same."""
        self.ensure_one()
        pools = self.subscription_id.seat_pool_ids.grouped("module_id")
        changes = [
            self.env._(
                "%(module)s %(next)s instead of %(now)s",
                module=line.module_id.name,
                next=pool_model._get_limit_text(line._get_limit()),
                now=pool_model._get_limit_text(pool._get_limit()),
            )
            for line in self.line_ids
            for pool_model in [self.env["subscription.seat.pool"]]
            for pool in [pools.get(line.module_id, pool_model)]
            if line._get_limit() != pool._get_limit()
        ]
        return bool(changes) and self.env._(
            "It starts with other seats than there are now: %(changes)s.",
            changes=", ".join(changes),
        )

    # ------------------------------------------------------------------ starting

    def _apply(self):
        """Start the terms of these renewals: the subscription gets its new end, each
        pool its new number of seats. Those that started already are passed over.

        Pools that were opened since are not part of the new term, and get no seats
        where seats take licences; those that were deleted are opened again.
        """
        self.sudo().subscription_id._claim("renewal_ids")
        renewals = self.sudo().filtered(lambda renewal: renewal.state == "scheduled")
        if not renewals:
            return
        renewals._set(
            {"state": "applied", "applied_at": fields.Datetime.now(), "error": False}
        )
        for end, same in renewals.grouped("date_end").items():
            same.subscription_id._set({"date": end})
        seats = renewals._get_pool_seats()
        self.env["subscription.seat.pool"].sudo()._apply_term_limits(seats)
        renewals._log_event("term")
        pools = self.env["subscription.seat.pool"].sudo().union(*seats)
        pools._seat_waiting_members(what_fits=True)
        self.env["subscription.notice"]._note_over(pools)

    def _get_pool_seats(self):
        """Return ``{pool: seats}`` of the terms of these renewals, None without limit;
        pools that are missing are opened."""
        pool_model = self.env["subscription.seat.pool"].sudo()
        pools = {
            (pool.subscription_id, pool.module_id): pool
            for pool in self.subscription_id.seat_pool_ids
        }
        lines = {(line.subscription_id, line.module_id): line for line in self.line_ids}
        missing = [key for key in lines if key not in pools]
        opened = pool_model.create(
            [
                {"subscription_id": subscription.id, "module_id": module.id}
                for subscription, module in missing
            ]
        )
        pools.update(zip(missing, opened, strict=True))
        return {
            pool: lines[key]._get_seats() if key in lines else 0
            for key, pool in pools.items()
            if key in lines or pool._takes_licences()
        }

    @api.model
    def _get_due_domain(self):
        """Return the domain of the renewals whose term should have started."""
        begun = self.env["res.company"]._get_begun_domain()
        return Domain("state", "=", "scheduled") & begun

    @api.model
    def _cron_apply(self):
        """Start the terms that are due, in chunks that are committed one by one: a run
        that is killed goes on where it was, a late or second one starts nothing twice.

        One that fails keeps its error and stops none of the others.
        """
        due = self._get_due_domain()
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=self.search_count(due))
        last_id = 0
        while chunk := self.search(
            due & Domain("id", ">", last_id), limit=CHUNK, order="id"
        ):
            last_id = chunk[-1].id
            chunk.try_lock_for_update()._apply_each()
            if not cron._commit_progress(len(chunk)):
                break

    def _apply_each(self):
        """Start the terms of these renewals together, or one by one if that fails."""
        try:
            with self.env.cr.savepoint():
                self._apply()
        except Exception as error:
            if len(self) > 1:
                for renewal in self:
                    renewal._apply_each()
                return
            if isinstance(error, BUSY_ERRORS):
                _logger.info("Renewal %s waits for somebody else", self.id)
                return
            _logger.exception("Renewal %s cannot start", self.id)
            self._set({"error": self._get_error_text(error)})

    @api.model
    def _get_error_text(self, error):
        """Return why a term could not start, in words that its readers understand."""
        if isinstance(error, UserError):
            return str(error)
        return self.env._(
            "It failed for a technical reason, which is in the log of the server. Ask"
            " the vendor's administrator."
        )

    def _log_event(self, event):
        """Note in the audit trail what happened to these renewals."""
        self.env["subscription.log"]._log(
            [
                {
                    "event": event,
                    "client_id": renewal.client_id.id,
                    "subscription_id": renewal.subscription_id.id,
                    "old_value": fields.Date.to_string(renewal.previous_end),
                    "new_value": fields.Date.to_string(renewal.date_end),
                }
                for renewal in self
            ]
        )
