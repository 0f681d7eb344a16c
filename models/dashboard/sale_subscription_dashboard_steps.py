from odoo import api, models

from ..access.res_users import GROUP_ADMIN
from .sections import open_action


class SaleSubscription(models.Model):
    """The first steps: what leads from an empty database to the first client."""

    _inherit = "sale.subscription"

    @api.model
    def _get_dashboard_steps(self, asked):
        """Return the steps of the user's role, in their order, each with whether it was
        done; none once there is a subscription, nor for who can take none."""
        if not self.has_access("create") or self._has_subscription(asked):
            return []
        if self.env.user.has_group(GROUP_ADMIN):
            return [
                self._get_module_step(),
                self._get_plan_step(),
                self._get_partner_step(),
                self._get_licence_step(),
                self._get_client_step(),
            ]
        if self.env.user._is_partner_staff():
            return [self._get_stock_step(), self._get_client_step()]
        return []

    @api.model
    def _has_subscription(self, asked):
        """Return whether the user sees any; those of the tiles are known already."""
        return bool(self._read_term_facts(asked)) or self._is_there(self._name, [])

    @api.model
    def _is_there(self, model, domain):
        """Return whether the user sees a record of ``domain``."""
        return bool(self.env[model].search(domain, limit=1))

    @api.model
    def _prepare_step(self, xmlid, done, *texts, **values):
        """Return the step of the action ``xmlid``; ``texts`` are its title, what it is
        about, and the words on its button."""
        title, text, label = texts
        action = open_action(xmlid, **values)
        return {
            "name": xmlid,
            "title": title,
            "text": text,
            "done": done,
            "label": label,
            "action": action,
        }

    @api.model
    def _get_module_step(self):
        return self._prepare_step(
            "subscription_module_action",
            self._is_there("subscription.module", [("is_base", "=", False)]),
            self.env._("Add the modules that you sell"),
            self.env._("One for each part of your product that is used by seats."),
            self.env._("Modules"),
        )

    @api.model
    def _get_plan_step(self):
        return self._prepare_step(
            "sale_subscription_template_action",
            self._is_there("subscription.plan.line", []),
            self.env._("Make a plan"),
            self.env._("Its modules, how many seats of each, and for how long."),
            self.env._("Plans"),
        )

    @api.model
    def _get_partner_step(self):
        return self._prepare_step(
            "res_partner_managing_action",
            self._is_there("res.partner", [("is_managing_partner", "=", True)]),
            self.env._("Add a partner"),
            self.env._("The company that manages clients, and a user of its staff."),
            self.env._("Partners"),
        )

    @api.model
    def _get_licence_step(self):
        return self._prepare_step(
            "subscription_licence_transfer_action",
            self._is_there("subscription.licence.move", []),
            self.env._("Give it licences"),
            self.env._("Terms of a fixed duration take them from its stock."),
            self.env._("Give licences"),
            context={"default_direction": "give"},
        )

    @api.model
    def _get_stock_step(self):
        return self._prepare_step(
            "subscription_licence_account_action",
            self._is_there("subscription.licence.move", [("quantity", ">", 0)]),
            self.env._("Look at your licences"),
            self.env._("The vendor gives or sells them; terms take them from there."),
            self.env._("Stock"),
        )

    @api.model
    def _get_client_step(self):
        return self._prepare_step(
            "subscription_new_client_action",
            False,
            self.env._("Create the first client"),
            self.env._("Its plan, its administrator and its people, in one go."),
            self.env._("New client"),
        )
