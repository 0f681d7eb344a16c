from odoo import api, models


class SubscriptionDemo(models.AbstractModel):
    """What the demo data call to tell the past of the demo.

    A model, since data files can call nothing else. It has no fields and no table, and
    does nothing unless the demo data are loaded.
    """

    _name = "subscription.demo"
    _description = "Demo of Subscriptions"

    @api.model
    def _tell(self):
        """Make the two years that lie behind the demo, by the methods of the product,
        each on its day."""
        # Imported here: a database without the demo has no use for it.
        from .story import tell

        tell(self.env)
