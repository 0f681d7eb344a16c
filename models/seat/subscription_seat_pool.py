import math

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core.changes import write_changes

# Fields that decide how many seats there are of which module, and who pays for them.
LIMITING_FIELDS = {"seat_limit", "is_unlimited", "module_id", "subscription_id"}
# The limit of pools without one, in the audit trail.
UNLIMITED = "unlimited"


class SubscriptionSeatPool(models.Model):
    """The contracted seats of one module in one subscription.

    The seats of a pool are numbered from 1 to its limit: assigning a seat takes a free
    number, and a unique index refuses a number that is taken. See :meth:`_grant`.
    """

    _name = "subscription.seat.pool"
    _inherit = [
        "subscription.protected.fields.mixin",
        "subscription.locking.mixin",
        "subscription.seen.values.mixin",
    ]
    _watched_fields = ("seat_limit", "is_unlimited")
    _description = "Seat Pool"
    _order = "subscription_id, is_base desc, sequence, id"
    _rec_names_search = ["module_id", "client_id"]

    subscription_id = fields.Many2one(
        "sale.subscription", required=True, ondelete="cascade", index=True
    )
    module_id = fields.Many2one(
        "subscription.module", required=True, ondelete="restrict"
    )
    is_base = fields.Boolean(related="module_id.is_base", store=True)
    sequence = fields.Integer(related="module_id.sequence", store=True)
    client_id = fields.Many2one(
        related="subscription_id.client_id", store=True, index=True
    )
    managing_partner_id = fields.Many2one(
        related="subscription_id.managing_partner_id", store=True, index=True
    )
    management_path = fields.Char(
        related="client_id.management_path", store=True, exportable=False
    )
    company_id = fields.Many2one(related="subscription_id.company_id", store=True)
    seat_limit = fields.Integer(
        string="Seats",
        required=True,
        default=0,
        help="Contracted seats. 0 means that none are contracted yet.",
    )
    is_unlimited = fields.Boolean(string="Unlimited")
    seat_ids = fields.One2many(
        "subscription.seat",
        "pool_id",
        domain=[("released_at", "=", False)],
        exportable=False,
    )
    choosable_module_ids = fields.Many2many(
        "subscription.module",
        compute="_compute_choosable_module_ids",
        exportable=False,
    )

    _management_path = models.Index("(management_path text_pattern_ops)")
    _seat_limit_positive = models.Constraint(
        "CHECK (seat_limit BETWEEN 0 AND 1000000)",
        "The number of seats must lie between 0 and 1,000,000. Choose Unlimited for"
        " more.",
    )
    _module_unique = models.Constraint(
        "UNIQUE (subscription_id, module_id)",
        "The subscription has a pool for this module already.",
    )

    @api.depends("subscription_id.seat_pool_ids.module_id")
    def _compute_choosable_module_ids(self):
        modules = self.env["subscription.module"].search([("active", "=", True)])
        for pool in self:
            others = pool.subscription_id.seat_pool_ids - pool._origin
            pool.choosable_module_ids = modules - others.module_id

    # ------------------------------------------------------------------ changes

    @api.model_create_multi
    def create(self, vals_list):
        """Open pools.

        :raise UserError: when the partner's staff would contract seats without limit
        :raise LicenceRefusal: when the partner does not have the licences
        """
        pools = super().create(vals_list)
        # They keep the path of their client as well.
        pools.subscription_id._lock_clients()
        pools._verify_contract()
        pools._limits_changed({})
        pools._seat_waiting_members()
        return pools

    @write_changes
    def write(self, vals):
        """Change the contract of these pools.

        :raise UserError: when a limit would sink below the seats in use, a pool that
            has been used would change its subscription or module, or the partner's
            staff would contract seats without limit
        :raise LicenceRefusal: when a limit rises and the partner does not have the
            licences
        """
        if not LIMITING_FIELDS & set(vals):
            return super().write(vals)
        if {"subscription_id", "module_id"} & set(vals):
            self._prepare_move()
        # Locked against parallel grants: a limit must not sink below a seat just
        # assigned, nor may a member be added who is not seated by the new limit.
        self.filtered("is_base").client_id._lock_exclusive("subscription_member_ids")
        self._lock_exclusive("seat_ids")
        limits = {pool: pool._get_limit() for pool in self}
        result = super().write(vals)
        if "subscription_id" in vals:
            self.subscription_id._lock_clients()
        if {"is_unlimited", "module_id", "subscription_id"} & set(vals):
            self._verify_contract()
        self._limits_changed(limits)
        lowered = self.filtered(lambda pool: pool._get_limit() < limits[pool])
        lowered._verify_limit()
        self._renumber()
        (self - lowered)._seat_waiting_members()
        return result

    def unlink(self):
        """Delete pools that have never been used; the audit trail keeps their limits.

        :raise UserError: when seats of these pools are or were in use
        """
        entries = [
            dict(pool._prepare_limit_entry(pool._get_limit(), 0), pool_id=False)
            for pool in self
            if pool._get_limit()
        ]
        result = super().unlink()
        self.env["subscription.log"]._log_entries(entries)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        self._verify_unused()

    def _get_ever_used(self):
        """Return those of these pools that have, or ever had, a seat in use."""
        # sudo: seats that the user cannot read are used as well.
        seats = self.env["subscription.seat"].sudo()
        groups = seats._read_group([("pool_id", "in", self.ids)], ["pool_id"])
        return self.browse(pool.id for (pool,) in groups)

    def _verify_unused(self):
        """:raise UserError: when seats of these pools are or were in use"""
        used = self._get_ever_used()
        if used:
            raise UserError(
                self.env._(
                    "%(pools)s: seats of it are or were in use, and their history"
                    " must stay. Set the seats to 0 instead.",
                    pools=", ".join(used.mapped("display_name")),
                )
            )

    # ------------------------------------------------------------------ hooks
    # Lower folders override them with what follows for licences.

    def _verify_contract(self):
        """Refuse seats that these pools may not have, after they were contracted."""

    def _limits_changed(self, limits):
        """Do what follows from limits that differ from ``limits``; pools that it lacks
        had no seats."""
        self._log_limits(limits)

    def _prepare_move(self):
        """Prepare to move these pools to another subscription or module.

        :raise UserError: when they have to stay as they are
        """
        self._verify_unused()

    def _get_bound(self):
        """Return those of these pools that stay with their client: those ever used."""
        return self._get_ever_used()

    def _get_kept(self):
        """Return those of these pools that stay though the plan lacks their module."""
        return self._get_ever_used()

    def _remove_or_zero(self):
        """Delete these pools; those that are to be kept stay with no seats.

        :raise UserError: when seats are in use
        """
        staying = self._get_kept()
        staying.write({"seat_limit": 0, "is_unlimited": False})
        (self - staying).unlink()

    # ------------------------------------------------------------------ limits

    def _get_limit(self):
        """Return the number of seats of this pool, infinity where it has no limit."""
        return math.inf if self.is_unlimited else self.seat_limit

    def _verify_limit(self):
        """Check that these pools, locked, have no more seats in use than their limits.

        :raise UserError: how many seats must be freed first, a line a pool
        """
        overfull = self.filtered(lambda pool: pool.used > pool._get_limit())
        if overfull:
            raise UserError("\n".join(map(self._get_lowering_refusal, overfull)))

    @api.model
    def _get_lowering_refusal(self, pool):
        """Return in a sentence why ``pool`` cannot have its new limit."""
        return self.env._(
            "%(pool)s: %(used)s seats are in use, so the limit cannot be lowered to"
            " %(limit)s before %(over)s of them are freed.",
            pool=pool.display_name,
            used=pool.used,
            limit=pool.seat_limit,
            over=pool.used - pool.seat_limit,
        )

    def _log_limits(self, limits):
        """Log the pools whose limits differ from ``limits``; those that it lacks had no
        seats."""
        self.env["subscription.log"]._log_entries(
            [
                pool._prepare_limit_entry(limits.get(pool, 0), pool._get_limit())
                for pool in self
                if pool._get_limit() != limits.get(pool, 0)
            ]
        )

    def _prepare_limit_entry(self, old_limit, new_limit):
        """Return the entry of the audit trail on a change of the limit of this pool."""
        return {
            "event": "limit",
            "client_id": self.client_id.id,
            "subscription_id": self.subscription_id.id,
            "pool_id": self.id,
            "module_id": self.module_id.id,
            "old_value": self._get_limit_text(old_limit),
            "new_value": self._get_limit_text(new_limit),
        }

    @api.model
    def _get_limit_text(self, limit):
        """Return ``limit``, as :meth:`_get_limit` has it, as the log keeps it."""
        return UNLIMITED if limit == math.inf else str(limit)

    # ------------------------------------------------------------------ actions

    def action_open(self):
        """Open this pool in a dialog, where its number of seats can be changed."""
        self.ensure_one()
        return self._open_action(
            "subscription_seat_pool_action", name=self.display_name, res_id=self.id
        )

    def action_remove(self):
        """Take this module out of its subscription.

        :raise UserError: when seats are in use
        """
        self.check_access("unlink")
        self._remove_or_zero()
        return {"type": "ir.actions.act_window_close"}

    def action_add_users(self):
        """Open the wizard *Add users* on these pools."""
        return self._open_seat_action("subscription_seat_grant_action")

    def action_remove_access(self):
        """Open the wizard *Remove access* on these pools."""
        return self._open_seat_action("subscription_seat_release_action")

    def _open_seat_action(self, xmlid):
        """Return the action of this addon called ``xmlid``, for these pools."""
        context = {
            "default_client_id": self.client_id[:1].id,
            "default_pool_ids": self.ids,
        }
        return self._open_action(xmlid, context=context)
