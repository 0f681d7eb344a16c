from odoo import api, models, tools
from odoo.fields import Domain

from .res_users import GROUP_ACCOUNTANT, GROUP_STANDARD

# Models of closed modules that every page of a website reads, for whoever looks at it.
OPEN_MODELS = {"website", "website.menu", "website.page"}


class IrModel(models.Model):
    _inherit = "ir.model"

    @api.model
    def _get_open_domain(self, model_name):
        """Return the domain of those records of a model that its app opens to
        restricted users: none of a closed one, and of the wizards of other modules
        those that the user made, for Odoo shows everybody what others entered there."""
        access = self._get_openness(model_name)
        if access == "own":
            return Domain("create_uid", "=", self.env.uid)
        return Domain.TRUE if access else Domain.FALSE

    @api.model
    @tools.ormcache("model_name", cache="stable")
    def _get_openness(self, model_name):
        """Return whether a model is open to restricted users, or ``own`` where they get
        what they made. Whoever wants to open one gives one of their roles an access
        right on it."""
        model, modules = self.env[model_name], self.env["ir.module.module"]
        if (
            model._transient
            and model._original_module not in modules._get_known_names()
        ):
            return "own"
        is_closed = (
            model._custom or model._original_module in modules._get_closed_names()
        )
        return (
            not is_closed or model_name in OPEN_MODELS or self._names_role(model_name)
        )

    @api.model
    def _names_role(self, model_name):
        """Return whether an access right on the model is for a restricted role."""
        roles = [self.env.ref(group).id for group in (GROUP_STANDARD, GROUP_ACCOUNTANT)]
        domain = [("model_id.model", "=", model_name), ("perm_read", "=", True)]
        # sudo: access rights are read for the rules, on behalf of anybody.
        rights = self.env["ir.model.access"].sudo()
        return bool(rights.search([*domain, ("group_id", "in", roles)], limit=1))
