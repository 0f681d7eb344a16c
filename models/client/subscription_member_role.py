from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core.changes import write_changes


class SubscriptionMemberRole(models.Model):
    _name = "subscription.member.role"
    _inherit = ["subscription.locking.mixin"]
    _description = "Member Role"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        compute="_compute_code",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    takes_seat = fields.Boolean(
        default=True,
        help="Members with this role count against the limits of the plan.",
    )
    is_administrator = fields.Boolean(
        string="Administrator",
        help="Members with this role look after the users of their company.",
    )
    is_accountant = fields.Boolean(
        string="Accountant",
        help="Members with this role read every document of the company and change"
        " nothing.",
    )
    description = fields.Text(translate=True)
    # Searching it would tell the roles of members out of reach.
    member_ids = fields.One2many(
        "subscription.member",
        "role_id",
        groups="partner_managed_subscription.group_admin",
    )

    _code_unique = models.Constraint(
        "UNIQUE (code)", "Another role has this code already."
    )
    _accountant_reads = models.Constraint(
        "CHECK (is_accountant IS NOT TRUE"
        " OR (takes_seat IS NOT TRUE AND is_administrator IS NOT TRUE))",
        "Accountants read only: they take no seat and look after no users.",
    )

    @api.depends("name")
    def _compute_code(self):
        """Make codes of names, once: an import or a program may know them by then."""
        for record in self:
            record.code = record.code or self.env["ir.http"]._slugify(record.name or "")

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        """:raise UserError: naming those of these roles that members have; the refusal
        of the database names models and fields instead"""
        used = self.sudo().with_context(active_test=False).filtered("member_ids")
        if used:
            raise UserError(
                self.env._(
                    "%(roles)s: members have this role. Archive it instead.",
                    roles=", ".join(used.mapped("name")),
                )
            )

    def write(self, vals):  # pylint: disable=method-required-super
        """Seat the members anew when their role starts or stops taking seats.

        :raise SeatRefusal: when the members of a role that starts to take seats do
            not fit into their pools
        :raise UserError: when a client would lose its last administrator
        """
        changed = self._get_changed(vals, {"active", "is_administrator"})
        administrators = changed.filtered(lambda role: role._is_administration())
        with administrators.sudo().member_ids._keep_administrators():
            return self._write_rights(vals)

    @write_changes
    def _write_rights(self, vals):
        """Change these roles, and the seats of their members with them."""
        rights = {role: role._get_rights() for role in self}
        recast = self._get_changed(vals, {"takes_seat"})
        result = super().write(vals)
        self._log_rights(rights)
        recast.sudo().member_ids._role_changed()
        return result

    def _is_administration(self):
        """Return whether members with this role are administrators: an archived role
        does not make one."""
        return self.active and self.is_administrator

    @api.model
    def _get_given_by_clients(self):
        """Return the roles that an administrator gives to its members: accountants are
        invited, and accept."""
        return self.search([("is_accountant", "=", False)])

    def _get_rights(self):
        """Return what this role means for its members, as the log keeps it."""
        rights = {
            "takes_seat": self.takes_seat,
            "takes_no_seat": not self.takes_seat,
            "is_administrator": self.is_administrator,
            "is_accountant": self.is_accountant,
            "is_archived": not self.active,
        }
        return ", ".join(right for right, is_given in rights.items() if is_given)

    @api.model
    def _get_first_administration(self):
        """Return the role that a client's first administrator is given."""
        return self.search([("is_administrator", "=", True)], limit=1)

    @api.model
    def _get_rights_words(self):
        """Return ``{right: its word}`` for :meth:`_get_rights`."""
        return {
            "takes_seat": self.env._("takes a seat"),
            "takes_no_seat": self.env._("takes no seat"),
            "is_administrator": self.env._("administrator"),
            "is_accountant": self.env._("accountant"),
            "is_archived": self.env._("archived"),
        }

    def _log_rights(self, rights):
        """Note in the audit trail of every client that has members with them which of
        these roles do not mean what they did in ``rights``."""
        changed = self.filtered(lambda role: role._get_rights() != rights[role])
        members = self.env["subscription.member"].sudo()
        groups = changed and members._read_group(
            [("role_id", "in", changed.ids), ("active", "=", True)],
            ["role_id", "client_id"],
        )
        self.env["subscription.log"]._log_entries(
            [
                {
                    "event": "role_edited",
                    "client_id": client.id,
                    "old_value": f"{role.code}: {rights[role]}",
                    "new_value": role._get_rights(),
                }
                for role, client in groups
            ]
        )
