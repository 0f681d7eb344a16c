from odoo import api, fields, models
from odoo.exceptions import UserError


class SubscriptionClientMove(models.TransientModel):
    """Moves the companies of a managing partner to another one."""

    _name = "subscription.client.move"
    _description = "Move Clients"

    partner_id = fields.Many2one(
        "res.partner",
        string="Managing Partner Now",
        required=True,
        domain=[("is_managing_partner", "=", True)],
    )
    client_ids = fields.Many2many(
        "res.partner",
        string="Companies",
        compute="_compute_client_ids",
        store=True,
        readonly=False,
        domain="[('managing_partner_id', '=', partner_id)]",
    )
    new_partner_id = fields.Many2one(
        "res.partner",
        string="New Managing Partner",
        required=True,
        domain="[('is_managing_partner', '=', True), ('id', '!=', partner_id)]",
    )

    @api.depends("partner_id")
    def _compute_client_ids(self):
        for wizard in self:
            wizard.client_ids = wizard.partner_id.managed_partner_ids

    def action_move(self):
        """Move the companies, by the rule for one that moves, and say how many.

        :raise UserError: when there are none
        """
        self.ensure_one()
        clients = self.client_ids
        if not clients:
            raise UserError(self.env._("Choose the companies to move."))
        clients.write({"managing_partner_id": self.new_partner_id.id})
        return self._notify(
            self.env._(
                "%(partner)s manages %(clients)s now.",
                partner=self.new_partner_id.display_name,
                clients=clients._get_names_text(),
            ),
            title=self.env._("Companies moved"),
        )
