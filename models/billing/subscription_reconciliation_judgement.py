from odoo import api, models
from odoo.tools import SQL


class SubscriptionReconciliation(models.Model):
    """What a row of the reconciliation says: whether what was billed is what should
    have been."""

    _inherit = "subscription.reconciliation"

    @api.model
    def _get_later_sql(self):
        """Return whether the day is in a period that is not due yet."""
        return SQL("(billed.quantity = 0 AND NOT about.is_covered AND about.is_ahead)")

    @api.model
    def _get_uncovered_sql(self):
        """Return the contracted seats for which the term took no licences."""
        return SQL(
            """
            CASE WHEN NOT about.is_billable OR NOT module.is_licensed
                      OR pool.is_unlimited THEN 0
                 WHEN ledger.quantity <= 0 THEN COALESCE(contract.seats, 0)
                 WHEN about.next_start IS NULL
                      THEN GREATEST(
                           contract.seats - COALESCE(pool.licensed_seats, 0), 0)
                 ELSE 0
            END
            """
        )

    @api.model
    def _get_difference_sql(self, uncovered):
        """Return what should have been billed for the day, less what was.

        :param SQL uncovered: seats without licences, where those pay
        """
        return SQL(
            """
            CASE WHEN about.paid_by = 'licences' THEN %(uncovered)s
                 WHEN %(later)s THEN 0
                 ELSE expected.quantity - billed.quantity
            END
            """,
            uncovered=uncovered,
            later=self._get_later_sql(),
        )

    @api.model
    def _get_state_sql(self):
        return SQL(
            """
            CASE WHEN judged.difference <> 0 THEN 'difference'
                 WHEN expected.quantity <> 0 AND %(later)s THEN 'later'
                 WHEN expected.quantity = 0 AND billed.quantity = 0
                      AND about.paid_by IS DISTINCT FROM 'licences' THEN 'none'
                 ELSE 'equal'
            END
            """,
            later=self._get_later_sql(),
        )
