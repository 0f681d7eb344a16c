from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..models.access.res_users import GROUP_ADMIN
from ..models.licence.stock_key import StockKey


class SubscriptionLicenceTransfer(models.TransientModel):
    """Give licences to a partner or a reseller, or take unused ones back.

    They come from the stock of the partner that manages it, and go back there; without
    one, from the vendor, who has no stock but gives as it likes.
    """

    _name = "subscription.licence.transfer"
    _description = "Transfer of Licences"

    partner_id = fields.Many2one(
        "res.partner",
        string="Partner or Reseller",
        required=True,
        domain=[("is_managing_partner", "=", True)],
    )
    direction = fields.Selection(
        [("give", "Give"), ("take_back", "Take back")], required=True, default="give"
    )
    from_vendor = fields.Boolean(
        string="Directly by the Vendor",
        help="The vendor gives to a reseller, or takes back from it, without touching"
        " the stock of the partner that manages it.",
    )
    may_choose_vendor = fields.Boolean(compute="_compute_managing_partner_id")
    is_from_vendor = fields.Boolean(compute="_compute_managing_partner_id")
    managing_partner_id = fields.Many2one(
        "res.partner",
        compute="_compute_managing_partner_id",
        help="The partner whose stock they come from, or go back to; empty for the"
        " vendor.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    line_ids = fields.One2many(
        "subscription.licence.transfer.line",
        "transfer_id",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )
    title = fields.Char(compute="_compute_title")
    route = fields.Char(compute="_compute_title")
    refusal = fields.Text(compute="_compute_refusal")
    is_short = fields.Boolean(compute="_compute_is_short")

    # ------------------------------------------------------------------ computes

    @api.depends("partner_id", "from_vendor")
    def _compute_managing_partner_id(self):
        is_admin = self.env.user.has_group(GROUP_ADMIN)
        for wizard in self:
            # sudo: staff may not see the partner above its own company.
            managing_partner = wizard.sudo().partner_id.managing_partner_id
            wizard.may_choose_vendor = is_admin and managing_partner
            is_past = is_admin and wizard.from_vendor
            wizard.managing_partner_id = not is_past and managing_partner
            wizard.is_from_vendor = not wizard.managing_partner_id

    @api.depends("company_id")
    def _compute_line_ids(self):
        """Propose every module that is sold by the licence."""
        for wizard in self:
            modules = self.env["subscription.module"].search(
                [
                    ("is_licensed", "=", True),
                    ("company_id", "in", [False, wizard.company_id.id]),
                ]
            )
            wizard.line_ids = [Command.clear()] + [
                Command.create({"module_id": module.id}) for module in modules
            ]

    @api.depends("partner_id", "direction", "managing_partner_id", "company_id")
    @api.depends_context("lang")
    def _compute_title(self):
        for wizard in self:
            wizard.title = bool(wizard.partner_id) and wizard._get_title()
            # sudo: the route names the partner above, whom staff may not see.
            giver, taker = (
                partner.sudo().name or wizard.company_id.name
                for partner in wizard._get_ends()
            )
            wizard.route = bool(wizard.partner_id) and self.env._(
                "From %(giver)s to %(taker)s", giver=giver, taker=taker
            )

    def _get_title(self):
        """Return what is done, in the words of who does it."""
        partner = self.partner_id.name
        if self.direction == "take_back":
            return self.env._("Take licences back from %(partner)s", partner=partner)
        if self.is_from_vendor:
            return self.env._("Give licences to %(partner)s", partner=partner)
        return self.env._("Allocate licences to reseller %(partner)s", partner=partner)

    @api.depends("partner_id", "managing_partner_id", "direction")
    def _compute_refusal(self):
        for wizard in self:
            wizard.refusal = bool(wizard.partner_id) and wizard._get_refusal()

    @api.depends("line_ids.is_short")
    def _compute_is_short(self):
        for wizard in self:
            wizard.is_short = any(wizard.line_ids.mapped("is_short"))

    def _get_refusal(self):
        """Return why the user cannot give to this partner, or take back from it; False
        if it can."""
        accounts = self.env["subscription.licence.account"]
        try:
            if self.direction == "give":
                accounts._verify_may_have(self.partner_id, self.line_ids.module_id)
            accounts._verify_may_give(self.managing_partner_id)
        except UserError as error:
            return str(error)
        return False

    def _get_ends(self):
        """Return the partners that licences leave and come to; empty: the vendor."""
        ends = self.managing_partner_id, self.partner_id
        return ends if self.direction == "give" else ends[::-1]

    def _get_stocks(self, modules):
        """Return ``{key: stock}`` of both ends, as far as the user may see them; the
        vendor has no stock."""
        user = self.env.user
        reach = user._get_client_domain(managed=True)
        # sudo: partners are filtered by what the user may see, not read.
        partners = (
            (self.partner_id | self.managing_partner_id).sudo().filtered_domain(reach)
        )
        return self.env["subscription.licence.account"]._find_stocks(
            [
                StockKey(partner, module, self.company_id)
                for partner in partners
                for module in modules
            ]
        )

    # ------------------------------------------------------------------ actions

    def action_transfer(self):
        """Give the licences, or take them back, and say so.

        :raise UserError: when nothing was entered, or the partner can have none
        :raise LicenceRefusal: when a stock falls short
        """
        self.ensure_one()
        return self._get_notification(self._transfer())

    def _transfer(self):
        """Give the licences that were entered, or take them back; return the entries
        of the ledger."""
        quantities = {
            line.module_id: line.quantity for line in self.line_ids if line.quantity
        }
        accounts = self.env["subscription.licence.account"]
        what = self.partner_id, quantities, self.company_id
        if self.direction == "give":
            return accounts._give(*what, from_vendor=self.is_from_vendor)
        return accounts._take_back(*what, to_vendor=self.is_from_vendor)

    def _get_notification(self, moves):
        # sudo: the entries of the other end are hidden from the user.
        own = moves.sudo().filtered(lambda move: move.partner_id == self.partner_id)
        message = ", ".join(
            self.env._(
                "%(module)s: %(licences)s in stock",
                module=move.module_id.name,
                licences=move.account_id._format(move.account_id.balance),
            )
            for move in own
        )
        return self._notify(message, title=self.partner_id.name)
