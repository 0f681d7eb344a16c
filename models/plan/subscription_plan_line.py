import math

from odoo import fields, models


class SubscriptionPlanLine(models.Model):
    _name = "subscription.plan.line"
    _inherit = ["subscription.protected.fields.mixin"]
    _description = "Plan Line"
    _order = "template_id, is_base desc, sequence, id"
    _rec_name = "module_id"

    template_id = fields.Many2one(
        "sale.subscription.template",
        string="Plan",
        required=True,
        ondelete="cascade",
        index=True,
    )
    module_id = fields.Many2one(
        "subscription.module", required=True, ondelete="restrict"
    )
    is_base = fields.Boolean(related="module_id.is_base", store=True)
    sequence = fields.Integer(related="module_id.sequence", store=True)
    seat_limit = fields.Integer(string="Seats")
    is_unlimited = fields.Boolean(string="Unlimited")

    _seat_limit_positive = models.Constraint(
        "CHECK (seat_limit BETWEEN 0 AND 1000000)",
        "The number of seats must lie between 0 and 1,000,000. Choose Unlimited for"
        " more.",
    )
    _module_unique = models.Constraint(
        "UNIQUE (template_id, module_id)",
        "The plan has a line for this module already.",
    )

    def _get_limit(self):
        """Return the seats of this line, infinity where it has no limit."""
        return math.inf if self.is_unlimited else self.seat_limit

    def _prepare_pool_limits(self):
        """Return the values that this line sets on a pool of its module."""
        return {"seat_limit": self.seat_limit, "is_unlimited": self.is_unlimited}

    def _prepare_pool_values(self):
        """Return the values of the pool that this line gives a subscription."""
        return dict(self._prepare_pool_limits(), module_id=self.module_id.id)
