import math

from odoo import Command, api, fields, models

from ..models.renewal.new_client import NewClient
from .subscription_licence_figures_mixin import LICENCE_FIGURES


class SubscriptionNewClient(models.TransientModel):
    """Make a client, its subscription and its first administrator in one go.

    Shows while it is filled in what ``res.partner._create_client`` would do, and then
    calls it once.
    """

    _name = "subscription.new.client"
    _inherit = ["subscription.locking.mixin"]
    _description = "New Client"

    source = fields.Selection(
        [("new", "A new company"), ("contact", "A contact that is there already")],
        string="Client",
        required=True,
        default="new",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Contact",
        domain=[
            ("parent_id", "=", False),
            ("is_managing_partner", "=", False),
            ("subscription_ids", "=", False),
        ],
    )
    name = fields.Char(string="Company Name")
    email = fields.Char()
    country_id = fields.Many2one(
        "res.country", default=lambda self: self.env.company.country_id
    )
    vat = fields.Char(string="VAT Number")
    company_registry = fields.Char(
        string="Company ID", help="SIRET of French companies."
    )
    managing_partner_id = fields.Many2one(
        "res.partner",
        compute="_compute_managing_partner_id",
        store=True,
        readonly=False,
        precompute=True,
        domain=[("is_managing_partner", "=", True)],
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    template_id = fields.Many2one(
        "sale.subscription.template",
        string="Plan",
        compute="_compute_template_id",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('company_id', 'in', [False, company_id])]",
    )
    date_start = fields.Date(
        string="First Day", default=lambda self: self.env.company._get_today()
    )
    years = fields.Integer(
        compute="_compute_years",
        store=True,
        readonly=False,
        precompute=True,
        help="Duration of the first term, from 1 to 50 years.",
    )
    is_yearly = fields.Boolean(compute="_compute_is_yearly")
    line_ids = fields.One2many(
        "subscription.new.client.line",
        "new_client_id",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )
    administrator_name = fields.Char(string="Administrator")
    administrator_email = fields.Char()
    date_end = fields.Date(string="Last Day", compute="_compute_preview")
    figures = fields.Json(compute="_compute_preview", help="What the lines show.")
    takes_licences = fields.Boolean(compute="_compute_preview")
    price_text = fields.Char(string="Total Price", compute="_compute_preview")
    period_text = fields.Text(
        string="Price of a Period",
        compute="_compute_preview",
        help="What a full period costs, by the prices of the first day.",
    )
    refusal = fields.Text(compute="_compute_preview")
    subscription_id = fields.Many2one("sale.subscription", readonly=True)

    # ------------------------------------------------------------------ computes

    @api.depends("source", "partner_id")
    def _compute_managing_partner_id(self):
        """Propose the one that the contact has, else that of the user."""
        own = self.env.user.partner_id.commercial_partner_id
        for wizard in self:
            contact = wizard._get_contact()
            wizard.managing_partner_id = (
                contact.managing_partner_id
                or wizard.managing_partner_id
                or own.filtered("is_managing_partner")
            )

    @api.depends("company_id")
    def _compute_template_id(self):
        """Propose the plan, where there is only one."""
        for wizard in self:
            plans = self.env["sale.subscription.template"].search(
                [("company_id", "in", [False, wizard.company_id.id])], limit=2
            )
            only = len(plans) == 1 and plans
            wizard.template_id = wizard.template_id or only

    @api.depends("template_id")
    def _compute_years(self):
        """Propose the duration of the plan, in whole years."""
        for wizard in self:
            wizard.years = wizard._get_plan_years()

    @api.depends("template_id", "date_start")
    def _compute_is_yearly(self):
        for wizard in self:
            wizard.is_yearly = bool(wizard._get_plan_years())

    def _get_plan_years(self):
        return self.template_id._origin._get_first_years(self.date_start)

    @api.depends("template_id")
    def _compute_line_ids(self):
        for wizard in self:
            # sudo: who may choose the plan gets its modules.
            lines = wizard.template_id.sudo().plan_line_ids
            wizard.line_ids = [Command.clear()] + [
                Command.create(
                    {
                        "module_id": line.module_id.id,
                        "seats": line.seat_limit,
                        "is_unlimited": line.is_unlimited,
                    }
                )
                for line in lines
                if line.module_id.active
            ]

    @api.depends(
        "source",
        "partner_id",
        "country_id",
        "email",
        "managing_partner_id",
        "company_id",
        "template_id",
        "date_start",
        "years",
        "line_ids.seats",
        "line_ids.is_unlimited",
        "line_ids.module_id",
        "administrator_email",
    )
    @api.depends_context("lang", "uid")
    def _compute_preview(self):
        for wizard in self:
            plan = self.env["res.partner"]._preview_client(wizard._get_request())
            offers = wizard._get_offers(plan)
            renew = self.env["subscription.renew"]
            wizard.refusal = "\n".join(plan.refusals)
            wizard.date_end = plan.subscription.date
            wizard.takes_licences = plan.subscription.takes_licences
            wizard.figures = wizard._get_figures(plan, offers)
            wizard.price_text = renew._get_price_text(plan.lines, offers)
            wizard.period_text = "\n".join(
                renew._get_units_text(offer, units)
                for offer in offers
                for units in offer.units
            )

    @api.model_create_multi
    def create(self, vals_list):
        """Open dialogs, with the lines of their plans: what is put off until later
        would replace lines that were added meanwhile."""
        wizards = super().create(vals_list)
        wizards.mapped("line_ids")
        return wizards

    # ------------------------------------------------------------------ preview

    def _get_contact(self):
        """Return the contact that becomes a client, empty for a new company."""
        contact = self.partner_id._origin
        return contact if self.source == "contact" else contact.browse()

    def _get_request(self):
        """Return what is asked for, a ``NewClient``."""
        names = ("name", "email", "vat", "company_registry")
        values = {name: self[name] for name in names}
        return NewClient(
            contact=self._get_contact(),
            values=dict(values, country_id=self.country_id._origin.id),
            manager=self.managing_partner_id._origin,
            plan=self.template_id._origin,
            seats={
                line.module_id._origin: math.inf if line.is_unlimited else line.seats
                for line in self.line_ids
                if line.module_id
            },
            seller=self.company_id._origin or self.env.company,
            start=self.date_start or None,
            years=self.years if self.is_yearly else 0,
            administrator=(self.administrator_name, self.administrator_email),
        )

    @api.model
    def _get_offers(self, plan):
        """Return what a period costs, where the ``plan`` is billed by it."""
        if not plan.subscription:
            return []
        requests = {plan.subscription: plan.term}
        return [*self.env["sale.subscription"]._get_offers(requests).values()]

    @api.model
    def _get_figures(self, plan, offers):
        """Return what the lines show, ``[[id of a module, values], ...]``."""
        offered = {
            units.pool: (offer, units) for offer in offers for units in offer.units
        }
        return [
            [line.pool.module_id.id, self._get_line_figures(plan, line, offered)]
            for line in plan.lines
        ]

    @api.model
    def _get_line_figures(self, plan, line, offered):
        renew = self.env["subscription.renew"]
        offer = [offered[line.pool]] if line.pool in offered else []
        price = renew._join_prices([line], offer)
        if not line.licences:
            return {**LICENCE_FIGURES, "price_text": price}
        return {
            **renew._get_stock_figures(line.stock, plan.left[line.stock]),
            "takes_licences": True,
            "licences": line.licences,
            "price_text": price,
        }

    # ------------------------------------------------------------------ actions

    def action_create(self):
        """Make the client and open its subscription; once, however often it is called.

        :raise UserError: a line for each reason why it cannot be made
        :raise LicenceRefusal: a line for each stock that falls short
        """
        self.ensure_one()
        # A second call at the same time waits, and then opens what the first has made.
        self._lock_exclusive()
        if not self.subscription_id:
            subscription = self.env["res.partner"]._create_client(self._get_request())
            # sudo: users do not write what was made.
            self.sudo().subscription_id = subscription
        return self._open_action(
            "sale_subscription_managed_action",
            views=[(False, "form")],
            res_id=self.subscription_id.id,
            context={},
        )
