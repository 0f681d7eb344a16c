from odoo import api, fields, models
from odoo.exceptions import ValidationError

# A period whose members, teams or seats in use are counted is at most a quarter.
LONGEST = {"days": 92, "weeks": 13, "months": 3, "years": 0}


class SaleSubscriptionTemplate(models.Model):
    """How the periods of plans are billed."""

    _name = "sale.subscription.template"
    _inherit = ["sale.subscription.template", "subscription.billing.terms.mixin"]

    billing_warning = fields.Text(
        compute="_compute_billing_warning",
        help="What may be wrong with the products that the plan bills.",
        exportable=False,
    )

    @api.depends("recurring_rule_type", "recurring_interval")
    def _compute_billing_raise(self):
        return super()._compute_billing_raise()

    def _get_interval(self):
        return self._get_unit(), self._get_period_length()

    @api.depends("paid_by", "billing_product_id", "plan_line_ids.module_id.product_id")
    @api.depends_context("lang", "company")
    def _compute_billing_warning(self):
        for plan in self:
            products = plan._get_billed_products() if plan.paid_by == "period" else ()
            plan.billing_warning = "\n".join(
                self.env._(
                    "%(product)s: its tax %(tax)s is one for goods. Subscriptions are"
                    " services.",
                    product=product.display_name,
                    tax=tax.name,
                )
                for product in products
                for tax in product.taxes_id
                if tax.tax_scope == "consu"
            )

    def _get_billed_products(self):
        """Return the products that periods of this plan are billed with."""
        if self.billing_basis in ("members", "teams"):
            return self.billing_product_id
        return self.plan_line_ids.filtered("is_billed").module_id.product_id

    @api.constrains(
        "billing_basis", "paid_by", "recurring_rule_type", "recurring_interval"
    )
    def _check_billing(self):
        """Check that what is counted once a period is counted often enough, and that
        contracted seats have a number."""
        for plan in self.filtered(lambda plan: plan.paid_by == "period"):
            unit, count = plan._get_interval()
            if plan.billing_basis != "contracted" and count > LONGEST[unit]:
                raise ValidationError(
                    self.env._(
                        "%(plan)s: members, teams and seats in use are counted once a"
                        " period, so a period lasts a quarter at most. Bill contracted"
                        " seats, or choose a shorter period.",
                        plan=plan.display_name,
                    )
                )
            plan._verify_numbered()

    def _verify_numbered(self):
        """:raise ValidationError: when contracted seats are billed that are
        unlimited"""
        unlimited = self.plan_line_ids.filtered(
            lambda line: line.is_billed and line.is_unlimited
        )
        if (
            self.paid_by == "period"
            and self.billing_basis == "contracted"
            and unlimited
        ):
            raise ValidationError(
                self.env._(
                    "%(plan)s: contracted seats are billed by their number, so"
                    " %(modules)s cannot be unlimited. Bill seats in use, or include"
                    " the module.",
                    plan=self.display_name,
                    modules=", ".join(unlimited.module_id.mapped("display_name")),
                )
            )
