from odoo import api, fields, models

from ..terms import LICENCE_DIGITS


class SubscriptionLicenceTransferLine(models.TransientModel):
    """The licences of one module that are given, with the stocks before and after."""

    _name = "subscription.licence.transfer.line"
    _description = "Licences to Transfer"

    transfer_id = fields.Many2one(
        "subscription.licence.transfer", required=True, ondelete="cascade"
    )
    module_id = fields.Many2one(
        "subscription.module", required=True, domain=[("is_licensed", "=", True)]
    )
    quantity = fields.Float(string="Licences", digits=LICENCE_DIGITS)
    from_text = fields.Char(string="From", compute="_compute_stocks")
    to_text = fields.Char(string="To", compute="_compute_stocks")
    is_short = fields.Boolean(compute="_compute_stocks")

    @api.depends(
        "module_id",
        "quantity",
        "transfer_id.partner_id",
        "transfer_id.managing_partner_id",
        "transfer_id.direction",
        "transfer_id.company_id",
    )
    def _compute_stocks(self):
        for wizard, lines in self.grouped("transfer_id").items():
            stocks = wizard._get_stocks(lines.module_id)
            for line in lines:
                giver, taker = (
                    stocks.get((partner, line.module_id, wizard.company_id))
                    for partner in wizard._get_ends()
                )
                line.is_short = giver is not None and line._is_short(giver)
                line.from_text = line._get_change_text(giver, -line.quantity)
                line.to_text = line._get_change_text(taker, line.quantity)

    def _is_short(self, giver):
        """Return whether ``giver`` lacks what is to leave its stock. Who is billed
        later has what it allocates, but what is taken back must be there."""
        left = giver.balance - self.quantity
        if self.transfer_id.direction == "take_back":
            return giver._compare(left, 0) < 0
        return giver._is_short(left)

    def _get_change_text(self, stock, change):
        """Return what ``stock`` has, and would have after ``change``; nothing of the
        vendor's, which is without end."""
        if stock is None:
            return self.env._("No limit")
        after = stock._round(stock.balance + change)
        before = stock._format(stock.balance)
        if not change:
            return before
        if change < 0 and self.is_short:
            return self.env._(
                "%(before)s, %(missing)s missing",
                before=before,
                missing=stock._format(-after),
            )
        return f"{before} → {stock._format(max(after, 0))}"
