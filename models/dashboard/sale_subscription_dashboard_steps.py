from odoo import api, models

from ..access.res_users import GROUP_ADMIN
from .sections import open_action


class SaleSubscription(models.Model):
    """The first steps: what leads from an empty database to the first client."""

    _inherit = "sale.subscription"

    @api.model
    def _get_dashboard_steps(self):
        """Return the steps of the user's role, in their order, each with whether it was
        done; none once there is a subscription, nor for who can take none."""
        if not self.has_access("create") or self._is_there(self._name, []):
            return []
        if self.env.user.has_group(GROUP_ADMIN):
            return [*self._get_catalogue_steps(), *self._get_sale_steps()]
        if self.env.user._is_partner_staff():
            return [self._get_stock_step(), self._get_client_step()]
        return []

    @api.model
    def _is_there(self, model, domain):
        """Return whether the user sees a record of ``domain``."""
        return bool(self.env[model].search(domain, limit=1))

    @api.model
    def _prepare_step(self, name, title, text, done, label, xmlid, **values):
        return {
            "name": name,
            "title": title,
            "text": text,
            "done": done,
            "label": label,
            "action": open_action(xmlid, **values),
        }

    @api.model
    def _get_catalogue_steps(self):
        """Return the steps of what is sold."""
        return [
            self._prepare_step(
                "module",
                self.env._("Add the modules that you sell"),
                self.env._("One for each part of your product that is used by seats."),
                self._is_there("subscription.module", [("is_base", "=", False)]),
                self.env._("Modules"),
                "subscription_module_action",
            ),
            self._prepare_step(
                "plan",
                self.env._("Make a plan"),
                self.env._("Its modules, how many seats of each, and for how long."),
                self._is_there("subscription.plan.line", []),
                self.env._("Plans"),
                "sale_subscription_template_action",
            ),
        ]

    @api.model
    def _get_sale_steps(self):
        """Return the steps of who sells it to whom."""
        return [
            self._prepare_step(
                "partner",
                self.env._("Add a partner"),
                self.env._("The company that manages clients, and a user of its staff."),
                self._is_there("res.partner", [("is_managing_partner", "=", True)]),
                self.env._("Partners"),
                "res_partner_managing_action",
            ),
            self._prepare_step(
                "licences",
                self.env._("Give it licences"),
                self.env._("Terms of a fixed duration take them from its stock."),
                self._is_there("subscription.licence.move", []),
                self.env._("Give licences"),
                "subscription_licence_transfer_action",
                context={"default_direction": "give"},
            ),
            self._get_client_step(),
        ]

    @api.model
    def _get_stock_step(self):
        return self._prepare_step(
            "licences",
            self.env._("Look at your licences"),
            self.env._("The vendor gives or sells them; terms take them from there."),
            self._is_there("subscription.licence.move", [("quantity", ">", 0)]),
            self.env._("Stock"),
            "subscription_licence_account_action",
        )

    @api.model
    def _get_client_step(self):
        return self._prepare_step(
            "client",
            self.env._("Create the first client"),
            self.env._("Its plan, its administrator and its people, in one go."),
            False,
            self.env._("New client"),
            "subscription_new_client_action",
        )
