from odoo import models


class ResPartner(models.Model):
    """The subscriptions of clients."""

    _inherit = "res.partner"

    def _absorb(self, sources):
        """Take over the subscriptions of ``sources``, before their members: those need
        the seats of these."""
        # sudo: subscriptions that the user may not read, and archived ones, move too.
        subscriptions = self.env["sale.subscription"].sudo()
        subscriptions = subscriptions.with_context(active_test=False).search(
            [("partner_id", "in", sources.ids)]
        )
        subscriptions._move_to_merged(self)
        super()._absorb(sources)

    def action_create_subscription(self):
        """Open the form of a first subscription of this client."""
        return self._open_action(
            "sale_subscription_managed_action",
            views=[(False, "form")],
            context={"default_partner_id": self.id},
        )

    def action_view_subscription_ids(self):
        """Show the subscriptions of this client the way the menu does."""
        upstream = super().action_view_subscription_ids()
        return self._open_action(
            "sale_subscription_managed_action",
            domain=upstream["domain"],
            context=upstream["context"],
        )
