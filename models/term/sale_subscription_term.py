from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ...terms import (
    MAX_YEARS,
    count_licences,
    count_years,
    get_anniversary,
    get_term_end,
)
from ..renewal.subscription_renewal import MAX_SEATS

# States of a term, from the least to the most urgent.
RENEWAL_STATES = ["running", "renewed", "not_started", "ending", "ended"]
TO_RENEW_STATES = ["ending", "ended"]
# Places in Odoo's palette, for calendars: red, orange, blue, green.
COLORS = {"ended": 1, "ending": 2, "not_started": 4, "renewed": 10}


class SaleSubscription(models.Model):
    """The terms of subscriptions: when they run, and how they stand with renewing.

    ``date_start`` is where the contract began and never moves by itself, ``date`` is
    the last day of the current term. The next one is a ``subscription.renewal``.
    """

    # A subject, and a file, of its own.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "sale.subscription"

    date = fields.Date(copy=False, help="Last day of the current term.")
    fixed_from = fields.Date(
        copy=False,
        readonly=True,
        help="First day of the first term of a contract that had no end before.",
    )
    term_start = fields.Date(
        compute="_compute_term",
        store=True,
        help="First day of the current term.",
    )
    term_years = fields.Float(
        string="Years",
        compute="_compute_term",
        store=True,
        digits=(6, 2),
        aggregator=None,
        help="Duration of the current term.",
    )
    lead_partner_id = fields.Many2one(
        "res.partner",
        compute="_compute_tiers",
        store=True,
        index="btree_not_null",
        help="The partner that the vendor sells through, at the top of the tiers.",
    )
    reseller_id = fields.Many2one(
        "res.partner",
        compute="_compute_tiers",
        store=True,
        index="btree_not_null",
        help="The reseller that runs the subscription for the partner.",
    )
    takes_licences = fields.Boolean(
        compute="_compute_takes_licences",
        help="Seats take licences from the stock of the managing partner, since the"
        " plan has a fixed duration. Without an end, seats are billed by the period.",
    )
    licences_to_renew = fields.Integer(
        compute="_compute_licences_to_renew",
        store=True,
        help="What the same seats take for another term as long, in whole years: one"
        " licence is one user of one module for one year.",
    )
    renewal_ids = fields.One2many(
        "subscription.renewal", "subscription_id", string="Renewals"
    )
    renewal_id = fields.Many2one(
        "subscription.renewal", string="Next Term", compute="_compute_renewal_id"
    )
    can_cancel_renewal = fields.Boolean(compute="_compute_renewal_id")
    are_dates_kept = fields.Boolean(
        compute="_compute_are_dates_kept",
        help="Licences were taken for the term, so the user does not change its dates.",
    )
    renewal_state = fields.Selection(
        [
            ("not_started", "Not started"),
            ("running", "Running"),
            ("ending", "Ending soon"),
            ("ended", "Ended"),
            ("renewed", "Renewed"),
        ],
        string="Term",
        compute="_compute_renewal_state",
        search="_search_renewal_state",
    )
    renewal_color = fields.Integer(compute="_compute_renewal_color")
    renewal_text = fields.Char(
        compute="_compute_renewal_text",
        help="How the term stands, in a sentence, and what can be done.",
    )

    _program_fields = ("fixed_from",)

    _term_end = models.Index("(date) WHERE in_progress")

    # ------------------------------------------------------------------ computes

    @api.depends(
        "date_start",
        "date",
        "fixed_from",
        "renewal_ids.state",
        "renewal_ids.date_start",
    )
    def _compute_term(self):
        for record in self:
            applied = record.renewal_ids.filtered(lambda term: term.state == "applied")
            starts = [*applied.mapped("date_start"), record.fixed_from]
            record.term_start = max(filter(None, starts), default=record.date_start)
            record.term_years = (
                count_years(record.term_start, record.date)
                if record.term_start and record.date
                else 0
            )

    # Upstream counts to the same day of the next period, which is a day too late for
    # the last day of a term, and starts from the plan anew when that changes.
    def _compute_rule_boundary(self):
        ends = {record: record.date for record in self if record._is_managed()}
        super()._compute_rule_boundary()
        for record, end in ends.items():
            if record.date and record.date_start:
                begun = end and record._has_begun()
                record.date = end if begun else record._get_plan_term()[1]

    def _get_plan_term(self):
        """Return the first and the last day of the term that the plan gives from
        ``date_start`` on; of today's term for contracts that had no end until now."""
        plan = self.template_id
        unit, count = plan.recurring_rule_type or "months", plan.recurring_rule_count
        length = max(plan.recurring_interval, 1) * max(count, 1)
        today = self.company_id and self.company_id._get_today()
        start, periods = self.date_start, 1
        while True:
            delta = relativedelta(**{unit: length * periods})
            end = get_term_end(self.date_start, delta)
            if not self.in_progress or end >= today:
                return start, end
            start = get_anniversary(self.date_start, delta)
            periods += 1

    def _note_fixed(self, ends):
        """Note from when on contracts have terms that ran without an end in ``ends``,
        and that licences were taken for no end that those lost meanwhile."""
        for record, end in ends.items():
            if record.date and not end and record._is_managed():
                record._set({"fixed_from": record._get_plan_term()[0]})
            elif end and not record.date:
                record.sudo().seat_pool_ids._set({"licensed_seats": 0})

    @api.depends("client_id.management_path", "managing_partner_id")
    def _compute_tiers(self):
        for record in self:
            path = (record.client_id.management_path or "").split("/")[:-2]
            lead = self.env["res.partner"].browse(int(path[0]) if path else False)
            record.lead_partner_id = lead if record.managing_partner_id else False
            record.reseller_id = record.managing_partner_id - lead

    @api.depends("managing_partner_id", "template_id.recurring_rule_boundary", "date")
    def _compute_takes_licences(self):
        for record in self:
            record.takes_licences = (
                record.managing_partner_id
                and record.date
                and record.template_id.recurring_rule_boundary == "limited"
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
        confined = self._is_user_confined()
        for record in self:
            record.are_dates_kept = (
                confined and record.takes_licences and record._has_begun()
            )

    def _get_whole_years(self):
        """Return the length of the current term in whole years, at least 1."""
        return min(max(round(self.term_years), 1), MAX_YEARS)

    @api.depends("renewal_ids.state")
    def _compute_renewal_id(self):
        for record in self:
            record.renewal_id = record.renewal_ids.filtered(
                lambda term: term.state == "scheduled"
            )
            record.can_cancel_renewal = record.renewal_id.can_cancel

    @api.depends("date_start", "date", "in_progress", "stage_id", "renewal_ids.state")
    def _compute_renewal_state(self):
        """Ask the database: the rule is written once, in SQL, so that the state can be
        searched and grouped by, and is right every day without being stored."""
        self.flush_recordset()
        self.env["subscription.renewal"].flush_model(["subscription_id", "state"])
        table = SQL.identifier(self._table)
        query = SQL(
            "SELECT id, %s FROM %s WHERE id IN %s",
            self._get_renewal_state_sql(self._table),
            table,
            tuple(self._origin.ids) or (0,),
        )
        states = dict(self.env.execute_query(query))
        for record in self:
            record.renewal_state = states.get(record._origin.id, False)

    @api.model
    def _get_renewal_state_sql(self, alias):
        """Return the SQL of the state of the term of the rows of ``alias``; closed
        subscriptions have none."""
        columns = ("id", "company_id", "stage_id", "in_progress", "date_start", "date")
        row = {name: SQL.identifier(alias, name) for name in columns}
        get_day = self.env["res.company"]._get_term_day_sql
        today = get_day(row["company_id"], "today")
        warned = get_day(row["company_id"], "warned")
        return SQL(
            """
            CASE WHEN %(in_progress)s IS NOT TRUE AND %(stage_id)s IN (
                      SELECT id FROM sale_subscription_stage WHERE type = 'post')
                 THEN NULL
                 WHEN %(in_progress)s IS NOT TRUE OR %(date_start)s > %(today)s
                 THEN 'not_started'
                 WHEN EXISTS (SELECT FROM subscription_renewal next
                               WHERE next.subscription_id = %(id)s
                                 AND next.state = 'scheduled')
                 THEN 'renewed'
                 WHEN %(date)s < %(today)s THEN 'ended'
                 WHEN %(date)s < %(warned)s THEN 'ending'
                 ELSE 'running'
            END
            """,
            **row,
            today=today,
            warned=warned,
        )

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr == "renewal_state":
            self.env["subscription.renewal"].flush_model(["subscription_id", "state"])
            self.flush_model(["stage_id", "in_progress", "date_start", "date"])
            self._skip_compiling()
            return self._get_renewal_state_sql(alias)
        return super()._field_to_sql(alias, field_expr, query)

    @api.model
    def _search_renewal_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "COALESCE(%s, '') IN %s",
                model._field_to_sql(alias, "renewal_state", query),
                tuple(state or "" for state in value),
            ),
            predicate=lambda record: record.renewal_state in value,
        )
        if set(value) <= set(TO_RENEW_STATES):
            # Lets the database look up the few that end, by their date.
            days = self.env["res.company"]._get_term_days().values()
            domain &= Domain("in_progress", "=", True)
            domain &= Domain("date", "<", max(day.warned for day in days))
        return domain

    @api.depends("renewal_state")
    def _compute_renewal_color(self):
        for record in self:
            record.renewal_color = COLORS.get(record.renewal_state, 0)

    @api.depends("renewal_state", "date", "renewal_id")
    @api.depends_context("lang")
    def _compute_renewal_text(self):
        for record in self:
            record.renewal_text = record._get_renewal_text()

    def _get_renewal_text(self):
        """Return in a sentence how the term stands, empty while nothing is to do."""
        self.ensure_one()
        if self.renewal_state == "renewed" and self.renewal_id.error:
            return self.env._(
                "The next term should have started on %(start)s, which failed and is"
                " tried again: %(error)s",
                start=self._format_date(self.renewal_id.date_start),
                error=self.renewal_id.error,
            )
        if self.renewal_state == "renewed":
            return " ".join(
                filter(
                    None,
                    [
                        self.env._(
                            "Renewed: the next term runs from %(start)s to %(end)s.",
                            start=self._format_date(self.renewal_id.date_start),
                            end=self._format_date(self.renewal_id.date_end),
                        ),
                        self.renewal_id._get_changes_text(),
                    ],
                )
            )
        if self.renewal_state == "ending":
            return self.env._(
                "The term ends on %(end)s.", end=self._format_date(self.date)
            )
        if self.renewal_state != "ended":
            return False
        last_day = self._get_last_grace_day()
        if self._has_ended(grace=True):
            return self.env._(
                "The term ended on %(end)s, and the grace period on %(grace)s: nobody"
                " loses access, but no seat can be given until it is renewed.",
                end=self._format_date(self.date),
                grace=self._format_date(last_day),
            )
        return self.env._(
            "The term ended on %(end)s. Seats can be given until %(grace)s; renew it"
            " to go on.",
            end=self._format_date(self.date),
            grace=self._format_date(last_day),
        )

    def _format_date(self, date):
        return self.env["ir.qweb.field.date"].value_to_html(date, {})

    # ------------------------------------------------------------------ rules

    @api.constrains("date_start", "date")
    def _check_term(self):
        """Check that terms neither end before they start nor reach into the next."""
        for record in self.filtered(lambda record: record._is_managed()):
            if not record.date:
                if record.template_id.recurring_rule_boundary == "limited":
                    raise ValidationError(
                        self.env._(
                            "%(subscription)s: the plan has a fixed duration, so the"
                            " term needs an end. Enter one, or choose another plan.",
                            subscription=record.display_name,
                        )
                    )
                continue
            if record.term_start and record.date < record.term_start:
                raise ValidationError(
                    self.env._(
                        "%(subscription)s: the term cannot end on %(end)s, before it"
                        " starts on %(start)s.",
                        subscription=record.display_name,
                        end=record._format_date(record.date),
                        start=record._format_date(record.term_start),
                    )
                )
            if record.renewal_id and record.date >= record.renewal_id.date_start:
                raise ValidationError(
                    self.env._(
                        "%(subscription)s: the term cannot end on %(end)s, since the"
                        " next one starts on %(start)s. Cancel that renewal first.",
                        subscription=record.display_name,
                        end=record._format_date(record.date),
                        start=record._format_date(record.renewal_id.date_start),
                    )
                )

    @api.constrains("stage_id", "active")
    def _check_renewed_runs(self):
        """Check that nobody stops or archives what is renewed already."""
        stopped = self.filtered(
            lambda record: (
                (record.stage_id.type != "in_progress" or not record.active)
                and record.renewal_id
            )
        )
        if stopped:
            raise ValidationError(
                self.env._(
                    "%(subscriptions)s: the next term is scheduled. Cancel that renewal"
                    " first; its licences come back then.",
                    subscriptions=", ".join(stopped.mapped("display_name")),
                )
            )

    def _verify_dates_kept(self, vals):
        """:raise UserError: when the staff of a partner would move the dates of a term
        that licences were taken for"""
        if not self._is_user_confined():
            return
        dates = {
            name: fields.Date.to_date(vals[name])
            for name in {"date_start", "date"} & set(vals)
        }
        plan = self.template_id.browse(vals.get("template_id"))
        if plan.recurring_rule_boundary == "unlimited":
            dates["date"] = False
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

    def _verify_not_over(self):
        """Check that the staff of a partner starts no term that has ended already: the
        seats of its grace period would take no licences.

        :raise UserError: naming those terms
        """
        over = self.filtered(
            lambda record: (
                record.in_progress
                and record._has_ended()
                and any(
                    pool._get_uncovered() and pool._takes_licences()
                    for pool in record.sudo().seat_pool_ids
                )
            )
        )
        if over and self._is_user_confined():
            raise UserError(
                self.env._(
                    "%(subscriptions)s: the term has ended already. Set a later start"
                    " and end before you start it.",
                    subscriptions=", ".join(over.mapped("display_name")),
                )
            )

    # ------------------------------------------------------------------ renewing

    def _get_next_start(self, from_today=False):
        """Return the first day of the next term: the day after the end of this one or,
        where that has passed and it is to be ``from_today``, today."""
        self.ensure_one()
        today = self.company_id._get_today()
        if not self.date or (from_today and self.date < today):
            return today
        return self.date + relativedelta(days=1)

    def _get_next_seats(self, choice="same", numbers=None):
        """Return ``{pool: seats}`` for the next term, None for pools without limit.

        :param str choice: ``same`` seats, those ``in_use`` now, or an ``other`` number
        :param dict numbers: ``{module: seats}`` for ``other``; the same where missing
        """
        seats = {}
        for pool in self.seat_pool_ids:
            number = None if pool.is_unlimited else pool.seat_limit
            if choice == "in_use" and not pool.is_unlimited:
                number = pool.used
            elif choice == "other":
                number = (numbers or {}).get(pool.module_id, number)
            seats[pool] = number
        return seats

    def _get_licences(self, seats, years):
        """Return ``{pool: licences}`` that a term of ``years`` takes; pools that take
        none are left out.

        :param dict seats: ``{pool: seats}``, None for pools without limit
        """
        self.ensure_one()
        if not self.takes_licences:
            return {}
        return {
            pool: count_licences(number, years)
            for pool, number in seats.items()
            if number and pool.module_id.is_licensed
        }

    def _get_renewal_obstacle(self, date_start, years, seats):
        """Return why this subscription cannot be renewed as asked, False if it can."""
        self.ensure_one()
        values = {"subscription": self._get_renewal_label()}
        if not self.date:
            return self.env._(
                "%(subscription)s has no end, so there is nothing to renew.", **values
            )
        if not (self.in_progress and self.active):
            return self.env._(
                "%(subscription)s is not in progress. Start it before you renew it.",
                **values,
            )
        if self.renewal_id:
            return self._get_renewed_refusal()
        if not (isinstance(years, int) and 1 <= years <= MAX_YEARS):
            return self.env._(
                "%(subscription)s cannot be renewed for %(years)s years: choose 1 to"
                " %(most)s.",
                years=years,
                most=MAX_YEARS,
                **values,
            )
        accounts = self.env["subscription.licence.account"]
        if self.takes_licences and accounts._get_unreached(self.managing_partner_id):
            return accounts._get_use_refusal(self.managing_partner_id)
        return self._get_seats_obstacle(seats) or self._get_dates_obstacle(
            date_start, years
        )

    def _get_seats_obstacle(self, seats):
        """Return why a term cannot have ``seats``, False if it can."""
        values = {"subscription": self._get_renewal_label()}
        for pool, number in seats.items():
            if number is None and pool in self.seat_pool_ids:
                continue
            if (
                not isinstance(number, int)
                or not 0 <= number <= MAX_SEATS
                or pool not in self.seat_pool_ids
            ):
                return self.env._(
                    "%(subscription)s: %(seats)s seats of %(module)s are not possible:"
                    " choose 0 to %(most)s.",
                    seats=number,
                    module=pool.module_id.name,
                    most=MAX_SEATS,
                    **values,
                )
        if not any(number is None or number for number in seats.values()):
            return self.env._(
                "%(subscription)s would have no seats at all. Choose some, or let it"
                " end and close it.",
                **values,
            )
        return False

    def _get_dates_obstacle(self, date_start, years):
        """Return why a term cannot start on ``date_start``, False if it can."""
        overlaps = date_start <= self.date
        is_over = get_term_end(date_start, years) < self.company_id._get_today()
        if not (overlaps or is_over):
            return False
        values = {
            "subscription": self._get_renewal_label(),
            "start": self._format_date(date_start),
        }
        if overlaps:
            return self.env._(
                "%(subscription)s: a term from %(start)s on would overlap with the"
                " current one, which ends on %(end)s.",
                end=self._format_date(self.date),
                **values,
            )
        return self.env._(
            "%(subscription)s: a term from %(start)s on would be over already. Renew it"
            " from today, or for more years.",
            **values,
        )

    def _get_renewed_refusal(self):
        """Return that this subscription was renewed already, and by whom where the user
        may know: its client may have been somebody else's then."""
        renewal = self.renewal_id
        user = renewal.user_id.sudo(False)._filtered_access("read")
        values = {
            "subscription": self._get_renewal_label(),
            "end": self._format_date(renewal.date_end),
        }
        if not user:
            return self.env._(
                "%(subscription)s was renewed already, until %(end)s. Cancel that"
                " renewal to choose otherwise.",
                **values,
            )
        return self.env._(
            "%(subscription)s was renewed already by %(user)s, until %(end)s. Cancel"
            " that renewal to choose otherwise.",
            user=user.name,
            **values,
        )

    def _get_renewal_label(self):
        """Return what tells this subscription apart in a refusal."""
        return f"{self.client_id.display_name} ({self.display_name})"

    # ------------------------------------------------------------------ states

    def _is_managed(self):
        """Return whether a partner runs this subscription, or it was renewed here: then
        its dates follow the rules of terms rather than upstream's."""
        self.ensure_one()
        return bool(self.managing_partner_id or self.renewal_ids)

    def _has_begun(self):
        """Return whether the current term has begun, or licences were taken for it."""
        self.ensure_one()
        licensed = self.sudo().seat_pool_ids.filtered("licensed_seats")
        return bool(self.in_progress or licensed)

    def _has_ended(self, *, grace=False):
        """Return whether the current term is over, with its ``grace`` period or not."""
        self.ensure_one()
        days = self.env["res.company"]._get_term_days()[self.company_id.id]
        return bool(self.date and self.date < (days.graced if grace else days.today))

    def _get_last_grace_day(self):
        """Return the last day on which seats can be given after the end of the term."""
        return self.date + relativedelta(days=self.company_id.renewal_grace_days)

    def _get_years_left(self):
        """Return the years from today, or the start, to the end of the current term."""
        self.ensure_one()
        start = max(self.company_id._get_today(), self.term_start)
        return count_years(start, self.date)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_renewed(self):
        renewed = self.filtered("renewal_ids")
        if renewed:
            raise UserError(
                self.env._(
                    "%(subscriptions)s: what was renewed must stay. Archive it"
                    " instead.",
                    subscriptions=", ".join(renewed.mapped("display_name")),
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_taking_licences(self):
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

    # ------------------------------------------------------------------ upstream

    @api.private
    @api.model
    def cron_subscription_management(self):
        return super(
            SaleSubscription, self.with_context(keep_ended_terms=True)
        ).cron_subscription_management()

    def close_subscription(self, close_reason_id=False):
        # Upstream's job closes a contract on its last day; managed ones go on with a
        # grace period and are closed by hand.
        if self.env.context.get("keep_ended_terms") and self._is_managed():
            return None
        return super().close_subscription(close_reason_id=close_reason_id)

    # ------------------------------------------------------------------ actions

    def action_renew(self):
        """Open the wizard *Renew* on these subscriptions."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "partner_managed_subscription.subscription_renew_action"
        )
        return dict(action, context={"default_subscription_ids": self.ids})

    def action_cancel_renewal(self):
        """Cancel the renewals of these subscriptions that have not started.

        :raise UserError: when there is none
        """
        return self.renewal_id.action_cancel()
