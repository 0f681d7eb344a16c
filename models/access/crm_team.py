from odoo import api, fields, models


class CrmTeam(models.Model):
    _inherit = "crm.team"

    @api.depends_context("uid")
    def _compute_invoiced(self):
        """Count, for restricted users, the invoices that they may read: Odoo counts
        those of everybody."""
        if not self._is_user_restricted():
            return super()._compute_invoiced()
        today = fields.Date.today()
        sums = dict(
            self.env["account.move"]._read_group(
                [
                    ("move_type", "in", ("out_invoice", "out_refund", "out_receipt")),
                    ("payment_state", "in", ("in_payment", "paid", "reversed")),
                    ("state", "=", "posted"),
                    ("team_id", "in", self.ids),
                    ("date", ">=", today.replace(day=1)),
                    ("date", "<=", today),
                ],
                ["team_id"],
                ["amount_untaxed_signed:sum"],
            )
        )
        for team in self:
            team.invoiced = sums.get(team._origin, 0)
        return None
