import math

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...terms import count_licences


class SaleSubscription(models.Model):
    """The licences that the terms of subscriptions take."""

    _inherit = "sale.subscription"

    takes_licences = fields.Boolean(
        compute="_compute_takes_licences",
        help="Seats take licences from the stock of the managing partner, since the"
        " plan is paid by licences.",
        exportable=False,
    )
    licences_to_renew = fields.Integer(
        compute="_compute_licences_to_renew",
        store=True,
        help="What the same seats take for another term as long, in whole years: one"
        " licence is one user of one module for one year.",
    )
    are_dates_kept = fields.Boolean(
        compute="_compute_are_dates_kept",
        help="Licences were taken for the term, so the user does not change its dates.",
        exportable=False,
    )

    @api.depends("managing_partner_id", "template_id.paid_by", "date")
    def _compute_takes_licences(self):
        for record in self:
            record.takes_licences = (
                record.managing_partner_id
                and record.date
                and record.template_id.paid_by == "licences"
            )

    @api.depends(
        "takes_licences",
        "term_years",
        "seat_pool_ids.seat_limit",
        "seat_pool_ids.is_unlimited",
        "seat_pool_ids.module_id.is_licensed",
    )
    def _compute_licences_to_renew(self):
        for record in self:
            seats = sum(
                pool.seat_limit
                for pool in record.seat_pool_ids
                if pool._takes_licences() and not pool.is_unlimited
            )
            record.licences_to_renew = seats * record._get_whole_years()

    @api.depends("takes_licences", "in_progress", "seat_pool_ids.licensed_seats")
    @api.depends_context("uid")
    def _compute_are_dates_kept(self):
        restricted = self._is_user_restricted()
        for record in self:
            record.are_dates_kept = (
                restricted and record.takes_licences and record._has_begun()
            )

    def _verify_change(self, vals):
        super()._verify_change(vals)
        self._verify_dates_kept(vals)

    def _term_changed(self, ends):
        """Take the licences of terms that start, before members get seats."""
        self._verify_not_over()
        self.seat_pool_ids._take_licences()
        super()._term_changed(ends)

    def _plan_changed(self, ends, vals):
        super()._plan_changed(ends, vals)
        self.seat_pool_ids._take_licences()

    def _note_fixed(self, ends):
        """Note as well that licences cover no terms that lost their end meanwhile."""
        super()._note_fixed(ends)
        for record, end in ends.items():
            if end and not record.date:
                # sudo: users do not set what licences cover.
                record.sudo().seat_pool_ids._set({"licensed_seats": 0})

    def _has_begun(self):
        """Return whether the current term has begun, or licences were taken for it."""
        # sudo: the answer is the same for all.
        licensed = self.sudo().seat_pool_ids.filtered("licensed_seats")
        return bool(super()._has_begun() or licensed)

    def _verify_dates_kept(self, vals):
        """:raise UserError: when the staff of a partner would move the dates of a term
        that licences were taken for"""
        if not self._is_user_restricted():
            return
        dates = self._get_new_dates(vals)
        moved = self.filtered(
            lambda record: (
                record.takes_licences
                and record._has_begun()
                and any(record[name] != date for name, date in dates.items())
            )
        )
        if moved:
            raise UserError(
                self.env._(
                    "%(subscriptions)s: licences were taken for this term, so only the"
                    " vendor changes its dates. Renew it for another term.",
                    subscriptions=", ".join(moved.mapped("display_name")),
                )
            )

    def _get_new_dates(self, vals):
        """Return ``{field: date}`` that ``vals`` sets, by itself or by the plan."""
        dates = {
            name: fields.Date.to_date(vals[name])
            for name in {"date_start", "date"} & set(vals)
        }
        plan = self._get_given(vals, "template_id")
        if plan.recurring_rule_boundary == "unlimited":
            dates["date"] = False
        return dates

    def _verify_not_over(self):
        """Check that the staff of a partner starts no term that has ended already: the
        seats of its grace period would take no licences.

        :raise UserError: naming those terms
        """
        over = self.filtered(lambda record: record._is_over_uncovered())
        if over and self._is_user_restricted():
            raise UserError(
                self.env._(
                    "%(subscriptions)s: the term has ended already. Set a later start"
                    " and end before you start it.",
                    subscriptions=", ".join(over.mapped("display_name")),
                )
            )

    def _is_over_uncovered(self):
        """Return whether this term runs although it has ended, with seats that licences
        should have been taken for."""
        if not (self.in_progress and self._has_ended()):
            return False
        # sudo: users need not see all pools of what they start.
        return any(
            pool._get_uncovered() and pool._takes_licences()
            for pool in self.sudo().seat_pool_ids
        )

    def _get_licences(self, request):
        """Return ``{pool: licences}`` that the term of ``request``, a ``TermRequest``,
        takes; pools that take none are left out."""
        self.ensure_one()
        if not self.takes_licences:
            return {}
        return {
            pool: count_licences(seats, request.years)
            for pool, seats in request.seats.items()
            if 0 < seats < math.inf and pool.module_id.is_licensed
        }

    @api.ondelete(at_uninstall=False)
    def _unlink_except_taking_licences(self):
        # sudo: entries that the user may not read count as well.
        entries = self.env["subscription.licence.move"].sudo()
        groups = entries._read_group(
            [("subscription_id", "in", self.ids)], ["subscription_id"]
        )
        if groups:
            licensed = self.browse(subscription.id for (subscription,) in groups)
            raise UserError(
                self.env._(
                    "%(subscriptions)s: licences were taken for it, and the ledger must"
                    " go on telling what for. Close or archive it instead; what was"
                    " taken by mistake can be given to the partner anew.",
                    subscriptions=", ".join(licensed.mapped("display_name")),
                )
            )
