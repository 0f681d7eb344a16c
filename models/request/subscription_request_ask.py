from datetime import timedelta

from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime

from ...terms import MAX_YEARS
from ..renewal.subscription_renewal import MAX_SEATS

# What keeps requests from being used to flood a mailbox.
ASKED_PER_DAY = 20
LONGEST_MESSAGE = 2000


class SubscriptionRequest(models.Model):
    """How something is asked for."""

    _inherit = "subscription.request"

    @api.model
    def _ask(self, client, kind, values):
        """Ask, for ``client``, whoever answers requests of this ``kind``. The portal
        comes in as superuser, with the client and the records of the user.

        :param dict values: what was typed, as text: ``number``, ``years``,
            ``seat_choice``, ``message``; the records ``subscription``, ``pool`` and
            ``template``; ``numbers``, ``{pool: text}``
        :raise UserError: when it makes no sense, or waits for an answer already
        """
        prepare = {
            "seats": self._prepare_seats,
            "plan": self._prepare_plan,
            "renewal": self._prepare_renewal,
            "partner": self._prepare_partner,
        }.get(kind)
        if not prepare:
            raise UserError(self.env._("Choose what you ask for."))
        return self._insert_request(
            {"client_id": client.id, "kind": kind, **prepare(client, values)},
            values.get("message"),
        )

    # ------------------------------------------------------------------ kinds

    @api.model
    def _prepare_seats(self, client, values):
        """:raise UserError: when the module has no limit, or no seats can be added"""
        pool = values.get("pool")
        if not pool:
            raise UserError(self.env._("Choose the module."))
        if pool.is_unlimited:
            raise UserError(
                self.env._(
                    "%(module)s has no limit: as many seats as you need can be given.",
                    module=pool.module_id.name,
                )
            )
        most = MAX_SEATS - pool.seat_limit
        number = self._read_number(values.get("number"), most)
        return {
            **self._prepare_pool(pool),
            "number": number,
            "limit_then": pool.seat_limit,
        }

    @api.model
    def _prepare_pool(self, pool):
        return {
            "subscription_id": pool.subscription_id.id,
            "pool_id": pool.id,
            "module_id": pool.module_id.id,
        }

    @api.model
    def _prepare_plan(self, client, values):
        """:raise UserError: when it is not offered, or the plan already"""
        subscription = self._get_chosen_subscription(values)
        plan = values.get("template")
        if not plan:
            raise UserError(self.env._("Choose the plan."))
        if plan == subscription.template_id:
            raise UserError(
                self.env._("%(plan)s is your plan already.", plan=plan.name)
            )
        if plan not in self._get_offered_plans(subscription):
            raise UserError(
                self.env._("%(plan)s is not offered any more.", plan=plan.name)
            )
        return {
            "subscription_id": subscription.id,
            "template_id": plan.id,
            "plan_name": plan.name,
        }

    @api.model
    def _get_offered_plans(self, subscription):
        """Return the plans that the client can ask for instead of its own: those with
        seats, of its vendor."""
        # sudo: the portal offers them to users without rights of their own.
        return (
            self.env["sale.subscription.template"]
            .sudo()
            .search(
                [
                    ("company_id", "in", [False, subscription.company_id.id]),
                    ("plan_line_ids", "!=", False),
                    ("id", "!=", subscription.template_id.id),
                ],
                order="name, id",
            )
        )

    @api.model
    def _prepare_renewal(self, client, values):
        """:raise UserError: when the subscription cannot be renewed like this"""
        subscription = self._get_chosen_subscription(values)
        vals = {
            "subscription_id": subscription.id,
            "years": self._read_number(values.get("years"), MAX_YEARS),
            "seat_choice": self._read_choice(values.get("seat_choice")),
        }
        if vals["seat_choice"] == "other":
            vals["seat_numbers"] = {
                str(pool.id): self._read_number(text, MAX_SEATS, least=0)
                for pool, text in (values.get("numbers") or {}).items()
                if pool in subscription.seat_pool_ids and not pool.is_unlimited
            }
        asked = self.new(vals)._get_term_request()
        obstacle = subscription._get_renewal_obstacle(asked)
        if obstacle:
            raise UserError(obstacle)
        return vals

    @api.model
    def _read_choice(self, value):
        if value not in dict(self._get_choices("seat_choice")):
            raise UserError(self.env._("Choose the seats of the next term."))
        return value

    @api.model
    def _prepare_partner(self, client, values):
        """:raise UserError: when no reason is given, which the vendor needs"""
        if not (values.get("message") or "").strip():
            raise UserError(
                self.env._("Write which partner you want, or why you want another one.")
            )
        return {}

    @api.model
    def _get_chosen_subscription(self, values):
        subscription = values.get("subscription")
        if not subscription:
            raise UserError(self.env._("Choose the subscription."))
        return subscription

    def _get_term_request(self):
        """Return the ``TermRequest`` that this renewal asks for."""
        numbers = {
            pool.module_id: number for pool, number in self._get_asked_numbers().items()
        }
        return self.subscription_id._prepare_term_request(
            self.years, self.seat_choice, numbers
        )

    # ------------------------------------------------------------------ reading

    @api.model
    def _read_number(self, text, most, least=1):
        """Return the whole number that was typed.

        :raise UserError: when it is none from ``least`` to ``most``
        """
        text = str(text or "").strip()
        is_number = text.isascii() and text.isdecimal() and len(text) <= 9
        if not (is_number and least <= int(text) <= most):
            raise UserError(
                self.env._(
                    "“%(text)s” is not possible: enter a whole number from %(least)s to"
                    " %(most)s.",
                    text=text[:20],
                    least=least,
                    most=most,
                )
            )
        return int(text)

    @api.model
    def _read_message(self, text):
        """:raise UserError: when it is too long"""
        text = str(text or "").strip()
        if len(text) > LONGEST_MESSAGE:
            raise UserError(
                self.env._(
                    "The text has %(count)s characters. Write %(most)s at most.",
                    count=len(text),
                    most=LONGEST_MESSAGE,
                )
            )
        return text or False

    # ------------------------------------------------------------------ asking

    @api.model
    def _insert_request(self, vals, message):
        """Note the request, and tell whoever answers it.

        :raise UserError: when the same waits for an answer, or too much was asked today
        """
        # sudo: nobody may create requests otherwise than here.
        requests = self.sudo()
        client = requests.env["res.partner"].browse(vals["client_id"])
        vals = {**vals, "message": self._read_message(message)}
        requests._verify_new(vals)
        requests._verify_sending(client)
        try:
            with self.env.cr.savepoint():
                request = requests._add([requests._prepare_values(client, vals)])
        except UniqueViolation as error:
            raise UserError(self._get_double_text()) from error
        request._log_event("requested")
        request._tell_asked()
        return request

    @api.model
    def _prepare_values(self, client, vals):
        subscription = self.env["sale.subscription"].browse(vals.get("subscription_id"))
        company = subscription.company_id or client.company_id or self.env.company
        return {
            **vals,
            "company_id": company.id,
            "asked_partner_id": self._get_asked_partner(client, vals["kind"]).id,
            "asked_by_id": self.env.uid,
            "asked_at": fields.Datetime.now(),
            "state": "waiting",
        }

    @api.model
    def _get_asked_partner(self, client, kind):
        """Return the managing partner that answers; nobody where the vendor or the
        administrators of the client do."""
        partner = client.managing_partner_id
        return partner.browse() if kind in ("partner", "module") else partner

    @api.model
    def _verify_new(self, vals):
        """:raise UserError: naming who has asked for the same, which waits"""
        names = ("client_id", "kind", "subscription_id", "pool_id", "member_id")
        same = [(name, "=", vals.get(name, False)) for name in names]
        waiting = self.search([("state", "=", "waiting"), *same], limit=1)
        if waiting:
            raise UserError(
                self.env._(
                    "%(request)s: %(user)s asked for this on %(day)s, and the answer is"
                    " still to come. Withdraw that request to ask anew.",
                    request=waiting.what_text,
                    user=waiting.asked_by_id.name or "",
                    day=format_datetime(self.env, waiting.asked_at, dt_format="short"),
                )
            )

    @api.model
    def _get_double_text(self):
        return self.env._(
            "This has just been asked for already, and the answer is still to come."
        )

    @api.model
    def _verify_sending(self, client):
        """:raise UserError: when ``client`` has asked often enough for today"""
        day_ago = fields.Datetime.now() - timedelta(days=1)
        count = self.search_count(
            [("client_id", "=", client.id), ("asked_at", ">", day_ago)],
            limit=ASKED_PER_DAY,
        )
        if count >= ASKED_PER_DAY:
            raise UserError(
                self.env._(
                    "%(count)s requests were made within a day. Please wait until"
                    " tomorrow.",
                    count=count,
                )
            )
