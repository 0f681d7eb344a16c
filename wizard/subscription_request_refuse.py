from odoo import fields, models

from ..models.core.base import RELOAD


class SubscriptionRequestRefuse(models.TransientModel):
    """Asks for the sentence with which a request is refused."""

    _name = "subscription.request.refuse"
    _description = "Refuse a Request"

    request_id = fields.Many2one(
        "subscription.request", required=True, ondelete="cascade"
    )
    answer = fields.Text(required=True)

    def action_refuse(self):
        """Refuse the request.

        :raise UserError: when somebody else answers it, or has done so already
        """
        self.ensure_one()
        request = self.request_id
        request._verify_may_answer()
        request._refuse(self.answer)
        return self._notify(
            self.env._("%(request)s: refused.", request=request.display_name),
            then=RELOAD,
        )
