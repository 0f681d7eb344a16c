from collections.abc import Mapping

from odoo import api, models
from odoo.exceptions import UserError

from .references import (
    FOR_CREATE,
    FOR_CREATE_KEY,
    NO_REFERENCE,
    REFERRING_TYPES,
    ReferenceReader,
    get_property_links,
)
from .values import to_ids

# What a context says of the caller, not of records.
PLAIN_KEYS = {"lang", "tz", "uid", "allowed_company_ids", FOR_CREATE_KEY}


class Base(models.AbstractModel):
    """Partner staff and accountants refer to nothing that they may not read.

    Odoo checks who may read a record, but not who may point to it: the name of what a
    field is set to is shown, by ``onchange`` already, and a record that may be written
    may be moved to where it may not. So for restricted users, on every model,

    - values are put into one form first, and Odoo gets them in that form, so that what
      is checked is what is stored;
    - what they refer to must have been readable *before*: a membership that points to a
      contact opens it afterwards;
    - what is stored is compared with what was checked;
    - ``onchange`` and ``default_get`` return nothing out of reach, whoever set it.

    What the call gives, its context, an import or a default that the user keeps is the
    user's. What a default or a compute in code sets is not, as long as it would be the
    same without the context of the call. For everybody else nothing changes, but for
    what ``onchange`` tells portal users and the public.
    """

    _inherit = "base"

    # ------------------------------------------------------------------ doors

    @api.model_create_multi
    def create(self, vals_list):
        """:raise AccessError: when a restricted user refers to records out of reach"""
        if not self._is_user_restricted():
            return super().create(vals_list)
        reader = ReferenceReader()
        vals_list = [self._read_new_values(reader, vals) for vals in vals_list]
        checked = self._verify_references(reader.found)
        records = super().create(vals_list)
        records._verify_stored({name for vals in vals_list for name in vals}, checked)
        return records

    def write(self, vals):
        """:raise AccessError: when a restricted user refers to records out of reach, or
        moves these records out of it"""
        if not self._is_user_restricted():
            return super().write(vals)
        self.check_access("write")
        vals, checked = self._read_and_verify(vals)
        checked.update(get_property_links(self, vals))
        result = super().write(vals)
        if any(self._fields[name].type in REFERRING_TYPES for name in vals):
            self.check_access("write")
            self._verify_stored(set(vals), checked)
        return result

    def onchange(self, values, field_names, fields_spec):
        """:raise AccessError: when a restricted user, a portal user or the public
        refers to records out of reach"""
        if not (self._is_user_restricted() or self._is_user_shared()):
            return super().onchange(values, field_names, fields_spec)
        reader = ReferenceReader()
        values = self._read_new_values(reader, values)
        self._verify_references(reader.found)
        result = super().onchange(values, field_names, fields_spec)
        if result.get("value"):
            result["value"] = self._mask_values(result["value"])
        return result

    @api.model
    def default_get(self, fields):
        """Return no default that a restricted user may not read.

        :raise AccessError: when the context gives one
        """
        if not self._is_user_restricted() or self._is_for_create():
            return super().default_get(fields)
        given = self._get_context_defaults()
        self._read_and_verify({key: given[key] for key in fields if key in given})
        return self._drop_unreadable(super().default_get(fields))

    def _add_missing_default_values(self, values):
        """:raise AccessError: when what the caller put into the context makes a default
        refer to records out of reach"""
        if not self._is_user_restricted():
            return super()._add_missing_default_values(values)
        records = self.with_context(**{FOR_CREATE_KEY: FOR_CREATE})
        result = super(Base, records)._add_missing_default_values(values)
        if self._is_context_telling():
            self._verify_defaults(
                {name: result[name] for name in result if name not in values}
            )
        return result

    # ------------------------------------------------------------------ whose values

    @api.model
    def _is_user_restricted(self):
        return not self.env.su and self.env.user._is_restricted()

    @api.model
    def _is_user_shared(self):
        """Return whether it is a portal user or the public. No page of theirs asks what
        follows from values, and Odoo would tell them any name by its number: a client
        those of other partners' clients."""
        return not self.env.su and self.env.user.share

    @api.model
    def _is_for_create(self):
        return self.env.context.get(FOR_CREATE_KEY) is FOR_CREATE

    @api.model
    def _get_context_defaults(self):
        """Return the default values that the context gives, by field name."""
        return {
            name: value
            for key, value in self.env.context.items()
            if key.startswith("default_")
            and (name := key.removeprefix("default_")) in self._fields
        }

    @api.model
    def _is_context_telling(self):
        """Return whether the context holds anything that could name a record."""
        return any(
            not (key in PLAIN_KEYS or value is None or isinstance(value, bool))
            for key, value in self.env.context.items()
        )

    @api.model
    def _verify_defaults(self, defaults):
        """Verify the ``defaults`` of new records; what code sets on its own is not the
        user's.

        :raise AccessError: when the others refer to records out of reach
        """
        alone = self._without_context()
        for name in defaults.keys() - self._drop_unreadable(defaults).keys():
            if alone.default_get([name]).get(name) != defaults[name]:
                self._read_and_verify({name: defaults[name]})

    @api.model
    def _without_context(self):
        """Return this model with a context that only says who calls."""
        context = self.env.context
        plain = {key: context[key] for key in PLAIN_KEYS & context.keys()}
        # On purpose nothing else of what the caller sent.
        # pylint: disable-next=context-overridden
        return self.with_context({**plain, FOR_CREATE_KEY: FOR_CREATE})

    # ------------------------------------------------------------------ reading values

    def _read_values(self, reader, vals):
        """Return ``vals`` in the form in which they are checked and stored.

        :raise UserError: when one of them is none that refers to a record
        """
        self._verify_values(vals)
        try:
            return reader.collect(self, vals)
        except NO_REFERENCE as error:
            self._refuse_value(error)

    def _put_in_form(self, vals):
        """Return ``vals`` in that form, where Odoo looks at them before the doors.

        :raise UserError: when one of them is none that refers to a record
        """
        restricted = self._is_user_restricted()
        return self._read_values(ReferenceReader(), vals) if restricted else vals

    @api.model
    def _verify_values(self, vals):
        """:raise UserError: when ``vals`` are no values by the names of fields"""
        if not isinstance(vals, Mapping):
            raise UserError(
                self.env._("Values are given by the names of their fields.")
            )

    def _read_new_values(self, reader, vals):
        """Do the same where the context completes the values of a new record."""
        given = {} if self else self._get_context_defaults()
        self._verify_values(vals)
        read = self._read_values(reader, {**given, **vals})
        if self._transient and not self:
            self._read_chosen(reader)
        return {name: read[name] for name in vals}

    @api.model
    def _read_chosen(self, reader):
        """Read what the context says is chosen: a wizard works on that."""
        context = self.env.context
        model = context.get("active_model")
        if isinstance(model, str) and model in self.env:
            for chosen in ([context.get("active_id")], context.get("active_ids")):
                reader.note_all(model, self._read_ids(chosen), self.browse())

    @api.model
    def _get_given(self, vals, name):
        """Return the record that ``vals`` set the many2one field ``name`` to, whatever
        its form. Methods that look at values before the doors above do ask here.

        :raise UserError: when it is none that refers to a record
        """
        value = vals.get(name)
        value = value.get("id") if isinstance(value, dict) else value
        records = self.env[self._fields[name].comodel_name]
        return records.browse(self._read_ids([value] if value else []))

    @api.model
    def _read_ids(self, values):
        """Return the ids that ``values`` stand for, if they stand for any."""
        try:
            return to_ids(values)
        except NO_REFERENCE as error:
            return self._refuse_value(error)

    @api.model
    def _refuse_value(self, error):
        """:raise UserError: that a value is none that refers to a record"""
        message = self.env._("A value does not say which record it refers to.")
        raise UserError(message) from error

    def _read_and_verify(self, vals):
        """Return ``vals`` in their form, and ``{(model, id)}`` of what they refer to.

        :raise AccessError: when that is out of reach, and new
        """
        reader = ReferenceReader()
        vals = self._read_values(reader, vals)
        return vals, self._verify_references(reader.found)
