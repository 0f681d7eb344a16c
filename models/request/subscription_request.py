from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...terms import MAX_YEARS
from ..access.res_users import GROUP_ADMIN
from ..renewal.subscription_renewal import MAX_SEATS


class SubscriptionRequest(models.Model):
    """What a client asks its managing partner for, a client the vendor, or a member
    its administrators, and what became of it.

    Asked by :meth:`_ask` and :meth:`_ask_module`, answered, withdrawn or expired by
    :meth:`_close`, never otherwise: nobody edits or deletes one. Approving calls the
    methods that the screens call, so it does, checks and refuses the same.
    """

    _name = "subscription.request"
    _inherit = ["subscription.immutable.mixin", "subscription.locking.mixin"]
    _description = "Request"
    _order = "asked_at desc, id desc"
    _rec_name = "client_id"
    _rec_names_search = ["client_id"]

    kind = fields.Selection(
        [
            ("seats", "More seats"),
            ("plan", "Another plan"),
            ("renewal", "Renewal"),
            ("partner", "Another partner"),
            ("module", "A module for a member"),
        ],
        string="Asks For",
        required=True,
    )
    client_id = fields.Many2one(
        "res.partner", required=True, ondelete="restrict", index=True
    )
    managing_partner_id = fields.Many2one(related="client_id.managing_partner_id")
    company_id = fields.Many2one("res.company", required=True, ondelete="restrict")
    asked_partner_id = fields.Many2one(
        "res.partner",
        string="Asked",
        ondelete="set null",
        index="btree_not_null",
        help="The managing partner that was asked; empty: the vendor or, for a module,"
        " the administrators of the client.",
    )
    subscription_id = fields.Many2one(
        "sale.subscription", ondelete="cascade", index="btree_not_null"
    )
    pool_id = fields.Many2one(
        "subscription.seat.pool", ondelete="set null", index="btree_not_null"
    )
    module_id = fields.Many2one(
        "subscription.module", ondelete="restrict", index="btree_not_null"
    )
    member_id = fields.Many2one(
        "subscription.member", ondelete="set null", index="btree_not_null"
    )
    member_name = fields.Char(help="Name at the time.")
    number = fields.Integer(string="More Seats")
    limit_then = fields.Integer(
        string="Seats Then", help="The limit of the module when it was asked."
    )
    template_id = fields.Many2one(
        "sale.subscription.template", string="Plan", ondelete="set null"
    )
    plan_name = fields.Char(help="Name at the time.")
    years = fields.Integer()
    seat_choice = fields.Selection(
        [
            ("same", "The same seats"),
            ("in_use", "Seats in use now"),
            ("other", "Another number"),
        ],
        string="Seats",
    )
    seat_numbers = fields.Json(help="Seats asked for, by the ids of their pools.")
    # What people wrote: a partner that the reader must not know may be named in it.
    message = fields.Text("Message as Written", groups=fields.NO_ACCESS)
    answer = fields.Text("Answer as Written", groups=fields.NO_ACCESS)
    message_text = fields.Text(
        string="Message", compute="_compute_texts", exportable=False
    )
    answer_text = fields.Text(
        string="Answer", compute="_compute_texts", exportable=False
    )
    asked_by_id = fields.Many2one("res.users", ondelete="set null")
    asked_at = fields.Datetime(string="Asked On", required=True)
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("approved", "Approved"),
            ("refused", "Refused"),
            ("withdrawn", "Withdrawn"),
            ("expired", "Expired"),
        ],
        required=True,
        default="waiting",
    )
    answered_by_id = fields.Many2one("res.users", ondelete="set null")
    answered_at = fields.Datetime(string="Answered On")
    told_above_at = fields.Datetime(
        help="When the tier above was told that nobody had answered."
    )
    letter_ids = fields.One2many(
        "subscription.request.letter", "request_id", groups=fields.NO_ACCESS
    )
    activity_ids = fields.Many2many(
        "mail.activity",
        "subscription_request_activity_rel",
        groups=fields.NO_ACCESS,
        exportable=False,
        help="What waits for whoever is to answer.",
    )
    failure_text = fields.Text(
        string="What Went Wrong", compute="_compute_failure_text"
    )
    can_answer = fields.Boolean(compute="_compute_can_answer", exportable=False)
    is_late = fields.Boolean(
        string="Not Answered for Long",
        compute="_compute_is_late",
        search="_search_is_late",
        help="Waiting for longer than the settings say.",
    )
    is_mine = fields.Boolean(
        string="Asked of My Company",
        compute="_compute_is_mine",
        search="_search_is_mine",
    )

    # Whoever asks twice, or presses twice, is told that it waits already.
    _one_waiting = models.UniqueIndex(
        "(client_id, kind, COALESCE(subscription_id, 0), COALESCE(pool_id, 0),"
        " COALESCE(member_id, 0)) WHERE state = 'waiting'",
        "This has been asked for already.",
    )
    _waiting = models.Index("(company_id, asked_at) WHERE state = 'waiting'")
    _number_range = models.Constraint(
        f"CHECK (number BETWEEN 0 AND {MAX_SEATS})",
        "Ask for 1 to 1,000,000 seats.",
    )
    _years_range = models.Constraint(
        f"CHECK (years BETWEEN 0 AND {MAX_YEARS})", "Ask for 1 to 50 years."
    )

    # ------------------------------------------------------------------ computes

    @api.depends("message", "answer", "state", "asked_partner_id", "answered_by_id")
    @api.depends_context("uid")
    def _compute_texts(self):
        """What was written to, or by, a partner whose name the reader is not told stays
        between those two. What waits is addressed to who manages the client now."""
        # sudo: whose words they are decides.
        requests = self.sudo()
        partners = requests.asked_partner_id | requests.answered_by_id.partner_id
        hidden = self.env.user._get_hidden_partners(partners)
        for request in self:
            own = request.sudo()
            between = own.asked_partner_id | own.answered_by_id.partner_id
            is_hidden = own.state != "waiting" and bool(between & hidden)
            request.message_text = not is_hidden and own.message
            request.answer_text = not is_hidden and own.answer

    @api.depends("letter_ids.failure_text")
    def _compute_failure_text(self):
        for request in self:
            texts = request.sudo().letter_ids.filtered("failure_text")
            request.failure_text = "\n".join(texts.mapped("failure_text")) or False

    @api.depends("state", "kind", "client_id")
    @api.depends_context("uid")
    def _compute_can_answer(self):
        for request in self:
            request.can_answer = request.state == "waiting" and request._may_answer()

    @api.depends("state", "asked_at", "company_id.request_late_days")
    def _compute_is_late(self):
        now = fields.Datetime.now()
        for request in self:
            days = request.sudo().company_id.request_late_days
            request.is_late = (
                request.state == "waiting"
                and request.asked_at <= now - timedelta(days=days)
            )

    @api.model
    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        late = self._get_older_domain("request_late_days")
        return late if True in value else ~late

    @api.model
    def _get_older_domain(self, setting):
        """Return the domain of what has waited for the days of the company's
        ``setting``."""
        now = fields.Datetime.now()
        # sudo: the settings apply whoever looks.
        companies = self.env["res.company"].sudo()
        companies = companies.browse(companies._get_term_days())
        return Domain("state", "=", "waiting") & Domain.OR(
            Domain("company_id", "=", company.id)
            & Domain("asked_at", "<=", now - timedelta(days=company[setting]))
            for company in companies
        )

    @api.depends("asked_partner_id", "kind")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        mine = self.filtered_domain(self._get_mine_domain())
        for request in self:
            request.is_mine = request in mine

    @api.model
    def _search_is_mine(self, operator, value):
        if operator != "in":
            return NotImplemented
        mine = self._get_mine_domain()
        return mine if True in value else ~mine

    @api.model
    def _get_mine_domain(self):
        """Return the domain of what was asked of the user's company."""
        user = self.env.user
        of_vendor = user.has_group(GROUP_ADMIN)
        company = False if of_vendor else user.sudo().commercial_partner_id.id
        asked = Domain("asked_partner_id", "=", company)
        return asked & Domain("kind", "!=", "module")

    # ------------------------------------------------------------------ rights

    def _may_answer(self):
        """Return whether the user answers this: the staff of a company that manages
        the client; the vendor alone where another partner is asked for."""
        self.ensure_one()
        if self.kind == "partner":
            return self.env.user.has_group(GROUP_ADMIN)
        return self.client_id._is_managed_by_user()

    @api.model
    def _get_edit_refusal(self):
        """Return the error that tells how requests change."""
        return UserError(
            self.env._(
                "A request is made in the portal and then answered or withdrawn. Nobody"
                " can change or delete it."
            )
        )
