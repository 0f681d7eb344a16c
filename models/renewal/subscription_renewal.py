from odoo import api, fields, models
from odoo.exceptions import UserError

from ...terms import LICENCE_DIGITS, MAX_YEARS

MAX_SEATS = 1_000_000


class SubscriptionRenewal(models.Model):
    """The next term of a subscription, scheduled until it starts.

    Its licences are taken when it is scheduled, see :meth:`_schedule`, and come back
    when it is cancelled before its start. The current term goes on as it is; when the
    next one starts, :meth:`_apply` gives the subscription its end and its seats,
    whatever was changed meanwhile.
    """

    _name = "subscription.renewal"
    _inherit = ["subscription.immutable.mixin", "subscription.locking.mixin"]
    _description = "Renewal"
    _order = "date_start desc, id desc"
    _rec_name = "subscription_id"

    subscription_id = fields.Many2one(
        "sale.subscription", required=True, ondelete="restrict", index=True
    )
    client_id = fields.Many2one(
        related="subscription_id.client_id", store=True, index=True
    )
    company_id = fields.Many2one(related="subscription_id.company_id", store=True)
    currency_id = fields.Many2one("res.currency", required=True)
    previous_end = fields.Date(
        required=True, help="Last day of the term that was renewed."
    )
    date_start = fields.Date(string="Start", required=True)
    date_end = fields.Date(string="End", required=True, help="Last day of the term.")
    years = fields.Integer(required=True)
    line_ids = fields.One2many("subscription.renewal.line", "renewal_id")
    move_ids = fields.One2many(
        "subscription.licence.move", "renewal_id", string="Licence Entries"
    )
    licences = fields.Float(
        compute="_compute_amounts",
        store=True,
        digits=LICENCE_DIGITS,
        help="Licences that the term takes.",
    )
    amount = fields.Monetary(
        string="Price", compute="_compute_amounts", store=True, help="Without taxes."
    )
    state = fields.Selection(
        [
            ("scheduled", "Scheduled"),
            ("applied", "Started"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="scheduled",
    )
    user_id = fields.Many2one("res.users", string="Renewed By", ondelete="set null")
    is_by_itself = fields.Boolean(
        string="By Itself", help="Nobody renewed it: so it was chosen."
    )
    applied_at = fields.Datetime(string="Started On")
    cancelled_at = fields.Datetime(string="Cancelled On")
    cancelled_by_id = fields.Many2one("res.users", ondelete="set null")
    error = fields.Text(
        help="Why the term could not start; the job tries again each time it runs."
    )
    can_cancel = fields.Boolean(compute="_compute_can_cancel", exportable=False)

    _one_scheduled = models.UniqueIndex(
        "(subscription_id) WHERE state = 'scheduled'",
        "The subscription has been renewed already.",
    )
    _due = models.Index("(date_start) WHERE state = 'scheduled'")
    _years_range = models.Constraint(
        f"CHECK (years BETWEEN 1 AND {MAX_YEARS})",
        "A subscription is renewed for 1 to 50 years.",
    )
    _dates_order = models.Constraint(
        "CHECK (previous_end < date_start AND date_start <= date_end)",
        "A term starts after the one before, and ends after it starts.",
    )

    @api.depends("line_ids.licences", "line_ids.price_unit")
    def _compute_amounts(self):
        for renewal in self:
            lines = renewal.line_ids
            renewal.licences = sum(lines.mapped("licences"))
            renewal.amount = sum(
                renewal.currency_id.round(line.licences * line.price_unit)
                for line in lines
            )

    @api.depends("state", "date_start", "company_id")
    def _compute_can_cancel(self):
        for renewal in self:
            renewal.can_cancel = (
                renewal.state == "scheduled"
                and renewal.date_start > renewal.company_id._get_today()
            )

    # ------------------------------------------------------------------ edits

    @api.model
    def _get_edit_refusal(self):
        """Return the error that tells how renewals are made."""
        return UserError(
            self.env._(
                "A renewal is made by Renew on its subscription, and cannot be changed:"
                " cancel it and renew again."
            )
        )

    # ------------------------------------------------------------------ cancelling

    def action_cancel(self):
        """Cancel these renewals; their licences return to the stocks they came from.

        :raise LicenceRefusal: when the user's own company has its licences from the
            partner above it, which renewed it
        :raise UserError: naming those that have started or were cancelled already
        """
        # sudo: users cancel renewals through this method alone. Whether they may is
        # checked on the subscriptions.
        renewals = self.sudo()
        subscriptions = renewals.subscription_id
        subscriptions.sudo(False).check_access("write")
        accounts = self.env["subscription.licence.account"]
        accounts._verify_reached(subscriptions.managing_partner_id)
        # Locked before the state is read: a renewal that starts is not cancelled.
        subscriptions._lock_exclusive("renewal_ids")
        renewals._verify_can_cancel()
        renewals._set(
            {
                "state": "cancelled",
                "cancelled_at": fields.Datetime.now(),
                "cancelled_by_id": self.env.uid,
            }
        )
        renewals.move_ids._reverse()
        renewals._log_event("renewal_cancelled")

    def action_ask_cancel(self):
        """Ask before these renewals are cancelled, and say whose."""
        title = self.env._("Cancel this renewal?")
        texts = {"title": title, "body": self._get_cancel_text()}
        yes, no = self._get_cancel_label(), self.env._("Keep it")
        return self._ask_first("action_cancel", yes=yes, no=no, **texts)

    def _get_cancel_text(self):
        if not self._get_licences_text():
            return self.env._("The next term will not start.")
        return self.env._(
            "The next term will not start, and its licences go back to the stock they"
            " came from."
        )

    def _get_cancel_label(self):
        """Return what cancelling these renewals does: of whom, and how many licences
        come back."""
        values = {"clients": self.client_id._get_names_text()}
        licences = self._get_licences_text()
        if not licences:
            return self.env._("Cancel the renewal of %(clients)s", **values)
        return self.env._(
            "Cancel the renewal of %(clients)s (%(licences)s)",
            licences=licences,
            **values,
        )

    def _get_licences_text(self):
        """Return in words how many licences these renewals took, empty where none."""
        licences = sum(self.mapped("licences"))
        if licences == 1:
            return self.env._("1 licence")
        number = self.env["subscription.licence.account"]._format(licences)
        return self.env._("%s licences", number) if licences else ""

    def _verify_can_cancel(self):
        """:raise UserError: naming those of these renewals that have started or were
        cancelled already; also where there are none"""
        late = self.filtered(lambda renewal: not renewal.can_cancel)
        if late or not self:
            raise UserError(
                self.env._(
                    "%(renewals)s: only a renewal that is scheduled and has not started"
                    " can be cancelled. Ask the vendor about a term that runs.",
                    renewals=", ".join(late.mapped("display_name"))
                    or self.env._("Nothing is scheduled"),
                )
            )

    def _get_changes_text(self):
        """Return in a sentence where the next term has other seats than the current
        one, which may have changed since; empty where it has the same."""
        self.ensure_one()
        pool_model = self.env["subscription.seat.pool"]
        pools = self.subscription_id.seat_pool_ids.grouped("module_id")
        changes = [
            line._get_change_text(pool)
            for line in self.line_ids
            for pool in [pools.get(line.module_id, pool_model)]
            if line._get_limit() != pool._get_limit()
        ]
        return bool(changes) and self.env._(
            "It starts with other seats than there are now: %(changes)s.",
            changes=", ".join(changes),
        )

    # ------------------------------------------------------------------ audit

    def _log_event(self, event):
        """Note in the audit trail what happened to these renewals."""
        self.env["subscription.log"]._log_entries(
            [
                {
                    "event": event,
                    "client_id": renewal.client_id.id,
                    "subscription_id": renewal.subscription_id.id,
                    "old_value": fields.Date.to_string(renewal.previous_end),
                    "new_value": fields.Date.to_string(renewal.date_end),
                }
                for renewal in self
            ]
        )
