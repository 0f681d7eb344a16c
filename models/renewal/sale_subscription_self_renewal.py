from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

# Choices that need nobody.
SELF_CHOICES = ("same", "in_use")


class SaleSubscription(models.Model):
    """Subscriptions that renew by themselves: some days before the end of the term, and
    each day after that as long as something is in the way, up to the grace period.

    The next term is scheduled as by *Renew*, from the same stock, and can be cancelled
    like any other. It has all the seats that were chosen, or it is not there.
    """

    _inherit = "sale.subscription"

    renewal_choice = fields.Selection(
        lambda self: self.env["sale.subscription.template"]._get_choices(
            "renewal_choice"
        ),
        string="Renewal",
        compute="_compute_renewal_choice",
        store=True,
        readonly=False,
        precompute=True,
        help="What becomes of the subscription when its term ends. It begins with what"
        " the plan says.",
    )
    self_renewal_date = fields.Date(
        string="Renews On",
        compute="_compute_self_renewal_date",
        help="On which day it renews by itself.",
    )
    self_renewal_text = fields.Text(
        compute="_compute_self_renewal_text",
        help="What becomes of it when its term ends, where that needs nobody.",
        exportable=False,
    )
    # The last day of the term whose renewal the client refused: later ones may renew.
    refused_end = fields.Date(readonly=True, copy=False)
    is_renewal_refused = fields.Boolean(
        string="Renewal Refused",
        compute="_compute_is_renewal_refused",
        search="_search_is_renewal_refused",
        help="The client does not want another term after this one.",
    )
    self_renewal_problem = fields.Text(
        string="Why It Did Not Renew",
        readonly=True,
        copy=False,
        help="Why it could not renew by itself; that is tried again each day.",
    )

    _protected_fields = ("refused_end", "self_renewal_problem")

    @api.depends("template_id")
    def _compute_renewal_choice(self):
        """Begin with the choice of the plan; what runs keeps its own."""
        for record in self:
            if not (record.in_progress and record.renewal_choice):
                record.renewal_choice = record.template_id.renewal_choice or "by_hand"

    @api.depends("date", "renewal_choice", "company_id.self_renewal_days")
    def _compute_self_renewal_date(self):
        for record in self:
            renews = record.date and record.renewal_choice in SELF_CHOICES
            days = timedelta(days=record.company_id.self_renewal_days)
            record.self_renewal_date = renews and record.date - days

    @api.depends(
        "renewal_state", "self_renewal_date", "self_renewal_problem", "refused_end"
    )
    @api.depends_context("lang")
    def _compute_self_renewal_text(self):
        for record in self:
            record.self_renewal_text = record._get_self_renewal_text()

    @api.depends("date", "refused_end")
    def _compute_is_renewal_refused(self):
        for record in self:
            end = record.refused_end
            record.is_renewal_refused = bool(end) and end == record.date

    @api.model
    def _search_is_renewal_refused(self, operator, value):
        if operator != "in":
            return NotImplemented
        refused = Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "COALESCE(%s = %s, FALSE)",
                model._field_to_sql(alias, "refused_end", query),
                model._field_to_sql(alias, "date", query),
            ),
            predicate=lambda record: record.is_renewal_refused,
        )
        return refused if True in value else ~refused

    # ------------------------------------------------------------------ refusing

    def _refuse_renewal(self):
        """Note that the clients of these do not want another term: they do not renew by
        themselves, and what renewed by itself and has not started is cancelled.

        :raise UserError: when one has no end, or somebody renewed it by hand
        """
        self.check_access("write")
        for record in self:
            record._verify_refusable()
        if self.renewal_id:
            self.renewal_id.action_cancel()
        for record in self.filtered(lambda one: not one.is_renewal_refused):
            record._set({"refused_end": record.date, "self_renewal_problem": False})
            record._log_refusal("renewal_refused")

    def _verify_refusable(self):
        if not (self.date and self.in_progress):
            raise UserError(
                self.env._(
                    "%(subscription)s has no term that ends, so there is no renewal to"
                    " refuse. Close it instead.",
                    subscription=self.display_name,
                )
            )
        # sudo: the user need not read who renewed it.
        if self.renewal_id and not self.renewal_id.sudo().is_by_itself:
            raise UserError(
                self.env._(
                    "%(subscription)s was renewed by hand. Cancel that renewal first,"
                    " if it is not wanted.",
                    subscription=self.display_name,
                )
            )

    def _accept_renewal(self):
        """Take back that the clients of these refuse another term."""
        self.check_access("write")
        refused = self.filtered("is_renewal_refused")
        refused._set({"refused_end": False})
        for record in refused:
            record._log_refusal("renewal_accepted")

    def _log_refusal(self, event):
        self.env["subscription.log"]._log_entries(
            [
                {
                    "event": event,
                    "client_id": self.client_id.id,
                    "subscription_id": self.id,
                    "new_value": fields.Date.to_string(self.date),
                }
            ]
        )

    # ------------------------------------------------------------------ words

    def _get_self_renewal_text(self):
        """Return in a sentence what becomes of this subscription when its term ends;
        empty where somebody has to renew it."""
        self.ensure_one()
        if not (self.date and self.in_progress) or self.renewal_state == "renewed":
            return ""
        if self.is_renewal_refused:
            return self.env._("The client refused another term.")
        if self.renewal_choice == "none":
            return self.env._("It is not renewed: so it was chosen.")
        if self.renewal_choice not in SELF_CHOICES:
            return ""
        return self._get_due_text(format_date(self.env, self.self_renewal_date))

    def _get_due_text(self, day):
        """Return when this renews by itself, on ``day``, or what is in the way."""
        problem = self.self_renewal_problem
        if problem and self.company_id._get_today() < self.self_renewal_date:
            return self.env._(
                "It cannot renew by itself on %(day)s as things are: %(problem)s",
                day=day,
                problem=problem,
            )
        if problem:
            return self.env._(
                "It could not renew by itself, which is tried again each day:"
                " %(problem)s",
                problem=problem,
            )
        if self.renewal_choice == "same":
            return self.env._(
                "It renews by itself on %(day)s, with the same seats.", day=day
            )
        return self.env._(
            "It renews by itself on %(day)s, with the seats in use then.", day=day
        )

    # ------------------------------------------------------------------ actions

    def action_refuse_renewal(self):
        """Note that the client refuses another term."""
        self._refuse_renewal()

    def action_accept_renewal(self):
        """Note that the client does not refuse another term any more."""
        self._accept_renewal()
