from odoo import api, fields, models

from ..terms import LICENCE_DIGITS


class SubscriptionRenewResult(models.TransientModel):
    """What became of one subscription when many were renewed."""

    _name = "subscription.renew.result"
    _description = "Result of a Renewal"
    _order = "renew_id, state, id"
    _rec_name = "subscription_id"

    renew_id = fields.Many2one("subscription.renew", required=True, ondelete="cascade")
    subscription_id = fields.Many2one("sale.subscription", ondelete="cascade")
    client_id = fields.Many2one("res.partner")
    # Those that need somebody are first, by the order of the words.
    state = fields.Selection(
        [("refused", "Not renewed"), ("renewed", "Renewed")], string="Result"
    )
    date_end = fields.Date(string="Renewed Until")
    licences = fields.Float(digits=LICENCE_DIGITS, help="Licences that were taken.")
    refusal = fields.Text(string="Reason")

    @api.model
    def _prepare_all(self, renewals, refusals):
        """Return the values of the results of ``subscription.renewal._schedule``."""
        renewed = [
            {
                "subscription_id": renewal.subscription_id.id,
                "client_id": renewal.client_id.id,
                "state": "renewed",
                "date_end": renewal.date_end,
                "licences": renewal.licences,
            }
            for renewal in renewals
        ]
        refused = [
            {
                "subscription_id": subscription.id,
                "client_id": subscription.client_id.id,
                "state": "refused",
                "refusal": refusal,
            }
            for subscription, refusal in refusals.items()
        ]
        return refused + renewed

    def action_open(self):
        """Open the subscription."""
        self.ensure_one()
        return self._open_action(
            "sale_subscription_managed_action",
            views=[(False, "form")],
            res_id=self.subscription_id.id,
            context={},
        )
