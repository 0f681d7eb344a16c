from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..access.values import to_items


class SaleSubscription(models.Model):
    """The seats of subscriptions."""

    _inherit = "sale.subscription"

    seat_pool_ids = fields.One2many(
        "subscription.seat.pool", "subscription_id", string="Seats"
    )
    seat_count = fields.Integer(
        string="Seats in Use", compute="_compute_seat_count", exportable=False
    )
    seat_state = fields.Selection(
        lambda self: self.env["subscription.seat.usage"]._get_choices("state"),
        compute="_compute_seat_state",
        help="The state of the pool that most needs attention.",
    )
    seat_count_text = fields.Char(
        string="Seats in Use of Limit", compute="_compute_seat_count", exportable=False
    )
    seat_reason = fields.Text(
        compute="_compute_seat_state",
        exportable=False,
        help="Why no seat can be given: of which modules all are in use, or why none is"
        " there.",
    )
    seat_warning = fields.Text(
        compute="_compute_seat_state",
        exportable=False,
        help="Of which modules few seats are left.",
    )
    has_free_seat = fields.Boolean(compute="_compute_seat_state", exportable=False)
    has_running_seats = fields.Boolean(compute="_compute_seat_state", exportable=False)

    @api.depends(
        "seat_pool_ids.used", "seat_pool_ids.seat_limit", "seat_pool_ids.is_unlimited"
    )
    @api.depends_context("lang")
    def _compute_seat_count(self):
        for subscription in self:
            pools = subscription.seat_pool_ids
            subscription.seat_count = sum(pools.mapped("used"))
            subscription.seat_count_text = pools._get_count_text()

    @api.depends("seat_pool_ids.state", "seat_pool_ids.state_reason")
    @api.depends_context("lang", "uid")
    def _compute_seat_state(self):
        # Compute all at once: those filtered below would be computed one by one.
        self.seat_pool_ids.mapped("state_reason")
        for subscription in self:
            pools = subscription.seat_pool_ids
            subscription.has_free_seat = any(pool._get_room() for pool in pools)
            subscription.has_running_seats = any(pools.mapped("is_running"))
            scarce = pools.filtered(lambda pool: pool.state == "warning")
            subscription.seat_warning = scarce._get_alert_reason()
            if pools and not subscription.has_running_seats:
                subscription.seat_state = "unavailable"
                subscription.seat_reason = pools[0].state_reason
            else:
                subscription.seat_state = pools._get_alert_state()
                subscription.seat_reason = (pools - scarce)._get_alert_reason()

    @api.model_create_multi
    def create(self, vals_list):
        """Create subscriptions, each with the pools of its plan."""
        subscriptions = super().create(vals_list)
        subscriptions._add_plan_pools()
        return subscriptions

    @api.ondelete(at_uninstall=False)
    def _unlink_pools_from_log(self):
        """Take the pools out of the audit trail, which outlives them.

        The database does so as well, but refuses where entry and pool are as young as
        this transaction: it then checks the entry between two of its steps.
        """
        entries = self.env["subscription.log"].sudo()
        pools = self.seat_pool_ids
        entries.search([("pool_id", "in", pools.ids)])._set({"pool_id": False})

    def _verify_change(self, vals):
        super()._verify_change(vals)
        moving = self._get_changed(vals, {"partner_id"})
        if moving:
            moving._verify_same_client(self._get_given(vals, "partner_id"))

    def _term_changed(self, ends):
        """Assign base seats to the members who waited for the term."""
        self.seat_pool_ids._seat_waiting_members()
        super()._term_changed(ends)

    def _plan_changed(self, ends, vals):
        super()._plan_changed(ends, vals)
        self._apply_plan(self._get_given_pools(vals))

    def _verify_same_client(self, partner):
        """:raise UserError: when seats, in use or in the past, or the licences of a
        term belong to another client than ``partner``"""
        # Locked against a parallel grant, whose seat would change client. sudo: pools
        # and licences that the user cannot read bind the subscription as well.
        self.sudo().seat_pool_ids._lock_exclusive("seat_ids")
        for subscription in self.sudo():
            if (
                subscription.client_id != partner.sudo().commercial_partner_id
                and subscription.seat_pool_ids._get_bound()
            ):
                raise UserError(
                    self.env._(
                        "%(subscription)s cannot move to another client: members of"
                        " %(client)s hold or held seats of it, or licences were taken"
                        " for its term. Create another one for that client.",
                        subscription=subscription.display_name,
                        client=subscription.client_id.display_name,
                    )
                )

    def _add_plan_pools(self):
        """Create the pools of their plans that these subscriptions lack; modules that
        were archived are not given any more."""
        # sudo: who may choose the plan gets its pools.
        self.env["subscription.seat.pool"].sudo().create(
            [
                dict(line._prepare_pool_values(), subscription_id=subscription.id)
                for subscription in self
                for line in subscription.template_id.plan_line_ids
                if line.module_id.active
                and line.module_id not in subscription.seat_pool_ids.module_id
            ]
        )

    def _get_given_pools(self, vals):
        """Return the pools of these subscriptions that ``vals``, which were just
        written on them, say something of."""
        items = [one for one in to_items(vals.get("seat_pool_ids")) if len(one) == 3]
        ids = [id_ for code, id_, _ in items if code == Command.UPDATE]
        made = [line for code, _, line in items if code == Command.CREATE]
        modules = [line.get("module_id") for line in made]
        return self.seat_pool_ids.filtered(
            lambda pool: pool.id in ids or pool.module_id.id in modules
        )

    def _apply_plan(self, given):
        """Change the pools of these subscriptions to those of their plans, but for
        those ``given`` along with the plan, which stay as given.

        Pools of modules that the plan does not have are deleted; those that were ever
        used are kept, with 0 seats.

        :raise UserError: when more seats are in use than the plan has
        """
        # sudo: who may choose the plan changes its pools.
        for subscription in self:
            lines = subscription.template_id.plan_line_ids.grouped("module_id")
            for pool in subscription.sudo().seat_pool_ids - given:
                if pool.module_id in lines:
                    pool.write(lines[pool.module_id]._prepare_pool_limits())
                else:
                    pool._remove_or_zero()
        self._add_plan_pools()

    def action_add_module(self):
        """Open a new pool of this subscription in a dialog."""
        return self._open_client_action(
            "subscription_seat_pool_action",
            context={"default_subscription_id": self.id},
            name=self.env._("Add a Module"),
        )

    def action_add_users(self):
        """Open the wizard *Add users* on this subscription."""
        return self._open_client_action("subscription_seat_grant_action")

    def action_remove_inactive(self):
        """Open the wizard *Remove inactive members* on the client."""
        return self._open_client_action("subscription_member_remove_action")

    def action_view_seats(self):
        """Open the usage of the seats of this subscription."""
        return self._open_client_action(
            "subscription_seat_usage_action",
            domain=[("subscription_id", "=", self.id)],
        )
