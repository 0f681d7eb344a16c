"""What the values of a call refer to."""

from typing import NamedTuple

from odoo import models
from odoo.fields import Command

from .values import get_origin, to_id, to_items, to_listed_ids, to_reference

REFERRING_TYPES = {
    *("many2one", "many2one_reference", "one2many", "many2many", "reference"),
    "properties",
}
TEXT_TYPES = ("char", "text")
# No caller can put this object into a context: it says that defaults are for `create`.
FOR_CREATE = object()
FOR_CREATE_KEY = "partner_managed_subscription_defaults"
# What reading raises for a value that refers to nothing.
NO_REFERENCE = (OverflowError, TypeError, ValueError)


class Reference(NamedTuple):
    """That ``records`` would refer to a record by a field. No ``records``: new ones."""

    model: str
    id: int
    records: models.BaseModel
    name: str

    @property
    def link(self):
        return self.model, self.id

    def is_unchanged(self):
        """Return whether the records refer to it already: a screen sends again what it
        got. As superuser, since the value is known and only compared."""
        field = self.records._fields.get(self.name)
        return bool(self.records) and all(
            _get_target(record, field) == (self.model, self.id)
            for record in self.records.sudo()
        )


class ReferenceReader:
    """Puts values into the form of ``values.py``, and collects in ``found`` what they
    refer to, in lines as well."""

    def __init__(self):
        self.found = []

    def collect(self, records, vals):
        """Return ``vals`` of ``records`` in their form.

        :raise ValueError: when a value refers to nothing that the ORM knows
        """
        result = {
            name: self._read_value(records, records._fields.get(name), value)
            for name, value in vals.items()
        }
        for pair in records._get_reference_pairs():
            self._read_pair(records, result, *pair)
        return result

    def _read_value(self, records, field, value):
        if field is None or not (value or field.type == "many2one"):
            return value
        if field.type == "many2one":
            return self._read_many2one(records, field, value)
        if field.type == "reference":
            return self._read_reference(records, field, value)
        if field.type in ("one2many", "many2many"):
            comodel = records.env[field.comodel_name]
            return [self._read_item(comodel, item) for item in to_items(value)]
        return value

    def _read_many2one(self, records, field, value):
        if isinstance(value, dict):
            id_ = to_id(value.get("id"))
            read = self._read_record(records.env[field.comodel_name], value)
        else:
            id_ = read = to_id(value)
        self._note(field.comodel_name, id_, records, field.name)
        return read

    def _read_reference(self, records, field, value):
        if not (found := to_reference(value)):
            return False
        self._note(*found, records, field.name)
        return f"{found[0]},{found[1]}"

    def _read_item(self, comodel, item):
        if isinstance(item, dict):
            return self._read_record(comodel, item)
        if not isinstance(item, tuple):
            self._note(comodel._name, item, comodel)
            return item
        code, id_, payload = item
        linked = payload if code == Command.SET else [id_]
        if code not in (Command.CREATE, Command.CLEAR):
            for line_id in linked:
                self._note(comodel._name, line_id, comodel)
        if code in (Command.CREATE, Command.UPDATE):
            line_id = get_origin(id_) if code == Command.UPDATE else False
            payload = self.collect(comodel.browse(line_id or ()), payload)
        return code, id_, payload

    def _read_record(self, comodel, vals):
        """Return the values ``vals`` of a record, which may say its id."""
        id_ = to_id(vals.get("id"))
        self._note(comodel._name, id_, comodel)
        read = self.collect(comodel.browse(get_origin(id_) or ()), vals)
        return {**read, "id": id_} if "id" in vals else read

    def _read_pair(self, records, vals, id_name, model_name):
        """Read a reference that is in two fields, of which the call may give one."""
        if vals.get(id_name):
            ids = to_listed_ids(vals[id_name])
            is_text = records._fields[id_name].type in TEXT_TYPES
            vals[id_name] = repr(ids) if is_text else to_id(vals[id_name])
        if not touches_pair(records, vals, id_name, model_name):
            return
        given = get_given_model(records, vals, model_name)
        if not records:
            self.note_all(given, vals.get(id_name), records, id_name)
        for record in records.sudo():
            model = record[model_name] if given is None else given
            target = vals.get(id_name, record[id_name])
            self.note_all(model, target, records.browse(record.id), id_name)

    def note_all(self, model, value, records, name=""):
        """Note that ``records`` refer to one record of ``model``, or to a list."""
        for id_ in to_listed_ids(value):
            self._note(model, id_, records, name)

    def _note(self, model, id_, records, name=""):
        if not (model and (origin := get_origin(id_))):
            return
        if model not in records.env:
            raise ValueError(model)
        self.found.append(Reference(model, origin, records, name))


