from odoo import api, models, tools
from odoo.exceptions import UserError


class SubscriptionProtectedFieldsMixin(models.AbstractModel):
    """Fields of this module that only the program sets.

    Odoo lets every caller write a stored computed field: ``readonly`` is for screens.
    Limits and record rules read such fields here, so whoever could write one could
    reach the clients of a competitor. The program itself computes them without passing
    through these methods, or sets them by :meth:`_set`.
    """

    # Stored fields that are not computed, but :meth:`_set`. Each part of a model names
    # its own.
    _protected_fields = ()

    _name = "subscription.protected.fields.mixin"
    _description = "Fields That Only the Program Sets"

    @api.model
    @tools.ormcache()
    def _get_protected_names(self):
        """Return the names of the stored fields of this module that only the program
        sets."""
        named = (vars(part).get("_protected_fields", ()) for part in type(self).mro())
        return (
            frozenset()
            .union(*named)
            .union(
                name
                for name, field in self._fields.items()
                if field.store
                and field.compute
                and field.readonly
                and field._module == "partner_managed_subscription"
            )
        )

    @api.model
    def default_get(self, fields):
        """Return no default for computed fields, also not from the context."""
        return super().default_get(list(set(fields) - self._get_protected_names()))

    @api.model_create_multi
    def create(self, vals_list):
        """:raise UserError: when a value is given that only the program sets"""
        for vals in vals_list:
            self._verify_not_protected(vals)
        return super().create(vals_list)

    def write(self, vals):
        """:raise UserError: when a value is given that only the program sets"""
        self._verify_not_protected(vals)
        return super().write(vals)

    def _set(self, vals):
        """Write ``vals`` as the program, past the doors of the model."""
        return super().write(vals)

    @api.model
    def _verify_not_protected(self, vals):
        forged = self._get_protected_names() & set(vals)
        if forged:
            raise UserError(
                self.env._(
                    "%(fields)s cannot be set: it follows from the other values.",
                    fields=", ".join(
                        self._fields[name]._description_string(self.env)
                        for name in sorted(forged)
                    ),
                )
            )
