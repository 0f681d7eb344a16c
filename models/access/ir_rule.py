from odoo import api, models, tools
from odoo.exceptions import AccessError
from odoo.fields import Domain

from ..core.base import ADDON

# Models whose records the rules below leave alone, by the beginning of their names,
# and why.
APART = {
    "discuss.": "channels have members of their own",
    "res.company": "the vendor's companies, which all records belong to",
    "res.users.settings": "each user has its own, by the rules of Odoo",
}
# What somebody who changes nothing keeps for itself all the same.
SETTINGS = {"ir.embedded.actions", "ir.exports", "ir.filters"}


class IrRule(models.Model):
    _inherit = "ir.rule"

    @api.model
    def _compute_domain(self, model_name, mode="read"):
        """Add what restricted users may see and change of what everybody shares, and
        that the apps beside this addon are closed to them: one rule for models that
        nobody here has heard of, whenever they are installed."""
        domain = super()._compute_domain(model_name, mode)
        if not self._is_user_restricted():
            return domain
        more = self.env["ir.model"]._get_open_domain(model_name)
        more &= self._get_shared_domain(model_name, mode)
        return (
            domain if more.is_true() else (domain & more).optimize(self.env[model_name])
        )

    @api.model
    @tools.ormcache("self.env.uid", "model_name", "mode")
    def _get_shared_domain(self, model_name, mode):
        """Return the domain of the records of a model that a restricted user may
        access, where this addon has no rule for it.

        Odoo lets all internal users share filters, templates, letters and whatever else
        a module lets them create. So nothing needs to be listed here to be kept apart.
        """
        user, model = self.env.user, self.env[model_name]
        if model._transient:
            return user._get_own_domain()
        if model_name.startswith(tuple(APART)) or self._is_ruled(model_name, mode):
            return Domain.TRUE
        domain = self._get_shared_contact_domain(model)
        if not self.env["ir.model.access"].check(model_name, "create", False):
            return domain
        if mode == "read" or model_name in SETTINGS or user._is_partner_staff():
            return domain & user._get_maker_domain(mode)
        return Domain.FALSE

    @api.model
    def _is_ruled(self, model_name, mode):
        """Return whether a rule of this addon says who may access a model."""
        xmlids = self._get_rules(model_name, mode).sudo().get_external_id()
        return any(xmlid.startswith(f"{ADDON}.") for xmlid in xmlids.values())

    @api.model
    def _get_shared_contact_domain(self, model):
        """Return the domain of the records that name no contact out of reach."""
        return Domain.AND(
            self.env.user._get_contact_domain(name, or_nobody=True)
            for name, field in model._fields.items()
            if field.type == "many2one"
            and field.store
            and field.comodel_name == "res.partner"
        )

    def _make_access_error(self, operation, records):
        """Name no record to who may not see it, which Odoo does in debug mode."""
        if not self.env.user._is_restricted():
            return super()._make_access_error(operation, records)
        if not self.env["ir.model"]._get_openness(records._name):
            return self._make_closed_error(records)
        return super()._make_access_error(operation, records.browse())

    @api.model
    def _make_closed_error(self, records):
        """Return the refusal of a model of an app that is closed to the user."""
        message = self.env._(
            "%s belongs to an app that partners and accountants do not use. Ask the"
            " vendor, if you need it.",
            self.env["ir.model"]._get(records._name).name,
        )
        return AccessError(message)