def _get_target(record, field):
    """Return the model and the id that ``record`` refers to with ``field``."""
    value = field and record[field.name]
    if isinstance(value, models.BaseModel) and field.type in ("many2one", "reference"):
        return value._name, value.id
    for id_name, model_name in record._get_reference_pairs():
        if field and field.name == id_name:
            return record[model_name], value
    return None


def is_pair(fields, id_name, model_name):
    """Return whether two of ``fields`` hold an id, or the text of a list of ids, and
    its model as plain values."""
    types = [name in fields and fields[name].type for name in (id_name, model_name)]
    id_types = ("integer",) if id_name == "res_id" else TEXT_TYPES
    return types[0] in id_types and types[1] in ("char", "selection")


def touches_pair(records, vals, id_name, model_name):
    """Return whether ``vals`` change the reference of ``records`` in these fields."""
    sources = {id_name, model_name, *_get_sources(records, model_name)}
    return not sources.isdisjoint(vals)


def get_given_model(records, vals, model_name):
    """Return the name of the model that ``vals`` set in ``model_name``, be it by what
    that follows from; of records that exist, None where they do not.

    :raise ValueError: when it is no name
    """
    if model_name in vals:
        if vals[model_name] and not isinstance(vals[model_name], str):
            raise ValueError(vals[model_name])
        return vals[model_name] or False
    sources = _get_sources(records, model_name) & vals.keys()
    if sources:
        # As superuser: models of records may be read by nobody.
        given = {name: vals[name] for name in sources}
        return records.sudo().browse().new(given)[model_name]
    if records:
        return None
    model = records.with_context(**{FOR_CREATE_KEY: FOR_CREATE})
    return model.default_get([model_name]).get(model_name)


def get_stored_links(records, names):
    """Yield the model and the id of what ``records`` refer to with the fields
    ``names``. As superuser: it may be out of reach, which is the question."""
    singles = [name for name in names if records._fields[name].type == "many2one"]
    pairs = [
        pair
        for pair in records._get_reference_pairs()
        if touches_pair(records, names, *pair)
    ]
    for record in records.sudo():
        yield from ((record[name]._name, record[name].id) for name in singles)
        for name, model in pairs:
            yield from ((record[model], id_) for id_ in to_listed_ids(record[name]))
    yield from get_property_links(records, names)


def get_property_links(records, names):
    """Yield the same of the properties among the fields ``names``, which the vendor may
    define as references. As superuser, likewise."""
    for name in names:
        if name in records._fields and records._fields[name].type == "properties":
            for row in records.sudo().read([name]):
                for item in row[name] or ():
                    yield from _get_item_links(item)


def _get_item_links(item):
    if item["type"] in ("many2one", "many2many") and item.get("value"):
        values = item["value"] if item["type"] == "many2many" else [item["value"]]
        yield from ((item.get("comodel"), to_id(value)) for value in values)


def get_referring(records, values):
    """Return ``{name: values}`` of those of the default ``values`` that refer to
    something. An id without its model is of an unknown one: it refers to nothing."""
    pairs = dict(records._get_reference_pairs())
    referring = {}
    for name in values.keys() & records._fields.keys():
        names = {name, pairs.get(name, name)}
        if values[name] and (
            name in pairs or records._fields[name].type in REFERRING_TYPES
        ):
            referring[name] = {key: values.get(key) for key in names}
    return referring


def is_just_made(record):
    """Return whether the user made ``record`` in this very transaction."""
    return record._log_access and (
        record.create_uid.id == record.env.uid
        and record.create_date == record.env.cr.now()
    )


def _get_sources(records, model_name):
    """Return the fields that the field ``model_name`` is computed from."""
    field = records._fields[model_name]
    return {path.split(".")[0] for path in records.pool.field_depends[field]}
