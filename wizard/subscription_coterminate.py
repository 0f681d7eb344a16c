from odoo import api, fields, models
from odoo.tools import format_amount, format_date


class SubscriptionCoterminate(models.TransientModel):
    """One end for several subscriptions of a client, with what that costs."""

    _name = "subscription.coterminate"
    _description = "One End for Several Subscriptions"

    subscription_ids = fields.Many2many(
        "sale.subscription", string="Subscriptions", required=True
    )
    date_end = fields.Date(
        string="All End On",
        compute="_compute_date_end",
        # Ends of subscriptions that the user may not read are none of its business.
        compute_sudo=False,
        store=True,
        readonly=False,
        precompute=True,
        help="Last day of all of them: that of the one that ends last, or a later one.",
    )
    refusal = fields.Text(compute="_compute_preview")
    licence_text = fields.Text(compute="_compute_preview")
    preview = fields.Html(compute="_compute_preview", sanitize=False)

    @api.depends("subscription_ids")
    def _compute_date_end(self):
        for wizard in self:
            ends = wizard.subscription_ids._origin.mapped("date")
            wizard.date_end = wizard.date_end or max(filter(None, ends), default=False)

    @api.depends("subscription_ids", "date_end")
    @api.depends_context("lang")
    def _compute_preview(self):
        for wizard in self:
            subscriptions = wizard.subscription_ids._origin
            subscriptions.check_access("write")
            end = wizard.date_end
            wizard.refusal = subscriptions._get_coterminate_refusal(end)
            wizard.licence_text = wizard.preview = False
            if not wizard.refusal:
                wizard.licence_text = wizard._get_licence_text(subscriptions, end)
                wizard.preview = wizard._get_preview(subscriptions, end)

    @api.model
    def _get_licence_text(self, subscriptions, end):
        """Return what is taken from which stock, and what is left of it."""
        needed = {}
        for own in subscriptions._get_extension_licences(end).values():
            for key, licences in own.items():
                needed[key] = needed.get(key, 0) + licences
        stocks = self.env["subscription.licence.account"]
        return "\n".join(stocks._get_taking_texts(needed, end)) or False

    @api.model
    def _get_preview(self, subscriptions, end):
        licences = subscriptions._get_extension_licences(end)
        extensions = subscriptions._foresee_extension(end)
        return self.env["ir.qweb"]._render(
            "partner_managed_subscription.coterminate_preview",
            {
                "has_licences": bool(licences),
                "rows": [
                    self._get_row(record, end, licences, extensions.get(record))
                    for record in subscriptions
                ],
            },
        )

    @api.model
    def _get_row(self, record, end, licences, extension):
        """Return what is shown of ``record``."""
        stocks = self.env["subscription.licence.account"]
        taken = sum(licences.get(record, {}).values())

        def show(amount):
            return format_amount(self.env, amount, record.sudo().currency_id)

        row = {
            "name": record.display_name,
            "plan": record.template_id.display_name,
            "until": format_date(self.env, record.date),
            "end": format_date(self.env, end),
            "is_same": record.date == end,
            "licences": stocks._format(taken) if taken else "",
            "cost": "",
            "lines": [],
        }
        if extension:
            cost = extension.cost
            row["cost"] = self.env._("by the period") if cost is None else show(cost)
            row["lines"] = [(text, show(amount)) for text, amount in extension.lines]
        return row

    def action_coterminate(self):
        """Bring all to the one end.

        :raise UserError: a line for each that cannot
        :raise LicenceRefusal: a line for each stock that falls short
        """
        self.ensure_one()
        self.subscription_ids._coterminate(self.date_end)
        return self._notify(
            self.env._("All end on %(end)s.", end=format_date(self.env, self.date_end)),
            title=self.env._("One end for all"),
        )
