from odoo import api, fields, models
from odoo.exceptions import UserError

from ..seat.subscription_seat_pool import ALERTING_STATES

# In the context while upstream moves a stage; nobody can send it from outside.
MOVING_STAGE = object()
# What decides whether seats can be given.
RUNNING_FIELDS = {"stage_id", "in_progress", "active", "date_start", "date"}


class SaleSubscription(models.Model):
    _name = "sale.subscription"
    _inherit = [
        "sale.subscription",
        "subscription.computed.mixin",
        "subscription.locking.mixin",
    ]

    # Upstream evaluates these defaults once, when the server starts.
    date_start = fields.Date(default=fields.Date.context_today, copy=False)
    recurring_next_date = fields.Date(default=fields.Date.context_today, copy=False)

    # Upstream's copy is in progress without ever having started.
    stage_id = fields.Many2one(copy=False)
    in_progress = fields.Boolean(copy=False)
    close_reason_id = fields.Many2one(copy=False)

    # Upstream counts as the user, who may start a contract without reading invoices.
    account_invoice_ids_count = fields.Integer(compute_sudo=True)

    client_id = fields.Many2one(
        related="partner_id.commercial_partner_id",
        string="Client",
        store=True,
        index=True,
    )
    managing_partner_id = fields.Many2one(
        related="client_id.managing_partner_id", store=True, index=True
    )
    seat_pool_ids = fields.One2many(
        "subscription.seat.pool", "subscription_id", string="Seats"
    )
    seat_count = fields.Integer(string="Seats in Use", compute="_compute_seat_count")
    seat_state = fields.Selection(
        lambda self: self.env["subscription.seat.usage"]._get_choices("state"),
        compute="_compute_seat_state",
        help="The state of the pool that most needs attention.",
    )
    seat_reason = fields.Text(compute="_compute_seat_state")
    has_free_seat = fields.Boolean(compute="_compute_seat_state")
    has_running_seats = fields.Boolean(compute="_compute_seat_state")
    member_count = fields.Integer(related="client_id.member_count")
    billed_member_count = fields.Integer(related="client_id.billed_member_count")

    @api.depends("seat_pool_ids.used")
    def _compute_seat_count(self):
        for subscription in self:
            subscription.seat_count = sum(subscription.seat_pool_ids.mapped("used"))

    @api.depends("seat_pool_ids.state", "seat_pool_ids.state_reason")
    @api.depends_context("lang", "uid")
    def _compute_seat_state(self):
        # Of all at once: those that are filtered below would be computed one by one.
        self.seat_pool_ids.mapped("state_reason")
        for subscription in self:
            pools = subscription.seat_pool_ids
            alerting = pools.filtered(lambda pool: pool.state in ALERTING_STATES)
            reasons = [
                self.env._(
                    "%(module)s: %(reason)s",
                    module=pool.module_id.name,
                    reason=pool.state_reason,
                )
                for pool in alerting
            ]
            subscription.has_free_seat = any(pool._get_room() for pool in pools)
            subscription.has_running_seats = any(pools.mapped("is_running"))
            if pools and not subscription.has_running_seats:
                subscription.seat_state = "misconfigured"
                subscription.seat_reason = pools[0].state_reason
            else:
                subscription.seat_state = pools._get_alert_state()
                subscription.seat_reason = "\n".join(reasons)

    # Upstream depends on the lines alone, not on what they amount to.
    @api.depends(
        "sale_subscription_line_ids.price_subtotal",
        "sale_subscription_line_ids.amount_tax_line_amount",
    )
    def _compute_total(self):
        return super()._compute_total()

    # ------------------------------------------------------------------ doors

    @api.model_create_multi
    def create(self, vals_list):
        """Create subscriptions, each with the pools of its plan."""
        subscriptions = super().create(
            [self._complete_values(vals) for vals in vals_list]
        )
        # Upstream leaves the stage empty unless both dates are given.
        unstaged = subscriptions.filtered(lambda record: not record.stage_id)
        unstaged.stage_id = self.env["sale.subscription.stage"].search(
            [("type", "=", "draft")], limit=1
        )
        subscriptions._add_plan_pools()
        return subscriptions

    def write(self, vals):
        """Change subscriptions.

        :raise UserError: when a client with seats in use would change, a plan would not
            hold the seats in use, or a term would change without a renewal
        :raise SeatRefusal: when a subscription starts whose members do not fit
        :raise LicenceRefusal: when one starts whose licences the partner does not have
        """
        if self.env.context.get("moving_stage") is MOVING_STAGE:
            vals = self._drop_moved_dates(vals)
        self.check_access("write")
        if "partner_id" in vals:
            self._verify_same_client(self.env["res.partner"].browse(vals["partner_id"]))
        self._verify_dates_kept(vals)
        plans = {record: record.template_id for record in self}
        ends = {record: record.date for record in self if record.in_progress}
        moving = self.with_context(moving_stage=MOVING_STAGE)
        result = super(SaleSubscription, moving if "stage_id" in vals else self).write(
            vals
        )
        if RUNNING_FIELDS & set(vals):
            self._verify_not_over()
            self.seat_pool_ids._take_licences()
            self.seat_pool_ids._seat_waiting_members()
            self._log_ends(ends)
        if "template_id" in vals:
            self._log_plans(plans)
            self._note_fixed(ends)
            self._apply_plan()
            self.seat_pool_ids._take_licences()
        return result

    @api.model
    def _complete_values(self, vals):
        """Return ``vals`` with the start date that upstream's ``create`` cannot do
        without, and moves otherwise to the next invoice's when that is earlier."""
        # With it, upstream would set an end that is a day too late.
        boundary = {"recurring_rule_boundary"} & set(vals)
        vals = {name: vals[name] for name in set(vals) - boundary}
        if "date_start" not in vals and not boundary:
            return vals
        start = fields.Date.to_date(vals.get("date_start"))
        start = start or fields.Date.context_today(self)
        complete = dict(vals, date_start=start)
        next_date = fields.Date.to_date(vals.get("recurring_next_date"))
        if next_date:
            complete["recurring_next_date"] = max(next_date, start)
        return complete

    def _drop_moved_dates(self, vals):
        """Return ``vals`` without the dates that upstream moves to today's, unless they
        are empty: it starts the term anew at each move to a stage in progress."""
        if not self._is_managed():
            return vals
        moved = {name for name in ("date_start", "recurring_next_date") if self[name]}
        return {name: vals[name] for name in set(vals) - moved}

    def _verify_same_client(self, partner):
        """:raise UserError: when seats, in use or in the past, or the licences of a
        term belong to another client than ``partner``"""
        self.sudo().seat_pool_ids._claim("seat_ids")
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

    def _repoint_client(self, partner):
        """Point these subscriptions to the contact that theirs was merged into."""
        super().write({"partner_id": partner.id})

    # ------------------------------------------------------------------ plan

    def _add_plan_pools(self):
        """Give these subscriptions the pools of their plans that they lack."""
        self.env["subscription.seat.pool"].sudo().create(
            [
                dict(line._prepare_pool_values(), subscription_id=subscription.id)
                for subscription in self
                for line in subscription.template_id.plan_line_ids
                if line.module_id not in subscription.seat_pool_ids.module_id
            ]
        )

    def _log_plans(self, plans):
        """Note in the audit trail whose plan is not the one in ``plans`` any more."""
        self.env["subscription.log"]._log(
            [
                {
                    "event": "plan",
                    "client_id": record.client_id.id,
                    "subscription_id": record.id,
                    "old_value": plan.display_name,
                    "new_value": record.template_id.display_name,
                }
                for record, plan in plans.items()
                if record.template_id != plan
            ]
        )

    def _log_ends(self, ends):
        """Note in the audit trail whose running term does not end as in ``ends``."""
        self.env["subscription.log"]._log(
            [
                {
                    "event": "term_dates",
                    "client_id": record.client_id.id,
                    "subscription_id": record.id,
                    "old_value": fields.Date.to_string(end),
                    "new_value": fields.Date.to_string(record.date),
                }
                for record, end in ends.items()
                if record.date != end
            ]
        )

    def _apply_plan(self):
        """Make the pools of these subscriptions those of their plans.

        Pools of modules that the plan does not have are deleted or, where they were
        ever used, left with no seats.

        :raise UserError: when more seats are in use than the plan has
        """
        for subscription in self:
            lines = subscription.template_id.plan_line_ids.grouped("module_id")
            for pool in subscription.sudo().seat_pool_ids:
                if pool.module_id in lines:
                    pool.write(lines[pool.module_id]._prepare_pool_limits())
                else:
                    pool._drop()
        self._add_plan_pools()

    # ------------------------------------------------------------------ actions

    def action_add_module(self):
        """Open a new pool of this subscription in a dialog."""
        return dict(
            self._get_client_action(
                "subscription_seat_pool_action", default_subscription_id=self.id
            ),
            name=self.env._("Add a Module"),
        )

    def action_add_users(self):
        """Open the wizard *Add users* on this subscription."""
        return self._get_client_action("subscription_seat_grant_action")

    def action_invite_accountant(self):
        """Open the wizard *Invite accountant* for the client."""
        return self.client_id.action_invite_accountant()

    def action_remove_inactive(self):
        """Open the wizard *Remove inactive members* on the client."""
        return self._get_client_action("subscription_member_remove_action")

    def action_view_members(self):
        """Open the members of the client."""
        return self.client_id.action_view_members()

    def action_view_seats(self):
        """Open the usage of the seats of this subscription."""
        action = self._get_client_action("subscription_seat_usage_action")
        return dict(action, domain=[("subscription_id", "=", self.id)])

    def action_view_audit(self):
        """Open what was done to this subscription, and to its client as a whole."""
        action = self._get_client_action(
            "subscription_audit_action", audit_of_client=True
        )
        return dict(action, domain=self._get_audit_domain())

    def _get_audit_domain(self):
        """Return the domain of :meth:`action_view_audit`."""
        return [
            "|",
            ("subscription_id", "=", self.id),
            "&",
            ("subscription_id", "=", False),
            ("client_id", "=", self.client_id.id),
        ]

    def _get_client_action(self, xmlid, **context):
        """Return the action of this module called ``xmlid``, for the client."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            f"partner_managed_subscription.{xmlid}"
        )
        return dict(action, context={"default_client_id": self.client_id.id, **context})
