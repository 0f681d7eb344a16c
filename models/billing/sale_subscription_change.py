from odoo import models
from odoo.exceptions import UserError

from .sale_subscription_template_billing import LONGEST


class SaleSubscription(models.Model):
    """Other billing terms for a subscription, agreed with its client."""

    _inherit = "sale.subscription"

    def _change_billing(self, values):
        """Agree to other billing terms, ``values``, from the next period on.

        :raise UserError: when licences pay for the subscription, or its periods could
            not be billed by these terms
        """
        self.ensure_one()
        self.check_access("write")
        self._lock_exclusive("statement_ids")
        self._verify_changeable()
        # sudo: what was agreed is compared, and kept by the program alone.
        record = self.sudo()
        agreed = {**record.billing_terms_ids[-1:]._get_values(), **values}
        record._verify_billing_terms(agreed)
        record._set_billing_terms(values)

    def _verify_changeable(self):
        """:raise UserError: when no period of this subscription is billed"""
        if not (self.is_billed_by_period and self.sudo().billing_terms_ids):
            raise UserError(
                self.env._(
                    "%(subscription)s: there is nothing to change before it has"
                    " started, or while licences pay for it. Choose another plan.",
                    subscription=self.display_name,
                )
            )

    def _verify_billing_terms(self, values):
        """:raise UserError: saying why the periods of this subscription could not be
        billed by ``values``"""
        basis, unit = values["billing_basis"], values["period_unit"]
        name = self.display_name
        if basis != "contracted" and values["period_count"] > LONGEST[unit]:
            raise UserError(
                self.env._(
                    "%(subscription)s: members, teams and seats in use are counted once"
                    " a period, so a period lasts a quarter at most.",
                    subscription=name,
                )
            )
        if basis in ("members", "teams") and not values["billing_product_id"]:
            raise UserError(
                self.env._(
                    "%(subscription)s: choose the product that members or teams are"
                    " billed with.",
                    subscription=name,
                )
            )
        billed = self.seat_pool_ids.filtered("is_billed")
        unlimited = billed.filtered("is_unlimited").module_id
        if basis == "contracted" and unlimited:
            raise UserError(
                self.env._(
                    "%(subscription)s: contracted seats are billed by their number, and"
                    " %(modules)s has none. Enter one first, or bill seats in use.",
                    subscription=name,
                    modules=", ".join(unlimited.mapped("display_name")),
                )
            )

    # ------------------------------------------------------------------ actions

    def action_change_billing(self):
        """Open the dialog that agrees to other billing terms.

        :raise UserError: when no period of this subscription is billed
        """
        self.ensure_one()
        self._verify_changeable()
        return self._open_action(
            "subscription_billing_change_action",
            context={"default_subscription_id": self.id},
        )

    def action_retry_billing(self):
        """Try to bill again what could not be billed."""
        self.billing_problem_ids.action_retry()

    def action_view_statements(self):
        """Open the statements of this subscription."""
        self.ensure_one()
        return self._open_action(
            "subscription_statement_action",
            domain=[("subscription_id", "=", self.id)],
            context={},
        )
