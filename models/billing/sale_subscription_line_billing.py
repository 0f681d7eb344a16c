from odoo import api, fields, models
from odoo.exceptions import UserError

# What may be changed by hand on lines that follow from seats, members or teams.
OPEN_FIELDS = {"discount", "analytic_distribution"}
SYNCING = object()


class SaleSubscriptionLine(models.Model):
    """Lines that show what a period bills: of a pool, or of members and teams."""

    _inherit = "sale.subscription.line"

    seat_pool_id = fields.Many2one(
        "subscription.seat.pool",
        ondelete="cascade",
        index="btree_not_null",
        copy=False,
        readonly=True,
        help="The pool whose seats the line bills.",
    )
    is_unit = fields.Boolean(
        string="Members or Teams",
        copy=False,
        readonly=True,
        help="The line bills the members or teams of the client.",
    )

    _pool_unique = models.UniqueIndex(
        "(seat_pool_id) WHERE seat_pool_id IS NOT NULL", "The pool has a line already."
    )

    def _is_manual(self):
        """Return whether the line was entered by hand."""
        return not (self.seat_pool_id or self.is_unit)

    def _is_syncing(self):
        return self.env.context.get("syncing_lines") is SYNCING

    @api.model_create_multi
    def create(self, vals_list):
        """Create lines.

        :raise UserError: when a line of seats, members or teams is made by hand, or any
            line where licences pay for the subscription
        """
        lines = super().create(vals_list)
        if not self._is_syncing():
            lines._verify_by_hand()
            lines._verify_paid_by_period()
        return lines

    def write(self, vals):
        """Change lines; those of seats, members and teams but for their discount.

        :raise UserError: when something else of them would change
        """
        if not self._is_syncing() and set(vals) - OPEN_FIELDS:
            self._get_changed(vals, set(vals) - OPEN_FIELDS)._verify_by_hand()
        return super().write(vals)

    def unlink(self):
        """Delete lines that were made by hand.

        :raise UserError: when one follows from seats, members or teams
        """
        if not self._is_syncing():
            self._verify_by_hand()
        return super().unlink()

    def _verify_by_hand(self):
        following = self.filtered(lambda line: not line._is_manual())
        if following:
            raise UserError(
                self.env._(
                    "%(lines)s: this line follows from the seats, members or teams."
                    " Change those; here only the discount and the analytic"
                    " distribution can be changed.",
                    lines=", ".join(
                        line.name or line.product_id.display_name or ""
                        for line in following
                    ),
                )
            )

    def _verify_paid_by_period(self):
        subscriptions = self.sale_subscription_id
        licensed = subscriptions.filtered(
            lambda record: record.managing_partner_id and not record.is_billed_by_period
        )
        if licensed:
            raise UserError(
                self.env._(
                    "%(subscriptions)s: licences pay for this subscription, so nothing"
                    " is invoiced by the period. Choose a plan that is paid by the"
                    " period.",
                    subscriptions=", ".join(licensed.mapped("display_name")),
                )
            )

    # ------------------------------------------------------------------ syncing

    @api.model
    def _unlink_of(self, pools):
        """Delete the lines that bill seats of ``pools``."""
        # sudo: lines follow from what the user may change.
        lines = self.sudo().with_context(syncing_lines=SYNCING)
        lines.search([("seat_pool_id", "in", pools.ids)]).unlink()

    @api.model
    def _sync(self, subscriptions):
        """Make the lines of ``subscriptions`` those of what their periods bill: one for
        each billed pool, or one for the members or teams; none without a product."""
        # sudo: lines follow from what the user may change.
        lines = self.sudo().with_context(syncing_lines=SYNCING)
        for record in subscriptions.sudo():
            wanted = record._get_billed_units() if record.is_billed_by_period else {}
            shown = {
                line.seat_pool_id: line
                for line in record.sale_subscription_line_ids
                if not line._is_manual()
            }
            for pool, line in shown.items():
                if pool not in wanted:
                    line.with_env(lines.env).unlink()
            for pool, (product, quantity) in wanted.items():
                if product:
                    lines._sync_one(record, pool, product, quantity, shown.get(pool))

    def _sync_one(self, record, pool, product, quantity, line):
        values = {"product_id": product.id, "product_uom_qty": quantity}
        if not line:
            self.create(
                [
                    {
                        "sale_subscription_id": record.id,
                        "seat_pool_id": pool.id,
                        "is_unit": not pool,
                        **values,
                    }
                ]
            )
        elif (line.product_id, line.product_uom_qty) != (product, quantity):
            line.with_env(self.env).write(values)
