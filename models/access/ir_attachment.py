from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

AUTHORS = ("create_uid", "write_uid")
# No caller can put this object into a context: it says that Odoo makes a link to a file
# which the user has just uploaded.
OWN_FILE = object()
OWN_FILE_KEY = "partner_managed_subscription_own_file"


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    def _search(self, domain, offset=0, limit=None, order=None, **kwargs):
        """Find nothing by what partners' staff and accountants ask about the author:
        Odoo searches with the rights of nobody here, and sorts out afterwards.

        :raise AccessError: when they search or sort by tokens
        """
        if self._is_user_restricted():
            domain = Domain(domain).map_conditions(self._close_condition)
            if order and "access_token" in order:
                self._check_field_access(self._fields["access_token"], "read")
        return super()._search(domain, offset, limit, order, **kwargs)

    def _close_condition(self, condition):
        """Return ``condition``, or that nothing matches, if it is about an author other
        than by id."""
        name, _dot, path = condition.field_expr.partition(".")
        if name == "access_token":
            self._check_field_access(self._fields[name], "read")
        if name not in AUTHORS:
            return condition
        value = condition.value
        values = value if isinstance(value, (list, tuple, set)) else [value]
        is_id = all(isinstance(item, int) for item in values)
        return condition if is_id and path in ("", "id") else Domain.FALSE

    # ------------------------------------------------------------------ tokens
    # Whoever has the token of a file gets the file. A restricted user has those of the
    # files that it made itself, which the editor puts into texts.

    def _has_field_access(self, field, operation):
        if field.name == "access_token" and self._is_user_restricted():
            return self.env.context.get(OWN_FILE_KEY) is OWN_FILE
        return super()._has_field_access(field, operation)

    def generate_access_token(self):
        """Return the tokens of these files.

        :raise AccessError: when a restricted user did not make them itself
        """
        if self._is_user_restricted():
            self.check_access("read")
            self = self.sudo()
            if self.create_uid - self.env.user:
                message = self.env._("Only who uploaded a file can make a link to it.")
                raise AccessError(message)
        return super().generate_access_token()

    @api.model
    @api.readonly
    def search_read(self, domain=None, fields=None, *args, **kwargs):
        """Leave the token out: the editor asks for it, and for a new one where there is
        none."""
        if not (fields and "access_token" in fields and self._is_user_restricted()):
            return super().search_read(domain, fields, *args, **kwargs)
        fields = [name for name in fields if name != "access_token"]
        rows = super().search_read(domain, fields, *args, **kwargs)
        return [{**row, "access_token": False} for row in rows]

    def _get_media_info(self):
        if not self._is_user_restricted():
            return super()._get_media_info()
        # sudo: Odoo reads the token as well, which is left out.
        self.check_access("read")
        return {
            **super(IrAttachment, self.sudo())._get_media_info(),
            "access_token": False,
        }
