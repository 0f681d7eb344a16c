from odoo import api, fields, models
from odoo.fields import Domain

from ..core.changes import write_changes

# What decides whether a term runs, and so whether seats can be given.
RUNNING_FIELDS = {"stage_id", "in_progress", "active", "date_start", "date"}


class SaleSubscription(models.Model):
    _name = "sale.subscription"
    _inherit = [
        "sale.subscription",
        "subscription.protected.fields.mixin",
        "subscription.locking.mixin",
        "subscription.seen.values.mixin",
    ]
    _watched_fields = ("template_id", "date_start", "date")

    client_id = fields.Many2one(
        related="partner_id.commercial_partner_id",
        string="Client",
        store=True,
        index=True,
    )
    managing_partner_id = fields.Many2one(
        related="client_id.managing_partner_id", store=True, index=True
    )
    # Kept here: rules that look it up at the client read the contracts of all partners.
    management_path = fields.Char(
        related="client_id.management_path", store=True, exportable=False
    )
    member_count = fields.Integer(related="client_id.member_count")
    billed_member_count = fields.Integer(related="client_id.billed_member_count")

    _management_path = models.Index("(management_path text_pattern_ops)")

    # ------------------------------------------------------------------ edits

    @api.model_create_multi
    def create(self, vals_list):
        """Create subscriptions, whose clients stay where they are meanwhile."""
        subscriptions = super().create(vals_list)
        subscriptions._lock_clients()
        return subscriptions

    @write_changes
    def write(self, vals):
        """Change subscriptions. What the call gives of pools and dates wins over what
        another plan would set.

        :raise UserError: when a client with seats in use would change, a plan would
            have fewer seats than are in use, or a term would change without a renewal
        :raise SeatRefusal: when a subscription starts whose members do not fit
        :raise LicenceRefusal: when one starts whose licences the partner does not have
        """
        self.check_access("write")
        self._verify_change(vals)
        plans = {record: record.template_id for record in self}
        ends = {record: record.date for record in self if record.in_progress}
        running = self._get_changed(vals, RUNNING_FIELDS)
        result = super().write(vals)
        if "partner_id" in vals:
            self._lock_clients()
        if running:
            running._term_changed(ends)
        if "template_id" in vals:
            self._log_plans(plans)
            self._plan_changed(ends, vals)
        return result

    def _lock_clients(self):
        """Lock the clients of these subscriptions until the transaction ends. A client
        that moves to another partner at the same time would not see them, and they
        would keep its old path, by which rules show them to the partner before."""
        # sudo: the user may not write what it may have a subscription for.
        self.sudo().client_id._lock_exclusive()

    def _move_to_merged(self, partner):
        """Point these subscriptions to the contact that theirs was merged into."""
        super().write({"partner_id": partner.id})

    # ------------------------------------------------------------------ hooks
    # Lower folders override them with what follows for terms, seats and licences.

    def _verify_change(self, vals):
        """Refuse to change these subscriptions by ``vals``, before it is done."""

    def _term_changed(self, ends):
        """Do what follows from a change of what these subscriptions run by.

        :param dict ends: ``{subscription that ran: its last day before}``
        """

    def _plan_changed(self, ends, vals):
        """Do what follows from another plan, but for what ``vals``, the values of the
        same call, say otherwise; ``ends`` as in :meth:`_term_changed`."""

    # ------------------------------------------------------------------ audit

    def _log_plans(self, plans):
        """Note in the audit trail whose plan is not the one in ``plans`` any more."""
        self.env["subscription.log"]._log_entries(
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

    # ------------------------------------------------------------------ actions

    def action_view_audit(self):
        """Open what was done to this subscription, and to its client as a whole."""
        return self._open_client_action(
            "subscription_audit_action",
            domain=list(self._get_audit_domain()),
        )

    def _get_audit_domain(self):
        """Return the domain of :meth:`action_view_audit`."""
        own = Domain("subscription_id", "=", self.id)
        of_none = Domain("subscription_id", "=", False)
        return own | (of_none & Domain("client_id", "=", self.client_id.id))

    def action_view_members(self):
        """Open the members of the client."""
        return self.client_id.action_view_members()

    def _open_client_action(self, xmlid, context=(), **values):
        """Return the action of this addon called ``xmlid``, for the client."""
        self.ensure_one()
        context = {"default_client_id": self.client_id.id, **dict(context)}
        return self._open_action(xmlid, context=context, **values)
