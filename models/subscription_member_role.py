from odoo import api, fields, models
from odoo.exceptions import UserError


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
    member_ids = fields.One2many("subscription.member", "role_id")

    _code_unique = models.Constraint(
        "UNIQUE (code)", "Another role has this code already."
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

    def write(self, vals):
        """Seat the members anew when their role starts or stops taking seats.

        :raise SeatRefusal: when the members of a role that starts to take seats do
            not fit into their pools
        """
        recast = self.filtered(
            lambda role: (
                "takes_seat" in vals and role.takes_seat != bool(vals["takes_seat"])
            )
        )
        result = super().write(vals)
        recast.sudo().member_ids._recast_seats()
        return result
