from odoo import api, fields, models
from odoo.exceptions import UserError

from ..access.res_users import GROUP_STANDARD

# The fields that the path of a company, and of all below it, follows from.
PLACE_FIELDS = {"managing_partner_id", "is_managing_partner", "parent_id"}


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = [
        "res.partner",
        "subscription.protected.fields.mixin",
        "subscription.locking.mixin",
        "subscription.seen.values.mixin",
    ]
    _watched_fields = (
        *("street", "street2", "zip", "city", "state_id", "country_id"),
        "email",
    )

    def _default_managing_partner_id(self):
        """Companies created from the list of clients are managed by the user's own."""
        # Named like a default value, so that neither the web client nor Odoo hands it
        # on to what is opened or created from there.
        if not self.env.context.get("default_managed_by_own_company"):
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
        exportable=False,
    )
    managed_count = fields.Integer(compute="_compute_managed_count")

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
            partner.management_path = partner._get_management_path()

    def _get_management_path(self):
        above = self.managing_partner_id
        if above or self.is_managing_partner:
            return f"{above.management_path or ''}{self.id}/"
        return self.parent_id.management_path

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

    # ------------------------------------------------------------------ doors

    @api.model_create_multi
    def create(self, vals_list):
        """Create contacts; companies that the staff of a partner creates are clients of
        that partner unless it says otherwise."""
        vals_list = [self._complete_managing_partner(vals) for vals in vals_list]
        self._lock_places(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        """Change contacts, and the paths of the companies below those that move.

        :raise ValidationError: when a company would come to manage itself
        """
        if PLACE_FIELDS & vals.keys():
            vals = self._put_in_form(vals)
        moving = self._get_changed(vals, PLACE_FIELDS)
        if moving:
            moving._prepare_place(vals)
        managed = moving.filtered("management_path")
        recast = moving._get_changed(vals, {"managing_partner_id"})
        managers = recast._get_managing_partners()
        result = super().write(vals)
        if managers:
            self._log_managing_partners(managers)
        moving._note_moved(managed)
        return result

    @api.model
    def _complete_managing_partner(self, vals):
        """Return ``vals`` with the managing partner that the user's company is."""
        vals = self._put_in_form(vals)
        placed = vals.get("parent_id") or vals.get("managing_partner_id")
        if placed or not self._is_user_restricted():
            return vals
        return dict(vals, managing_partner_id=self.env.user.commercial_partner_id.id)

    def _note_moved(self, managed_before):
        """Make what the users of these companies see follow their new place."""
        if managed_before or self.filtered("management_path"):
            self.env.registry.clear_cache()

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

    # ------------------------------------------------------------------ hierarchy

    def _absorb(self, sources):
        """Take over what belongs to ``sources``, which are merged into this contact:
        here the companies that they manage. Lower folders take over the rest.

        :param sources: contacts as superuser, archived records included
        :raise UserError: when a company would come to manage itself
        """
        self._verify_not_below(sources)
        managed = sources.managed_partner_ids
        if managed:
            self.is_managing_partner = True
            managed.write({"managing_partner_id": self.id})

    def _verify_not_below(self, sources):
        """:raise UserError: when one of ``sources`` manages this contact"""
        above = sources & self.managing_partner_id._get_management_chain()
        if above:
            raise UserError(
                self.env._(
                    "%(partner)s manages %(reseller)s and cannot be merged into it."
                    " Merge %(reseller)s into %(partner)s: choose %(partner)s as the"
                    " destination contact. Or first give %(reseller)s another managing"
                    " partner, or none.",
                    partner=above[0].display_name,
                    reseller=self.display_name,
                )
            )

    def _get_managing_partners(self):
        """Return ``{company: its managing partner}`` for these companies."""
        return {partner: partner.managing_partner_id for partner in self.sudo()}

    @api.model
    def _log_managing_partners(self, managers):
        """Note in the audit trail who is not managed as in ``managers`` any more."""
        self.env["subscription.log"]._log_entries(
            [
                {
                    "event": "managing_partner",
                    "client_id": client.id,
                    "old_value": manager.name,
                    "new_value": client.managing_partner_id.name,
                    "old_managing_partner_id": manager.id,
                    "new_managing_partner_id": client.managing_partner_id.id,
                }
                for client, manager in managers.items()
                if client.managing_partner_id != manager
            ]
        )

    def _get_subscription_contact(self):
        """Return, as superuser, whom this client asks about its subscription: its
        managing partner, else the vendor."""
        self.ensure_one()
        return self.sudo().managing_partner_id or self._get_vendor()

    def _get_vendor(self):
        """Return, as superuser, the company that sells to this client."""
        # sudo: who has a subscription may know whose it is.
        return (self.company_id or self.env.company).sudo().partner_id

    def _get_subscription_contact_text(self):
        """Return whom this client asks about its subscription, and how to reach them:
        its managing partner, else the vendor."""
        contact = self._get_subscription_contact()
        means = ", ".join(filter(None, (contact.email, contact.phone)))
        return f"{contact.name} ({means})" if means else contact.name

    def _is_managed_by_user(self):
        """Return whether the user changes the contract of this client, and need not
        contact anybody: the vendor does, and the staff of a company that manages it."""
        self.ensure_one()
        user = self.env.user
        return (
            not user._is_superuser()
            and user.has_group(GROUP_STANDARD)
            and bool(self.sudo().filtered_domain(user._get_managed_contact_domain()))
        )

    # ------------------------------------------------------------------ actions

    def action_view_audit(self):
        """Open the audit trail of this client."""
        return self._open_client_action("subscription_audit_action")

    def action_view_managed(self):
        """Open the companies that this partner manages."""
        return self._open_action(
            "res_partner_client_action",
            domain=[("managing_partner_id", "=", self.id)],
            context={
                "default_managing_partner_id": self.id,
                "default_is_company": True,
            },
        )

    def _open_client_action(self, xmlid, context=(), **values):
        """Return the action of this addon called ``xmlid``, for this client."""
        self.ensure_one()
        context = {"default_client_id": self.id, **dict(context)}
        values = {"domain": [("client_id", "=", self.id)], **values}
        return self._open_action(xmlid, context=context, **values)
