from datetime import date

from odoo import SUPERUSER_ID, Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

PROGRESS_MESSAGE = "subscription_renew_progress"


class SubscriptionRenew(models.TransientModel):
    """Renew one subscription, or many with one check of the stocks for all.

    Shows while it is filled in what ``subscription.renewal._schedule`` would do, and
    then calls it once.
    """

    _name = "subscription.renew"
    _description = "Renew"

    subscription_ids = fields.Many2many(
        "sale.subscription", string="Subscriptions", required=True
    )
    subscription_count = fields.Integer(
        string="Number of Subscriptions", compute="_compute_subscription_id"
    )
    subscription_id = fields.Many2one(
        "sale.subscription", compute="_compute_subscription_id"
    )
    client_id = fields.Many2one(related="subscription_id.client_id")
    partner_id = fields.Many2one(
        "res.partner",
        string="Licences Of",
        compute="_compute_subscription_id",
        help="The partner or reseller whose licences are taken, where it is only one.",
    )
    is_many = fields.Boolean(compute="_compute_subscription_id")
    has_ended = fields.Boolean(compute="_compute_subscription_id")
    takes_licences = fields.Boolean(compute="_compute_subscription_id")
    seat_choice = fields.Selection(
        [
            ("same", "The same seats"),
            ("in_use", "Seats in use now"),
            ("other", "Another number"),
        ],
        string="Seats",
        required=True,
        default="same",
    )
    years = fields.Integer(
        compute="_compute_years",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="Duration of the next term, from 1 to 50 years.",
    )
    from_today = fields.Selection(
        [("end", "After the old end"), ("today", "Today")],
        string="Ended Terms",
        required=True,
        default="end",
        help="When the next term starts where the current one has ended already; the"
        " others go on after their end.",
    )
    allow_partial = fields.Boolean(
        string="Renew those that can be renewed",
        help="Those that end first come first, as long as there are licences. Otherwise"
        " all are renewed or none.",
    )
    line_ids = fields.One2many(
        "subscription.renew.line",
        "renew_id",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )
    current_start = fields.Date(related="subscription_id.term_start")
    current_end = fields.Date(related="subscription_id.date")
    next_start = fields.Date(compute="_compute_preview")
    next_end = fields.Date(compute="_compute_preview")
    figures = fields.Json(
        compute="_compute_preview", help="What the lines show, by their stocks."
    )
    price_text = fields.Char(string="Total Price", compute="_compute_preview")
    refusal = fields.Text(compute="_compute_preview")
    renewable_count = fields.Integer(
        string="Will Be Renewed", compute="_compute_preview"
    )
    starting_count = fields.Integer(
        compute="_compute_preview", help="Terms that start at once."
    )
    terms = fields.Json(
        string="Clients",
        compute="_compute_preview",
        help="What becomes of each, where there are many.",
    )
    state = fields.Selection(
        [("choice", "Choice"), ("done", "Done")],
        required=True,
        readonly=True,
        default="choice",
    )
    result_ids = fields.One2many("subscription.renew.result", "renew_id", readonly=True)
    renewed_count = fields.Integer(compute="_compute_result_counts")
    refused_count = fields.Integer(compute="_compute_result_counts")

    # ------------------------------------------------------------------ computes

    @api.depends("subscription_ids")
    def _compute_subscription_id(self):
        for wizard in self:
            subscriptions = wizard.subscription_ids._origin
            partners = subscriptions.managing_partner_id
            wizard.subscription_count = len(subscriptions)
            wizard.is_many = len(subscriptions) > 1
            wizard.subscription_id = not wizard.is_many and subscriptions
            wizard.partner_id = len(partners) == 1 and partners
            wizard.takes_licences = any(subscriptions.mapped("takes_licences"))
            wizard.has_ended = any(
                subscription.in_progress and subscription._has_ended()
                for subscription in subscriptions
            )

    @api.depends("subscription_ids")
    def _compute_years(self):
        """Propose the length of the current term, 1 year for many."""
        for wizard in self:
            subscription = wizard.subscription_id
            wizard.years = subscription._get_whole_years() if subscription else 1

    @api.depends("subscription_ids")
    def _compute_line_ids(self):
        for wizard in self:
            wizard.line_ids = [Command.clear()] + [
                Command.create(wizard._prepare_line_values(key, pools))
                for key, pools in wizard._get_pools_by_stock().items()
            ]

    @api.depends(
        "subscription_ids",
        "seat_choice",
        "years",
        "from_today",
        "allow_partial",
        "line_ids.seats_each",
        "line_ids.is_changed",
    )
    def _compute_preview(self):
        for wizard in self:
            requests = wizard._get_requests()
            plan = self.env["subscription.renewal"]._preview(
                requests, allow_partial=wizard.allow_partial and wizard.is_many
            )
            offers = self.env["sale.subscription"]._get_offers(requests)
            wizard.refusal = wizard._get_refusal_text(plan)
            wizard.figures = wizard._get_figures(requests, plan, offers)
            shown_offers = [offers[one] for one in plan.terms if one in offers]
            wizard.price_text = wizard._get_price_text(plan.lines, shown_offers)
            wizard.period_text = wizard._get_period_text(shown_offers)
            wizard.fixed_prices = wizard._get_fixed_prices(offers)
            is_possible = wizard.allow_partial or not wizard.refusal
            wizard.renewable_count = len(plan.terms) if is_possible else 0
            wizard.terms = wizard.is_many and wizard._get_term_rows(plan, offers)
            wizard.starting_count = len(wizard._get_starting(plan))
            shown = not wizard.is_many and [
                term.request for term in plan.terms.values()
            ]
            wizard.next_start = shown and shown[0].date_start
            wizard.next_end = shown and shown[0].date_end

    @api.depends("result_ids.state")
    def _compute_result_counts(self):
        for wizard in self:
            states = wizard.result_ids.mapped("state")
            wizard.renewed_count = states.count("renewed")
            wizard.refused_count = states.count("refused")

    # ------------------------------------------------------------------ preview

    def _get_subscriptions(self):
        """Return the chosen subscriptions, those that end first first; none once they
        are renewed, when only the results are shown.

        :raise AccessError: when the user may not renew them
        """
        subscriptions = self.subscription_ids._origin
        if self.state == "done":
            subscriptions = subscriptions.browse()
        subscriptions.check_access("write")
        # sudo: a renewal depends on prices and ledgers that the user may not read.
        return subscriptions.sudo().sorted(
            lambda subscription: (
                subscription.date or date.max,
                subscription.id,
            )
        )

    def _get_pools_by_stock(self):
        """Return ``{key of a stock: pools}`` of the chosen subscriptions, the base
        module first."""
        pools = self._get_subscriptions().seat_pool_ids
        by_stock = pools.grouped(lambda pool: pool._get_stock_key())

        def get_place(key):
            module = key.module
            return (
                key.partner.name or "",
                not module.is_base,
                module.sequence,
                module.id,
            )

        return {key: by_stock[key] for key in sorted(by_stock, key=get_place)}

    @api.model
    def _prepare_line_values(self, key, pools):
        limits = pools.filtered(lambda pool: not pool.is_unlimited)
        return {
            "partner_id": key.partner.id,
            "module_id": key.module.id,
            "company_id": key.company.id,
            "seats_each": max(limits.mapped("seat_limit"), default=0),
        }

    def _get_requests(self):
        """Return what is asked of ``subscription.renewal._schedule``."""
        numbers = self._get_numbers()
        return {
            subscription: subscription._prepare_term_request(
                self.years,
                self.seat_choice,
                self._get_own_numbers(subscription, numbers),
                from_today=self.from_today == "today",
            )
            for subscription in self._get_subscriptions()
        }

    def _get_numbers(self):
        """Return ``{key of a stock: seats of each}`` where another number was chosen;
        for many, only of the modules that were changed."""
        # Read in any case: to propose the lines later would compute the preview again.
        lines = self.line_ids
        if self.seat_choice != "other":
            return {}
        return {
            line._get_stock_key(): line.seats_each
            for line in lines
            if line.is_changed or not self.is_many
        }

    @api.model
    def _get_own_numbers(self, subscription, numbers):
        """Return ``{module: seats}`` of ``numbers`` for the pools of ``subscription``;
        those without limit stay so."""
        return {
            pool.module_id: numbers[pool._get_stock_key()]
            for pool in subscription.seat_pool_ids
            if numbers and not pool.is_unlimited and pool._get_stock_key() in numbers
        }

    # ------------------------------------------------------------------ actions

    def action_renew(self):
        """Renew, and show what became of each subscription.

        :raise UserError: a line for each subscription that cannot be renewed, unless
            ``allow_partial``
        :raise LicenceRefusal: a line for each stock that falls short
        """
        self.ensure_one()
        if self.state == "done":
            return self._open_results()
        if not self.subscription_ids:
            raise UserError(self.env._("Choose at least one subscription."))
        if self._ask_again():
            return self._open_results()
        if not self.is_many:
            renewal, _refusals = self._schedule()
            return self._get_notification(renewal)
        try:
            self._renew_many()
        finally:
            self._show_progress(False)
        return self._open_results()

    def _renew_many(self):
        """Renew, note the results, and show meanwhile on the user's screen how far it
        is."""
        self._show_progress(0)
        results = self.env["subscription.renew.result"]._prepare_all(
            *self._schedule(
                allow_partial=self.allow_partial, progress=self._show_progress
            )
        )
        # sudo: users do not write the results.
        self.sudo().write(
            {"state": "done", "result_ids": list(map(Command.create, results))}
        )

    def _schedule(self, **options):
        return self.env["subscription.renewal"]._schedule(
            self._get_requests(), **options
        )

    def _show_progress(self, percent):
        """Tell the screen of the user how much is done, False when it is over.

        In a transaction of its own: the screen is told at once, while the one that
        renews still runs. sudo: users do not send to the bus.
        """
        partner = self.env.user.partner_id
        message = {"renew_id": self.id, "percent": percent}
        with self.env.registry.cursor() as cr:
            bus = self.env(cr=cr, user=SUPERUSER_ID)["bus.bus"]
            bus._sendone(partner, PROGRESS_MESSAGE, message)

    def _get_notification(self, renewal):
        """Return the action that says that the one subscription was renewed."""
        message = self.env._(
            "%(client)s is renewed until %(end)s. Licences taken: %(licences)s.",
            client=renewal.client_id.display_name,
            end=format_date(self.env, renewal.date_end),
            licences=self.env["subscription.licence.account"]._format(renewal.licences),
        )
        return self._notify(message, title=self.env._("Renewed"))

    def _open_results(self):
        return self._open_action(
            "subscription_renew_action", res_id=self.id, context={}
        )

    def action_list_results(self):
        """Open the results as a list, to search and export them."""
        self.ensure_one()
        return self._open_action(
            "subscription_renew_result_action",
            domain=[("renew_id", "=", self.id)],
            context={},
        )
