from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class ResPartner(models.Model):
    """The seats of clients."""

    _inherit = "res.partner"

    seat_pool_ids = fields.One2many(
        "subscription.seat.pool", "client_id", string="Seat Pools"
    )
    seat_used_count = fields.Integer(compute="_compute_seat_counts", exportable=False)
    seat_limit_count = fields.Integer(compute="_compute_seat_counts", exportable=False)
    seat_count_text = fields.Char(compute="_compute_seat_counts", exportable=False)
    seat_state = fields.Selection(
        lambda self: self.env["subscription.seat.usage"]._get_choices("state"),
        string="Seats",
        compute="_compute_seat_counts",
        help="The state of the pool that most needs attention.",
    )

    open_removal_count = fields.Integer(
        string="Removed Lately",
        compute="_compute_open_removal_count",
        groups="partner_managed_subscription.group_standard",
        help="What was removed within 24 hours and can be given back.",
    )

    @api.depends("subscription_member_ids.active", "seat_pool_ids.used")
    def _compute_open_removal_count(self):
        removals = self.env["subscription.removal"]
        domain = removals._get_open_domain() & Domain("client_id", "in", self.ids)
        counts = dict(removals._read_group(domain, ["client_id"], ["__count"]))
        for partner in self:
            partner.open_removal_count = counts.get(partner._origin, 0)

    @api.depends(
        "seat_pool_ids.used",
        "seat_pool_ids.seat_limit",
        "seat_pool_ids.is_unlimited",
        "seat_pool_ids.state",
    )
    def _compute_seat_counts(self):
        for partner in self:
            pools = partner.seat_pool_ids
            limited = pools.filtered(lambda pool: not pool.is_unlimited)
            partner.seat_used_count = sum(pools.mapped("used"))
            partner.seat_limit_count = sum(limited.mapped("seat_limit"))
            partner.seat_count_text = (
                f"{partner.seat_used_count} / {partner.seat_limit_count}"
                if limited == pools
                else str(partner.seat_used_count)
            )
            partner.seat_state = pools._get_alert_state()

    def write(self, vals):
        """Change contacts.

        :raise UserError: when subscriptions that are bound to their client would go to
            another company with their contact
        """
        clients = self._get_bound_clients(vals)
        result = super().write(vals)
        self._verify_bound_clients(clients)
        return result

    def _get_bound_clients(self, vals):
        """Return ``{subscription: client}`` of the subscriptions whose client may
        change when ``vals`` are written on these contacts."""
        moving = self._get_changed(vals, {"parent_id", "is_company"})
        if not moving:
            return {}
        # sudo: subscriptions that the user cannot read are bound as well.
        subscriptions = self.env["sale.subscription"].sudo()
        subscriptions = subscriptions.with_context(active_test=False)
        subscriptions = subscriptions.search([("partner_id", "child_of", moving.ids)])
        return {record: record.client_id for record in subscriptions}

    @api.model
    def _verify_bound_clients(self, clients):
        """Check that subscriptions whose seats were ever used, or whose term licences
        cover, have the clients of ``{subscription: client}``.

        :raise UserError: naming the subscriptions that have not
        """
        moved = [
            record
            for record, client in clients.items()
            if record.client_id != client and record.seat_pool_ids._get_bound()
        ]
        if moved:
            raise UserError(
                self.env._(
                    "Seats of %(subscriptions)s belong to %(clients)s. Choose another"
                    " contact there before this one goes to another company.",
                    subscriptions=", ".join(record.display_name for record in moved),
                    clients=", ".join(
                        {clients[record].display_name for record in moved}
                    ),
                )
            )

    def _get_base_pool_by_client(self):
        """Return ``{client id: base pool}``: of the running base pools of each of these
        clients, the one with the most seats left."""
        # sudo: members take base seats, whether who adds them can read pools or not.
        pools = self.env["subscription.seat.pool"].sudo()
        pools = pools.search([("is_base", "=", True), ("client_id", "in", self.ids)])
        running = pools.filtered(lambda pool: pool.state != "unavailable")
        by_room = running.sorted(
            lambda pool: pool._get_limit() - pool.used, reverse=True
        )
        return {pool.client_id.id: pool for pool in reversed(by_room)}

    def action_view_removals(self):
        """Open what was removed from this client within 24 hours."""
        return self._open_client_action("subscription_removal_action")

    def action_view_seats(self):
        """Open the usage of the seats of this client."""
        return self._open_client_action("subscription_seat_usage_action")
