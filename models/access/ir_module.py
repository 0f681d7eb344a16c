from functools import cache

from odoo import api, models, tools
from odoo.tools import SQL

from ..core.base import ADDON

# Modules with data of their own that tells of nobody's clients: how a user logs in, how
# it maps the columns of its imports, and the lists of a country, like its cities.
OPEN_MODULES = {"auth_passkey", "auth_totp", "base_address_extended", "base_import"}
OPEN_PREFIX = "l10n_"


class IrModuleModule(models.Model):
    """Which of the installed modules partners' staff and accountants have to do with.

    This addon knows the models that it builds on, and has rules for those. Other apps
    were made for the employees of one company: what they let every internal user read
    would be read by competitors here.
    """

    _inherit = "ir.module.module"

    @api.model
    @tools.ormcache(cache="stable")
    def _get_closed_names(self):
        """Return the names of the installed modules that are closed to restricted
        users: those with data of their own, and those that build on one of them. So
        what only adds fields to known models is open."""
        needs, with_data = self._get_needs(), self._get_with_data()
        opened = OPEN_MODULES | self._get_known_names()

        @cache
        def is_closed(name):
            above = needs.get(name, ())
            return name not in opened and (
                name in with_data or any(map(is_closed, above))
            )

        return frozenset(filter(is_closed, needs))

    @api.model
    def _get_with_data(self):
        """Return the names of the modules that keep data, lists of countries aside."""
        return {
            model._original_module
            for model in self.env.registry.values()
            if not (model._abstract or model._transient or model._custom)
            and not model._original_module.startswith(OPEN_PREFIX)
        }

    @api.model
    @tools.ormcache(cache="stable")
    def _get_known_names(self):
        """Return the names of the modules that this addon builds on, itself included,
        and of those that build on it, and so know its roles."""
        needs = self._get_needs()

        @cache
        def get_all(name):
            return {name}.union(*map(get_all, needs.get(name, ())))

        made_for_it = {name for name in needs if ADDON in get_all(name)}
        return frozenset(get_all(ADDON) | made_for_it)

    @api.model
    def _get_needs(self):
        """Return ``{module: modules it depends on}`` for those that are installed, and
        for this addon: while it is installed itself, its demo acts as these users."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT module.name, array_agg(need.name)
                  FROM ir_module_module module
                  LEFT JOIN ir_module_module_dependency need
                    ON need.module_id = module.id
                 WHERE module.state IN ('installed', 'to upgrade', 'to remove')
                    OR module.name = %s
                 GROUP BY module.name
                """,
                ADDON,
            )
        )
        return {name: set(filter(None, needed)) for name, needed in rows}
