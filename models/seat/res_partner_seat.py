from contextlib import contextmanager

from odoo import api, fields, models
from odoo.exceptions import UserError


class ResPartner(models.Model):
    """The seats of clients."""

    _inherit = "res.partner"

    seat_pool_ids = fields.One2many(
        "subscription.seat.pool", "client_id", string="Seat Pools"
    )
    seat_used_count = fields.Integer(compute="_compute_seat_counts")
    seat_limit_count = fields.Integer(compute="_compute_seat_counts")
    seat_count_text = fields.Char(compute="_compute_seat_counts")
    seat_state = fields.Selection(
        lambda self: self.env["subscription.seat.usage"]._get_choices("state"),
        string="Seats",
        compute="_compute_seat_counts",
        help="The state of the pool that most needs attention.",
    )

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
        with self._keep_clients(vals):
            return super().write(vals)

    @contextmanager
    def _keep_clients(self, vals):
        """Write ``vals`` on these contacts within, and check that subscriptions whose
        seats were ever used, or whose term licences cover, stay with their client.

        :raise UserError: naming the subscriptions that would go to another company with
            their contact
        """
        if not {"parent_id", "is_company"} & set(vals):
            yield
            return
        subscriptions = self.env["sale.subscription"].sudo()
        subscriptions = subscriptions.with_context(active_test=False).search(
            [("partner_id", "child_of", self.ids)]
        )
        clients = {record: record.client_id for record in subscriptions}
        yield
        moved = subscriptions.filtered(
            lambda record: (
                record.client_id != clients[record]
                and record.seat_pool_ids._get_bound()
            )
        )
        if moved:
            raise UserError(
                self.env._(
                    "Seats of %(subscriptions)s belong to %(clients)s. Choose another"
                    " contact there before this one goes to another company.",
                    subscriptions=", ".join(moved.mapped("display_name")),
                    clients=", ".join(
                        {clients[record].display_name for record in moved}
                    ),
                )
            )

    def action_view_seats(self):
        """Open the usage of the seats of this client."""
        return self._open_client_action("subscription_seat_usage_action")
