from odoo import api, fields, models


class ResPartner(models.Model):
    """The billing mailbox of a client or partner, and what does not arrive there."""

    _name = "res.partner"
    _inherit = ["res.partner", "subscription.mailbox.mixin"]

    delivery_problem_ids = fields.One2many(
        "subscription.delivery",
        "partner_id",
        domain=[("is_problem", "=", True)],
        string="Undelivered Invoices",
    )
    mailbox_problem = fields.Text(
        compute="_compute_mailbox_problem",
        compute_sudo=True,
        help="Why invoices do not reach who pays them.",
    )

    @api.depends("delivery_problem_ids.problem")
    @api.depends_context("lang")
    def _compute_mailbox_problem(self):
        for partner in self:
            partner.mailbox_problem = partner.delivery_problem_ids._get_problem_text()

    def _get_mailbox_owner(self):
        company = self.commercial_partner_id
        return {"client_id": company.id} if company.management_path else {}

    def _mailbox_changed(self):
        super()._mailbox_changed()
        # sudo: who changes a mailbox need not be able to read what was sent.
        self.sudo().commercial_partner_id.delivery_problem_ids._mailbox_changed()

    def _get_mailbox_user(self, company):
        """Return who can mend the mailbox of this payer: the first user of the partner
        that manages it, else the vendor's administrator."""
        staff = self.env["res.users"].search(
            [
                (
                    "partner_id.commercial_partner_id",
                    "=",
                    self.managing_partner_id.id or 0,
                ),
                ("company_ids", "in", company.ids),
            ],
            order="id",
        )
        staff = staff.filtered(lambda user: user._is_partner_staff())
        if staff:
            return staff[0]
        group = self.env.ref("partner_managed_subscription.group_admin")
        admins = group.sudo().all_user_ids.filtered(
            lambda user: user.active and company in user.company_ids
        )
        return (self.user_id & admins) or admins[:1] or self.env.user

    # ------------------------------------------------------------------ actions

    def action_view_deliveries(self):
        """Open what was sent to this payer."""
        self.ensure_one()
        return self._open_action(
            "subscription_delivery_action",
            domain=[("partner_id", "=", self.commercial_partner_id.id)],
            context={},
        )
