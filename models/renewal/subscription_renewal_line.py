import math

from odoo import fields, models

from ...terms import LICENCE_DIGITS


class SubscriptionRenewalLine(models.Model):
    """The seats of one module in the next term of a subscription."""

    _name = "subscription.renewal.line"
    _description = "Renewed Seats"
    _order = "renewal_id, is_base desc, sequence, id"
    _rec_name = "module_id"

    renewal_id = fields.Many2one(
        "subscription.renewal", required=True, ondelete="cascade", index=True
    )
    subscription_id = fields.Many2one(related="renewal_id.subscription_id")
    currency_id = fields.Many2one(related="renewal_id.currency_id")
    pool_id = fields.Many2one(
        "subscription.seat.pool", ondelete="set null", index="btree_not_null"
    )
    module_id = fields.Many2one(
        "subscription.module", required=True, ondelete="restrict"
    )
    is_base = fields.Boolean(related="module_id.is_base", store=True)
    sequence = fields.Integer(related="module_id.sequence", store=True)
    seats = fields.Integer(help="Seats that the term starts with.")
    is_unlimited = fields.Boolean(string="Unlimited")
    licences = fields.Float(digits=LICENCE_DIGITS, help="Licences that were taken.")
    price_unit = fields.Monetary(
        string="Price of a Licence", help="One user of the module for one year."
    )

    _module_unique = models.Constraint(
        "UNIQUE (renewal_id, module_id)", "A renewal has each module once."
    )

    def _get_limit(self):
        """Return the number of seats of this line, infinity where it has no limit."""
        return math.inf if self.is_unlimited else self.seats

    def _get_change_text(self, pool):
        """Return how many seats the next term has instead of those of ``pool``."""
        return self.env._(
            "%(module)s %(next)s instead of %(now)s",
            module=self.module_id.name,
            next=pool._get_limit_text(self._get_limit()),
            now=pool._get_limit_text(pool._get_limit()),
        )
