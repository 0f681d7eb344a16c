from odoo import api, fields, models

from ..core.activities import plan_activity
from .owed import Obstacle

ACTIVITY = "partner_managed_subscription.mail_activity_billing_problem"


class SubscriptionBillingProblem(models.Model):
    """Why something that is due was not billed: one open problem a subscription, kept
    until it is mended, with one activity for who can mend it."""

    _name = "subscription.billing.problem"
    _inherit = ["subscription.immutable.mixin"]
    _description = "Billing Problem"
    _order = "since desc, id desc"
    _rec_name = "client_id"

    subscription_id = fields.Many2one(
        "sale.subscription", ondelete="cascade", index="btree_not_null"
    )
    client_id = fields.Many2one(
        "res.partner",
        required=True,
        ondelete="cascade",
        index=True,
        help="The client; of licences on account, the partner that took them.",
    )
    managing_partner_id = fields.Many2one(related="client_id.managing_partner_id")
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    code = fields.Selection(
        [
            ("product", "No product"),
            ("account", "No income account"),
            ("currency", "Inactive currency"),
            ("payer", "Nobody to bill"),
            ("archived", "Archived payer"),
            ("locked", "Locked books"),
            ("unlimited", "Seats without number"),
            ("zone", "No time zone"),
            ("error", "Refused"),
        ],
        string="Kind",
        required=True,
    )
    detail = fields.Text()
    reason = fields.Text(compute="_compute_reason")
    due = fields.Date(help="Since when it should have been billed.")
    since = fields.Datetime(required=True, default=fields.Datetime.now)
    tried_at = fields.Datetime(string="Last Try", default=fields.Datetime.now)
    solved_at = fields.Datetime()

    _one_open = models.UniqueIndex(
        "(subscription_id) WHERE solved_at IS NULL AND subscription_id IS NOT NULL",
        "The problem is listed already.",
    )

    @api.depends("code", "detail")
    @api.depends_context("lang")
    def _compute_reason(self):
        for problem in self:
            problem.reason = self._get_reason_text(problem.code, problem.detail)

    @api.model
    def _get_reason_text(self, code, detail):
        """Return in a sentence what is in the way, and what to do."""
        text = self._get_texts().get(code)
        return text(detail or "") if text else detail or ""

    @api.model
    def _get_texts(self):
        """Return ``{code: function from a detail to a sentence}``."""
        return {
            "product": lambda detail: self.env._(
                "%(what)s is billed and has no product. Set it on the module or on the"
                " billing terms, or include the module.",
                what=detail,
            ),
            "account": lambda detail: self.env._(
                "%(product)s has no income account. Set one on the product or its"
                " category.",
                product=detail,
            ),
            "currency": lambda detail: self.env._(
                "The currency %(currency)s is not active. Activate it, or change the"
                " price list.",
                currency=detail,
            ),
            "payer": lambda _detail: self.env._(
                "It is billed to the managing partner, and there was none. Give the"
                " client a managing partner, or bill the client."
            ),
            "archived": lambda detail: self.env._(
                "%(payer)s would be billed and is archived. Restore the contact, or let"
                " somebody else pay.",
                payer=detail,
            ),
            "locked": lambda detail: self.env._(
                "The books are locked up to %(day)s, and invoices have the day on which"
                " they are made. Set an earlier day in the accounting's lock dates, or"
                " wait until it has passed.",
                day=detail,
            ),
            "unlimited": lambda detail: self.env._(
                "%(modules)s: contracted seats are billed by their number, and these"
                " are unlimited. Enter a number, include the module, or bill seats in"
                " use.",
                modules=detail,
            ),
            "zone": lambda detail: self.env._(
                "%(company)s has no time zone. Set it in the settings.", company=detail
            ),
        }

    @api.model
    def _note_of_partner(self, partner, company, obstacle):
        """Keep ``obstacle`` of the licences on account of ``partner``; None solves what
        was in the way."""
        now = fields.Datetime.now()
        ids = {"client_id": partner.id, "company_id": company.id}
        opened = self.search(
            [
                *((name, "=", value) for name, value in ids.items()),
                ("subscription_id", "=", False),
                ("solved_at", "=", False),
            ]
        )
        if obstacle is None:
            opened._set({"solved_at": now})
            return
        values = {"code": obstacle.code, "detail": obstacle.detail}
        if opened:
            opened._set({**values, "tried_at": now})
        else:
            self._add([{**ids, **values}])

    def action_retry(self):
        """Try to bill the subscriptions of these again, at once.

        :raise AccessError: when the user may not change one of them
        """
        self.check_access("read")
        subscriptions = self.subscription_id
        subscriptions.check_access("write")
        subscriptions._lock_exclusive("statement_ids")
        subscriptions._bill()
        if self - subscriptions.billing_problem_ids.filtered("subscription_id"):
            # sudo: months on account are billed together, by the program.
            self.env["subscription.licence.account"].sudo()._bill_on_account()


class SaleSubscription(models.Model):
    """The billing problems of subscriptions."""

    _inherit = "sale.subscription"

    billing_problem_ids = fields.One2many(
        "subscription.billing.problem",
        "subscription_id",
        domain=[("solved_at", "=", False)],
    )
    billing_problem = fields.Text(related="billing_problem_ids.reason")

    def _note_problems(self, obstacles):
        """Keep what is in the way of billing these: ``{subscription: Obstacle}``; what
        is not any more is solved."""
        # sudo: problems are kept by the program alone.
        problems = self.env["subscription.billing.problem"].sudo()
        now = fields.Datetime.now()
        opened = problems.search(
            [("subscription_id", "in", self.ids), ("solved_at", "=", False)]
        )
        solved = opened.filtered(lambda one: one.subscription_id not in obstacles)
        solved._set({"solved_at": now})
        solved.subscription_id.activity_unlink([ACTIVITY])
        for problem in opened - solved:
            code, detail = obstacles[problem.subscription_id]
            problem._set({"code": code, "detail": detail, "tried_at": now})
        new = {
            record: one
            for record, one in obstacles.items()
            if record not in opened.subscription_id
        }
        created = problems._add(
            [
                {
                    "subscription_id": record.id,
                    "client_id": record.client_id.id,
                    "company_id": record.company_id.id,
                    "code": code,
                    "detail": detail,
                    "due": record.recurring_next_date,
                }
                for record, (code, detail) in new.items()
            ]
        )
        for problem in created:
            record = problem.subscription_id
            plan_activity(
                record,
                ACTIVITY,
                record._get_billing_user(),
                lambda told, problem=problem: problem.with_env(told.env).reason,
            )

    def _get_billing_user(self):
        """Return who can mend what is in the way of billing: the agent if of the
        vendor, else the vendor's first administrator."""
        group = self.env.ref("partner_managed_subscription.group_admin")
        admins = group.sudo().all_user_ids.filtered(
            lambda user: user.active and self.company_id in user.company_ids
        )
        return (self.user_id & admins) or admins[:1] or self.env.user


class ResPartner(models.Model):
    """Why licences on account were not billed."""

    _inherit = "res.partner"

    def _note_billing_problem(self, company, error):
        """Keep why the licences on account of this partner could not be billed by
        ``company``; ``error`` is None where they could."""
        obstacle = None
        if error is not None:
            text = self.env["subscription.renewal"]._get_error_text(error)
            obstacle = Obstacle("error", text)
        # sudo: problems are kept by the program alone.
        problems = self.env["subscription.billing.problem"].sudo()
        problems._note_of_partner(self, company, obstacle)
