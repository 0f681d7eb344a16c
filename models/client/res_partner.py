from contextlib import contextmanager

from psycopg2 import IntegrityError

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from ...terms import LICENCE_DIGITS
from ..access.res_users import GROUP_ADMIN
from ..term.sale_subscription_term import RENEWAL_STATES

# The fields that the path of a company, and of all below it, follows from.
PLACE_FIELDS = {"managing_partner_id", "is_managing_partner", "parent_id"}


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = [
        "res.partner",
        "subscription.computed.mixin",
        "subscription.locking.mixin",
    ]

    def _default_managing_partner_id(self):
        """Companies created from the list of clients are managed by the user's own."""
        if not self.env.context.get("managed_by_own_company"):
            return False
        return self.env.user.partner_id.commercial_partner_id.filtered(
            "is_managing_partner"
        )

    is_managing_partner = fields.Boolean(
        string="Manages Clients",
        help="This company runs the subscriptions of its clients for the vendor.",
    )
    managing_partner_id = fields.Many2one(
        "res.partner",
        ondelete="restrict",
        index="btree_not_null",
        domain=[("is_managing_partner", "=", True)],
        default=lambda self: self._default_managing_partner_id(),
        help="The partner or reseller that runs the subscriptions of this company.",
    )
    managed_partner_ids = fields.One2many(
        "res.partner", "managing_partner_id", string="Managed Companies"
    )
    management_path = fields.Char(
        compute="_compute_management_path",
        store=True,
        recursive=True,
        help="The companies that manage this one, from the top down, and itself:"
        ' "3/17/42/". Contacts have the path of their company.',
    )
    managed_count = fields.Integer(compute="_compute_managed_count")
    licence_billing = fields.Selection(
        [("prepaid", "Prepaid stock"), ("on_account", "On account")],
        string="Licences",
        default="prepaid",
        copy=False,
        help="Prepaid: terms take licences from the stock, which the partner buys or is"
        " allocated before. On account: it has what it needs, and is billed later. Only"
        " the vendor changes it.",
    )
    licence_account_ids = fields.One2many(
        "subscription.licence.account", "partner_id", string="Licence Stocks"
    )
    licence_balance = fields.Float(
        string="Licences in Stock",
        compute="_compute_licence_balance",
        digits=LICENCE_DIGITS,
    )
    renewal_state = fields.Selection(
        lambda self: self.env["sale.subscription"]._get_choices("renewal_state"),
        string="Term",
        compute="_compute_renewal_state",
        search="_search_renewal_state",
        help="The state of the subscription that most needs renewing.",
    )
    term_end = fields.Date(
        compute="_compute_renewal_state", help="Last day of that term."
    )
    subscription_member_ids = fields.One2many(
        "subscription.member", "client_id", string="Member List"
    )
    subscription_team_ids = fields.One2many(
        "subscription.team", "client_id", string="Teams"
    )
    membership_ids = fields.One2many(
        "subscription.member", "partner_id", string="Memberships"
    )
    seat_pool_ids = fields.One2many(
        "subscription.seat.pool", "client_id", string="Seat Pools"
    )
    member_count = fields.Integer(string="Members", compute="_compute_member_counts")
    billed_member_count = fields.Integer(
        string="Billed Members",
        compute="_compute_member_counts",
        help="Members who are in at least one active team and whose role takes a seat.",
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

    _management_path = models.Index(
        "(management_path text_pattern_ops) WHERE management_path IS NOT NULL"
    )
    _not_managed_by_itself = models.Constraint(
        "CHECK (managing_partner_id <> id)", "A company cannot manage itself."
    )

    @api.depends(
        "is_managing_partner",
        "managing_partner_id.management_path",
        "parent_id.management_path",
    )
    def _compute_management_path(self):
        for partner in self:
            manager = partner.managing_partner_id
            if manager or partner.is_managing_partner:
                partner.management_path = (
                    f"{manager.management_path or ''}{partner.id}/"
                )
            else:
                partner.management_path = partner.parent_id.management_path

    @api.depends("managed_partner_ids")
    def _compute_managed_count(self):
        counts = dict(
            self._read_group(
                [("managing_partner_id", "in", self.ids)],
                ["managing_partner_id"],
                ["__count"],
            )
        )
        for partner in self:
            partner.managed_count = counts.get(partner._origin, 0)

    @api.depends("subscription_member_ids.active", "subscription_member_ids.is_billed")
    def _compute_member_counts(self):
        member_model = self.env["subscription.member"]
        domain = [("active", "=", True), ("client_id", "in", self.ids)]
        members = dict(member_model._read_group(domain, ["client_id"], ["__count"]))
        billed = dict(
            member_model._read_group(
                [*domain, ("is_billed", "=", True), ("role_id.takes_seat", "=", True)],
                ["client_id"],
                ["__count"],
            )
        )
        for partner in self:
            partner.member_count = members.get(partner._origin, 0)
            partner.billed_member_count = billed.get(partner._origin, 0)

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

    @api.depends("licence_account_ids.balance")
    def _compute_licence_balance(self):
        accounts = self.env["subscription.licence.account"]
        balances = dict(
            accounts._read_group(
                [("partner_id", "in", self.ids)], ["partner_id"], ["balance:sum"]
            )
            if accounts.has_access("read")
            else []
        )
        for partner in self:
            partner.licence_balance = balances.get(partner._origin, 0)

    @api.depends_context("uid")
    def _compute_renewal_state(self):
        subscriptions = self.env["sale.subscription"]
        if subscriptions.has_access("read"):
            subscriptions = subscriptions.search(
                [("client_id", "in", self.ids), ("active", "=", True)]
            ).filtered("renewal_state")
        by_client = subscriptions.grouped("client_id")
        for partner in self:
            most_urgent = max(
                by_client.get(partner._origin, []),
                key=lambda term: RENEWAL_STATES.index(term.renewal_state),
                default=subscriptions.browse(),
            )
            partner.renewal_state = most_urgent.renewal_state
            partner.term_end = most_urgent.date

    @api.model
    def _search_renewal_state(self, operator, value):
        """Search by the most urgent state: clients with a more urgent one are left
        out."""
        if operator != "in":
            return NotImplemented
        subscriptions = self.env["sale.subscription"]

        def has(states):
            domain = [("active", "=", True), ("renewal_state", "in", states)]
            return Domain(
                "id", "in", subscriptions._search(domain).subselect("client_id")
            )

        domains = [
            has([state]) & ~has(RENEWAL_STATES[place + 1 :])
            for place, state in enumerate(RENEWAL_STATES)
            if state in value
        ]
        if False in value:
            domains.append(~has(RENEWAL_STATES))
        return Domain.OR(domains)

    @api.constrains("managing_partner_id", "parent_id", "is_company")
    def _check_managing_partner(self):
        for partner in self.filtered("managing_partner_id"):
            if partner.commercial_partner_id != partner:
                raise ValidationError(
                    self.env._(
                        "%(contact)s belongs to %(company)s and is managed with it. Set"
                        " the managing partner on the company.",
                        contact=partner.display_name,
                        company=partner.commercial_partner_id.display_name,
                    )
                )

    # ------------------------------------------------------------------ doors

    @api.model
    def _search(self, domain, *args, **kwargs):
        """Search without compiling the query where rules hide contacts."""
        if self._is_user_confined():
            self._skip_compiling()
        return super()._search(domain, *args, **kwargs)

    @api.model_create_multi
    def create(self, vals_list):
        """Create contacts; companies that the staff of a partner creates are clients of
        that partner unless it says otherwise.

        :raise AccessError: when anybody but the vendor says how licences are billed
        """
        vals_list = [
            self._complete_billing(self._complete_manager(vals)) for vals in vals_list
        ]
        self._hold_places(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        """Change contacts; archive and restore their memberships with them.

        :raise ValidationError: when a company would come to manage itself
        :raise SeatRefusal: when the members who would come back do not fit
        :raise AccessError: when anybody but the vendor says how licences are billed
        """
        self._verify_billing(vals)
        if PLACE_FIELDS & set(vals):
            self.check_access("write")
            # A fresh look tells who was created there meanwhile, not who moved there:
            # for that the new place is claimed.
            self._hold_places([vals])._claim()
            self._claim_subtree(vals)
        if vals.get("managing_partner_id"):
            self._verify_no_cycle(self.browse(vals["managing_partner_id"]))
        managed = self.filtered("management_path")
        managers = "managing_partner_id" in vals and self._get_managers()
        with self._keep_clients(vals):
            result = super().write(vals)
        if managers:
            self._log_managers(managers)
        if PLACE_FIELDS & set(vals):
            self._note_moved(managed)
        if "active" in vals:
            if vals["active"]:
                self._restore_members("contact")
            else:
                self._archive_members("contact")
        return result

    @api.model
    def _complete_manager(self, vals):
        """Return ``vals`` with the managing partner that the user's company is."""
        placed = vals.get("parent_id") or vals.get("managing_partner_id")
        if placed or not self._is_user_confined():
            return vals
        return dict(vals, managing_partner_id=self.env.user.commercial_partner_id.id)

    @api.model
    def _complete_billing(self, vals):
        """Return ``vals`` with prepaid licences unless they say otherwise: defaults of
        a user or a context do not count for who may not choose.

        :raise AccessError: when anybody but the vendor has licences billed otherwise
        """
        if self._may_set_billing():
            return vals
        vals = {"licence_billing": "prepaid", **vals}
        self.new({"licence_billing": "prepaid"})._verify_billing(vals)
        return vals

    @api.model
    def _may_set_billing(self):
        return self.env.su or self.env.user.has_group(GROUP_ADMIN)

    def _verify_billing(self, vals):
        """:raise AccessError: when anybody but the vendor's administrators would have
        licences billed otherwise"""
        if (
            "licence_billing" in vals
            and not self._may_set_billing()
            and any(
                partner.licence_billing != vals["licence_billing"]
                for partner in self.sudo()
            )
        ):
            raise AccessError(
                self.env._(
                    "Only the vendor decides whether licences are prepaid or billed on"
                    " account."
                )
            )

    def _note_moved(self, managed_before):
        """Make what the users of these companies see follow their new place."""
        if managed_before or self.filtered("management_path"):
            self.env.registry.clear_cache()

    @api.ondelete(at_uninstall=False)
    def _unlink_release_seats(self):
        self._archive_members("contact")

    @api.ondelete(at_uninstall=False)
    def _unlink_except_audited(self):
        log = self.env["subscription.log"].sudo()
        entry = log.search([("client_id", "in", self.ids)], limit=1)
        if entry:
            raise UserError(
                self.env._(
                    "%(client)s has an audit trail, which must stay. Archive it"
                    " instead.",
                    client=entry.client_id.display_name,
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_stocked(self):
        stocked = self.sudo().filtered("licence_account_ids")
        if stocked:
            raise UserError(
                self.env._(
                    "%(partners)s: the ledger of its licences must stay. Archive it"
                    " instead.",
                    partners=", ".join(stocked.mapped("display_name")),
                )
            )

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

    # ------------------------------------------------------------------ hierarchy

    def _get_management_chain(self):
        """Return these partners and those above them, read from their paths."""
        above = "".join(partner.management_path or "" for partner in self.sudo())
        return self.browse(int(part) for part in above.split("/")[:-1]) | self

    @api.model
    def _hold_places(self, vals_list):
        """Hold in place the companies that contacts written with ``vals_list`` take
        their path from, and those above: were one of them moved at the same time, the
        path would be wrong, or lead in a circle.

        :return: the companies themselves
        """
        managers, parents = (
            self.browse({vals[name] for vals in vals_list if vals.get(name)})
            for name in ("managing_partner_id", "parent_id")
        )
        places = managers | parents.sudo().filtered("management_path")
        places._get_management_chain()._hold()
        return places

    def _claim_subtree(self, vals):
        """Claim these companies and all below them, whose paths change with theirs;
        ordinary contacts have none."""
        moving = self.sudo().filtered("management_path")
        below = Domain.OR(
            Domain("management_path", "=like", f"{path}%")
            for path in moving.mapped("management_path")
        )
        if vals.get("managing_partner_id") or vals.get("is_managing_partner"):
            moving = self.sudo()
        if moving:
            subtree = moving.with_context(active_test=False).search(below) | moving
            subtree._claim("managed_partner_ids", "child_ids")

    def _verify_no_cycle(self, manager):
        """:raise ValidationError: when ``manager`` is one of these companies or managed
        by one of them"""
        above = self & manager._get_management_chain()
        if above:
            raise ValidationError(
                self.env._(
                    "%(manager)s cannot manage %(company)s: it is %(company)s itself or"
                    " managed by it.",
                    manager=manager.display_name,
                    company=above[0].display_name,
                )
            )

    def _get_managers(self):
        """Return ``{company: its managing partner}`` for these companies."""
        return {partner: partner.managing_partner_id for partner in self.sudo()}

    @api.model
    def _log_managers(self, managers):
        """Note in the audit trail who is not managed as in ``managers`` any more."""
        nobody = self.env._("Nobody")
        self.env["subscription.log"]._log(
            [
                {
                    "event": "manager",
                    "client_id": client.id,
                    "old_value": manager.name or nobody,
                    "new_value": client.managing_partner_id.name or nobody,
                    "old_manager_id": manager.id,
                    "new_manager_id": client.managing_partner_id.id,
                }
                for client, manager in managers.items()
                if client.managing_partner_id != manager
            ]
        )

    def _get_subscription_contact_text(self):
        """Return whom this client asks about its subscription, and how to reach them:
        its managing partner, else the vendor."""
        self.ensure_one()
        contact = (
            self.sudo().managing_partner_id
            or (self.company_id or self.env.company).sudo().partner_id
        )
        means = ", ".join(filter(None, (contact.email, contact.phone)))
        return f"{contact.name} ({means})" if means else contact.name

    def _is_managed_by_user(self):
        """Return whether the user changes the contract of this client, and need not
        contact anybody: the vendor does, and the staff of a company that manages it."""
        self.ensure_one()
        user = self.env.user
        return (
            not user._is_superuser()
            and self.env["subscription.seat.pool"].sudo(False).has_access("write")
            and bool(self.sudo().filtered_domain(user._get_managed_contact_domain()))
        )

    # ------------------------------------------------------------------ members

    def _archive_members(self, reason):
        """Archive the memberships of these contacts, and free their seats."""
        self.env["subscription.member"].sudo().search(
            [("partner_id", "in", self.ids)]
        )._leave(reason)

    def _restore_members(self, reason):
        """Restore the memberships that ended for ``reason``.

        :raise SeatRefusal: when the members do not fit
        """
        self.env["subscription.member"].sudo().search(
            [
                ("partner_id", "in", self.ids),
                ("active", "=", False),
                ("departure", "=", reason),
            ]
        )._come_back()

    def _discard(self):
        """Delete these contacts, archive them where they are used elsewhere."""
        for partner in self:
            try:
                with self.env.cr.savepoint():
                    partner.unlink()
            except (IntegrityError, UserError):
                partner.active = False

    def _show_some_client(self):
        """Show the accountants among these contacts all their clients again where the
        only one shown is gone."""
        for partner in self.sudo():
            accounted = partner.membership_ids._get_accounted()
            if not any(accounted.mapped("is_selected")):
                accounted.is_selected = True

    # ------------------------------------------------------------------ actions

    def action_invite_accountant(self):
        """Open the wizard *Invite accountant* for this client."""
        return self._get_client_action("subscription_invitation_send_action")

    def action_view_subscription_ids(self):
        """Show the subscriptions of this client the way the menu does."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "partner_managed_subscription.sale_subscription_managed_action"
        )
        upstream = super().action_view_subscription_ids()
        return dict(action, domain=upstream["domain"], context=upstream["context"])

    def action_view_members(self):
        """Open the members of this client."""
        return self._get_client_action("subscription_member_action")

    def action_view_seats(self):
        """Open the usage of the seats of this client."""
        return self._get_client_action("subscription_seat_usage_action")

    def action_view_audit(self):
        """Open the audit trail of this client."""
        action = self._get_client_action("subscription_audit_action")
        return dict(action, context=dict(action["context"], audit_of_client=True))

    def action_renew(self):
        """Open the wizard *Renew* on the subscriptions of these clients that can be
        renewed.

        :raise UserError: when there is none
        """
        subscriptions = self.env["sale.subscription"].search(
            [
                ("client_id", "in", self.ids),
                ("in_progress", "=", True),
                ("date", "!=", False),
                ("renewal_state", "!=", "renewed"),
            ]
        )
        if not subscriptions:
            raise UserError(
                self.env._(
                    "Nothing to renew: a subscription can be renewed while it is in"
                    " progress and has an end, once for each term."
                )
            )
        return subscriptions.action_renew()

    def action_view_licences(self):
        """Open the stocks of licences of this partner."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "partner_managed_subscription.subscription_licence_account_action"
        )
        context = {"default_partner_id": self.id}
        return dict(action, domain=[("partner_id", "=", self.id)], context=context)

    def action_view_managed(self):
        """Open the companies that this partner manages."""
        action = self._get_client_action("res_partner_client_action")
        return dict(
            action,
            domain=[("managing_partner_id", "=", self.id)],
            context={
                "default_managing_partner_id": self.id,
                "default_is_company": True,
            },
        )

    def _get_client_action(self, xmlid):
        """Return the action of this module called ``xmlid``, for this client."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            f"partner_managed_subscription.{xmlid}"
        )
        return dict(
            action,
            domain=[("client_id", "=", self.id)],
            context={"default_client_id": self.id},
        )
