from odoo import api, fields, models

from .gap_words import describe, open_gap
from .gaps import unpack
from .sale_subscription_einvoice import HELD, NOTICE


class SubscriptionBillingProblem(models.Model):
    """Electronic invoices that lack data: held back, or posted without."""

    _inherit = "subscription.billing.problem"

    code = fields.Selection(
        selection_add=[
            (HELD, "Held back without electronic invoice"),
            (NOTICE, "Posted without electronic invoice"),
        ],
        ondelete={HELD: "cascade", NOTICE: "cascade"},
    )
    has_missing = fields.Boolean(compute="_compute_has_missing", exportable=False)

    @api.depends("code")
    def _compute_has_missing(self):
        for problem in self:
            problem.has_missing = problem.code in (HELD, NOTICE)

    @api.model
    def _get_texts(self):
        return super()._get_texts() | {
            HELD: lambda detail: self.env._(
                "The invoice is held back, since its electronic invoice lacks data."
                " %(missing)s",
                missing=describe(self.env, unpack(detail)),
            ),
            NOTICE: lambda detail: self.env._(
                "It was billed without an electronic invoice, since data are missing."
                " %(missing)s",
                missing=describe(self.env, unpack(detail)),
            ),
        }

    @api.model
    def _review_notices(self):
        """Look again at what was posted without its electronic invoice: data that were
        entered meanwhile solve it."""
        # sudo: problems are kept by the program alone.
        opened = self.sudo().search([("code", "=", NOTICE), ("solved_at", "=", False)])
        opened.subscription_id._note_problems({})
        for problem in opened.filtered(lambda one: not one.subscription_id):
            problem.client_id._note_billing_problem(problem.company_id, None)

    def action_open_missing(self):
        """Open the record where the first thing is entered that is missing.

        :raise AccessError: when the user may not see it
        """
        self.check_access("read")
        return open_gap(self.env, unpack(self.detail) if self.has_missing else [])


class SaleSubscription(models.Model):
    """Whether what is listed of a subscription was billed all the same."""

    _inherit = "sale.subscription"

    has_billing_notice = fields.Boolean(
        compute="_compute_has_billing_notice",
        compute_sudo=True,
        exportable=False,
    )

    @api.depends("billing_problem_ids.code")
    def _compute_has_billing_notice(self):
        for record in self:
            codes = record.billing_problem_ids.mapped("code")
            record.has_billing_notice = NOTICE in codes
