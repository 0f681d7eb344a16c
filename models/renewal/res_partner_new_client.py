import math

from odoo import Command, api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import email_normalize

from ..core.text import clean_contact
from .new_client import FirstTerm, NewClientPlan


class ResPartner(models.Model):
    """A client is made together with its subscription and its first administrator: all
    of it, or nothing."""

    _inherit = "res.partner"

    @api.model
    def _create_client(self, request):
        """Make the client that ``request``, a ``NewClient``, asks for, with a running
        subscription and an administrator, who has a seat.

        :return: the subscription
        :raise UserError: a line for each reason why it cannot be made
        :raise LicenceRefusal: a line for each stock that falls short
        """
        obstacles = self._get_new_client_obstacles(request)
        lines = self._get_missing_values(request) or obstacles
        if lines:
            raise UserError("\n".join(lines))
        # Whoever catches a refusal goes on with what there was before.
        with self.env.cr.savepoint():
            client = self._save_client(request)
            subscription = self.env["sale.subscription"].create(
                client._prepare_first_subscription(request)
            )
            subscription.action_start_subscription()
            client._make_administrator(*request.administrator)
            self.env.flush_all()
        return subscription

    @api.model
    def _preview_client(self, request):
        """Return the ``NewClientPlan`` of what :meth:`_create_client` would do now. It
        takes no lock: others may change the stocks before that is called."""
        drafts = self.env["sale.subscription"].sudo()
        refusals = self._get_new_client_obstacles(request)
        if refusals or not (request.manager and request.plan and request.start):
            return NewClientPlan(drafts, None, [], {}, refusals)
        draft = self._draft_subscription(request)
        term = draft._prepare_first_term()
        # sudo: the balance is computed from a ledger that the user may not read.
        stocks = self.env["subscription.licence.account"].sudo()
        renewals = self.env["subscription.renewal"]
        plan = renewals._plan_terms({draft: term}, {}, stocks._find_stocks)
        needs = plan.terms[draft].needs
        left = {stock: stock.balance for stock in needs}
        stocks._deduct(needs, left)
        refusals = stocks._get_missing_refusals(left)
        return NewClientPlan(draft, term, plan.lines, left, refusals)

    # ------------------------------------------------------------------ making

    @api.model
    def _save_client(self, request):
        """Return the client of ``request``, made or taken over."""
        if not request.contact:
            values = clean_contact(request.values)
            manager_id = request.manager.id
            return self.create(
                dict(values, is_company=True, managing_partner_id=manager_id)
            )
        client = request.contact
        # Two who make the same contact a client: the second one sees what the first has
        # made, and is refused. sudo: the fresh look must see all.
        client.sudo()._lock_exclusive("subscription_ids")
        if client.managing_partner_id != request.manager:
            client.managing_partner_id = request.manager
        return client

    def _prepare_first_subscription(self, request):
        """Return the values of the first subscription of this client. Seats that the
        plan gives come from it: it may give some that the user may not."""
        plan = {
            line.module_id: line._get_limit()
            for line in request.plan.sudo().plan_line_ids
        }
        values = {
            "partner_id": self.id,
            "template_id": request.plan.id,
            "company_id": request.seller.id,
            "date_start": request.start,
            "seat_pool_ids": [
                Command.create(self._prepare_first_pool(module, seats))
                for module, seats in request.seats.items()
                if plan.get(module) != seats
            ],
        }
        if request.date_end:
            values["date"] = request.date_end
        return values

    @api.model
    def _prepare_first_pool(self, module, seats):
        is_unlimited = seats == math.inf
        return {
            "module_id": module.id,
            "seat_limit": 0 if is_unlimited else seats,
            "is_unlimited": is_unlimited,
        }

    def _make_administrator(self, name, email):
        """Invite the administrator of this client, who takes a base seat."""
        role = self.env["subscription.member.role"]._get_first_administration()
        return self._invite_member(email, name, role)

    @api.model
    def _draft_subscription(self, request):
        """Return the subscription that ``request`` asks for, not saved."""
        # sudo: what it takes is the same for all who may make it.
        client = request.contact.sudo() or self.sudo().new(
            {
                "name": request.values.get("name"),
                "country_id": request.values.get("country_id"),
                "is_company": True,
                "managing_partner_id": request.manager.id,
            }
        )
        values = client._prepare_first_subscription(request)
        seats = self._get_first_seats(request)
        pools = [self._prepare_first_pool(*item) for item in seats.items()]
        return (
            self.env["sale.subscription"]
            .sudo()
            .new(
                {
                    **values,
                    # A contact that nobody manages gets its managing partner later.
                    "managing_partner_id": request.manager.id,
                    "seat_pool_ids": [Command.create(values) for values in pools],
                }
            )
        )

    @api.model
    def _get_first_seats(self, request):
        """Return ``{module: seats}`` of all modules that the client would have."""
        # sudo: who may choose the plan gets its modules.
        lines = request.plan.sudo().plan_line_ids
        given = {line.module_id: line._get_limit() for line in lines}
        return {
            module.sudo(): seats
            for module, seats in {**given, **request.seats}.items()
            if module in request.seats or module.sudo().active
        }

    # ------------------------------------------------------------------ obstacles

    @api.model
    def _get_missing_values(self, request):
        """Return what has to be entered before anything can be made, a line each."""
        name, email = request.administrator
        return [
            text
            for is_given, text in [
                (
                    request.contact or (request.values.get("name") or "").strip(),
                    self.env._("Enter the name of the company."),
                ),
                (request.manager, self.env._("Choose the managing partner.")),
                (request.plan, self.env._("Choose a plan.")),
                (request.start, self.env._("Enter the first day of the term.")),
                (
                    (name or "").strip() and (email or "").strip(),
                    self.env._(
                        "Enter the name and the e-mail address of the administrator."
                    ),
                ),
            ]
            if not is_given
        ]

    @api.model
    def _get_new_client_obstacles(self, request):
        """Return why what was entered of ``request`` cannot be, a line each; whatever
        is in stock."""
        # Asked as the caller, whoever got hold of the records.
        contact = request.contact.with_env(self.env)
        contact = contact._get_first_client_obstacle(request.manager)
        manager = request.manager.with_env(self.env)._get_first_manager_obstacle()
        plans = request.plan
        draft = not (contact or manager) and plans._get_first_obstacle(request)
        obstacles = [contact, manager, draft, self._get_address_obstacle(request)]
        return [obstacle for obstacle in obstacles if obstacle]

    def _get_first_client_obstacle(self, manager):
        """Return why this contact cannot become a client of ``manager``."""
        # sudo: subscriptions and partners count that the user does not see.
        contact = self.sudo()
        if not contact:
            return False
        if contact.subscription_ids:
            return self.env._(
                "%(client)s has a subscription already. Open it there, or choose"
                " another company.",
                client=self.display_name,
            )
        if contact.managing_partner_id and contact.managing_partner_id != manager:
            return self.env._(
                "%(client)s has another managing partner. Choose that one, or move the"
                " company first.",
                client=self.display_name,
            )
        is_own = contact.commercial_partner_id == contact and contact.active
        if contact.is_managing_partner or not is_own:
            return self.env._(
                "%(client)s cannot be a client: choose a company that is not archived,"
                " belongs to no other and manages no clients.",
                client=self.display_name,
            )
        return False

    def _get_first_manager_obstacle(self):
        """Return why the user cannot make clients of this managing partner."""
        # sudo: the partner is only compared with what the user may manage.
        manager = self.sudo()
        if not manager:
            return False
        if not (manager.is_managing_partner and manager.active):
            return self.env._(
                "%(partner)s manages no clients. Choose another managing partner.",
                partner=self.display_name,
            )
        reach = Domain(self.env.user._get_client_domain(managed=True))
        if manager.filtered_domain(reach):
            return False
        return self.env["subscription.licence.account"]._get_use_refusal(self)

    @api.model
    def _get_address_obstacle(self, request):
        """Return which of the e-mail addresses is none."""
        for address in (request.values.get("email"), request.administrator[1]):
            if (address or "").strip() and not email_normalize(address):
                return self.env._(
                    "“%(address)s” is no e-mail address.", address=address
                )
        return False


class SaleSubscription(models.Model):
    """The first term of a new client."""

    _inherit = "sale.subscription"

    def _prepare_first_term(self):
        """Return the ``FirstTerm`` of this subscription, which is not saved."""
        return FirstTerm(
            self.date_start,
            self._get_years_left() if self.date else 0,
            {pool: pool._get_limit() for pool in self.seat_pool_ids},
        )
