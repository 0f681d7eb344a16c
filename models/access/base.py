from collections import defaultdict

from odoo import api, models, tools
from odoo.exceptions import UserError

from .answers import get_links, mask
from .references import ReferenceReader

# What everybody may refer to without a right to read it, and why.
EXEMPT_MODELS = {
    "ir.actions.act_window": "screens, the same for everybody",
    "ir.actions.actions": "screens, the same for everybody",
    "ir.model": "the kinds of records, the same for everybody",
    "ir.model.fields": "the fields of these, likewise",
    "properties.base.definition": "Odoo's code sets it on each new contact",
}
# Where a model keeps an id and its model as plain values, by the names of the fields.
PLAIN_PAIRS = (("res_id", "res_model"), ("res_id", "model"))
# No caller can put this object into a context: it says that defaults are for `create`.
FOR_CREATE = object()
FOR_CREATE_KEY = "partner_managed_subscription_defaults"
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
    same without the context of the call. For everybody else nothing changes.
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
        reader = ReferenceReader()
        vals = self._read_values(reader, vals)
        checked = self._verify_references(reader.found)
        result = super().write(vals)
        if any(self._fields[name].type in REFERRING_TYPES for name in vals):
            self.check_access("write")
            self._verify_stored(set(vals), checked)
        return result

    def onchange(self, values, field_names, fields_spec):
        """:raise AccessError: when a restricted user refers to records out of reach"""
        if not self._is_user_restricted():
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
        reader = ReferenceReader()
        self._read_values(reader, {key: given[key] for key in fields if key in given})
        self._verify_references(reader.found)
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
        readable = self._drop_unreadable(defaults)
        plain = {
            key: value for key, value in self.env.context.items() if key in PLAIN_KEYS
        }
        alone = self.with_context({**plain, FOR_CREATE_KEY: FOR_CREATE})
        for name in defaults.keys() - readable.keys():
            if alone.default_get([name]).get(name) != defaults[name]:
                reader = ReferenceReader()
                self._read_values(reader, {name: defaults[name]})
                self._verify_references(reader.found)

    # ------------------------------------------------------------------ reading values

    def _read_values(self, reader, vals):
        """Return ``vals`` in the form in which they are checked and stored.

        :raise UserError: when one of them is none that refers to a record
        """
        try:
            return reader.read(self, vals)
        except (OverflowError, TypeError, ValueError) as error:
            message = self.env._("A value does not say which record it refers to.")
            raise UserError(message) from error

    def _read_new_values(self, reader, vals):
        """Do the same where the context completes the values of a new record."""
        given = {} if self else self._get_context_defaults()
        read = self._read_values(reader, {**given, **vals})
        return {name: read[name] for name in vals}

    @api.model
    @tools.ormcache()
    def _get_reference_pairs(self):
        """Return ``((field with the id, field with the model), ...)`` of this model."""
        fields = self._fields
        pairs = [
            (name, field.model_field)
            for name, field in fields.items()
            if field.type == "many2one_reference" and field.model_field in fields
        ]
        plain = [
            (id_name, model_name)
            for id_name, model_name in PLAIN_PAIRS
            if id_name in fields
            and fields[id_name].type == "integer"
            and model_name in fields
            and fields[model_name].type in ("char", "selection")
        ]
        return (*pairs, *plain)

    @api.model
    def _touches_pair(self, vals, id_name, model_name):
        """Return whether ``vals`` change the reference in these two fields."""
        field = self._fields[model_name]
        names = {path.split(".")[0] for path in self.pool.field_depends[field]}
        return not names.isdisjoint(vals) or id_name in vals or model_name in vals

    @api.model
    def _get_given_model(self, vals, model_name):
        """Return the name of the model that ``vals`` set in ``model_name``, be it by
        what that follows from; of records that exist, None where they do not.

        :raise ValueError: when it is no name
        """
        if model_name in vals:
            value = vals[model_name]
            return value if isinstance(value, str) else _refuse(value)
        field = self._fields[model_name]
        names = {path.split(".")[0] for path in self.pool.field_depends[field]}
        if given := {name: vals[name] for name in names if name in vals}:
            # As superuser: models of records may be read by nobody.
            return self.sudo().browse().new(given)[model_name]
        if self:
            return None
        defaults = self.with_context(**{FOR_CREATE_KEY: FOR_CREATE})
        return defaults.default_get([model_name]).get(model_name)

    # ------------------------------------------------------------------ checking

    @api.model
    def _verify_references(self, found):
        """Return ``{(model, id)}`` of the references ``found``.

        :raise AccessError: when one of them is out of reach, and new
        """
        hidden = self._get_hidden(found)
        for reference in hidden:
            self._refuse_access(reference.model, reference.id)
        return {(reference.model, reference.id) for reference in found}

    @api.model
    def _get_hidden(self, found):
        """Return those of the references ``found`` that are out of reach, and new."""
        unreadable = self._get_unreadable(found)
        return [
            reference
            for reference in found
            if (reference.model, reference.id) in unreadable
            and not reference.is_unchanged()
        ]

    @api.model
    def _get_unreadable(self, links):
        """Return ``{(model, id)}`` of what the user may not read among ``links``, whose
        items begin with a model and an id."""
        ids = defaultdict(set)
        for model, id_, *_rest in links:
            if model not in EXEMPT_MODELS:
                ids[model].add(id_)
        return {
            (model, id_)
            for model in ids
            for id_ in self.env[model]._get_unreadable_ids(ids[model])
        }

    @api.model
    def _get_unreadable_ids(self, ids):
        """Return those of the ``ids`` of this model that the user may not read. What it
        made in this very transaction it may refer to, like the lines of a record that
        is readable by its lines. As superuser, since only that is looked at."""
        own = self.env.user if self._name == "res.users" else self
        records = self.browse(ids) - own
        hidden = records - records._filtered_access("read")
        if hidden and self._log_access:
            now = self.env.cr.now()
            hidden -= hidden.sudo().filtered(
                lambda record: (
                    record.create_uid.id == self.env.uid and record.create_date == now
                )
            )
        return hidden._ids

    @api.model
    def _refuse_access(self, model, id_):
        """:raise AccessError: that says nothing of the record"""
        record = self.env[model].browse(id_)
        record.check_access("read")
        raise self.env["ir.rule"]._make_access_error("read", record)

    def _verify_stored(self, names, checked):
        """Verify what these records refer to now with the fields ``names``.

        :param checked: ``{(model, id)}`` of what was readable before
        :raise AccessError: when it is something else, and out of reach
        """
        links = set(self._get_links(names)) - checked
        for model, id_ in self._get_unreadable(links):
            self._refuse_access(model, id_)

    def _get_links(self, names):
        """Yield the model and the id of what these records refer to with ``names``. As
        superuser: it may be out of reach, which is the question."""
        for record in self.sudo():
            for name in names:
                if self._fields[name].type == "many2one" and record[name]:
                    yield self._fields[name].comodel_name, record[name].id
            for id_name, model_name in self._get_reference_pairs():
                if self._touches_pair(names, id_name, model_name):
                    model = record[model_name]
                    if record[id_name] and model in self.env:
                        yield model, record[id_name]

    # ------------------------------------------------------------------ answers

    @api.model
    def _drop_unreadable(self, values):
        """Return ``values`` without those that refer to records out of reach, or to
        nothing that can be checked."""
        pairs = dict(self._get_reference_pairs())
        given = {
            name: value
            for name, value in values.items()
            if name in self._fields
            and value
            and (self._fields[name].type in REFERRING_TYPES or name in pairs)
        }
        if not given:
            return values
        dropped = {
            name
            for name, value in given.items()
            if not self._is_readable_value(name, value, values, pairs)
        }
        return {name: value for name, value in values.items() if name not in dropped}

    @api.model
    def _is_readable_value(self, name, value, values, pairs):
        vals = {name: value}
        if model_name := pairs.get(name):
            if not values.get(model_name):
                return False
            vals[model_name] = values[model_name]
        reader = ReferenceReader()
        try:
            reader.read(self.browse(), vals)
        except (OverflowError, TypeError, ValueError):
            return False
        return not self._get_hidden(reader.found)

    def _mask_values(self, values):
        """Return the ``values`` that ``onchange`` gives back, without what is out of
        reach, save what these records refer to already.

        What new values made of the cache must not say who may read what.
        """
        links = get_links(self, values)
        if not links:
            return values
        self.env.invalidate_all()
        hidden = self._get_unreadable(links)
        return mask(self, values, lambda *link: link not in hidden)


REFERRING_TYPES = {
    *("many2one", "many2one_reference", "one2many", "many2many", "reference")
}


def _refuse(value):
    """Return False for nothing.

    :raise ValueError: for anything else
    """
    if value:
        raise ValueError(value)
    return False
