from odoo import api, models
from odoo.exceptions import UserError


class SubscriptionImmutableMixin(models.AbstractModel):
    """Records that only the program makes and changes.

    Nobody creates, edits or deletes one, whatever its rights: the models have methods
    that keep their rules, and those use :meth:`_add` and :meth:`_set`.
    """

    _name = "subscription.immutable.mixin"
    _description = "Records That Only the Program Makes"

    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super
        """Refuse.

        :raise UserError: always
        """
        raise self._get_edit_refusal()

    def write(self, vals):  # pylint: disable=method-required-super
        """Refuse.

        :raise UserError: always
        """
        raise self._get_edit_refusal()

    def unlink(self):  # pylint: disable=method-required-super
        """Refuse.

        :raise UserError: always
        """
        raise self._get_edit_refusal()  # pylint: disable=no-raise-unlink

    @api.model
    def _get_edit_refusal(self):
        """Return the ``UserError`` that tells why. Models say what to do instead."""
        return UserError(
            self.env._("Only the program makes and changes these records, nobody else.")
        )

    @api.model
    def _add(self, vals_list):
        """Create records as the program."""
        return super().create(vals_list)

    def _set(self, vals):
        """Write ``vals`` as the program."""
        return super().write(vals)

    def _remove(self):
        """Delete these as the program."""
        return super().unlink()
