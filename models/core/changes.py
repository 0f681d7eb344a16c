"""What a call changes: the values that differ from what is stored.

Screens, imports and programs send again what they were given. A value that is there
already is no change: nothing follows from it, nothing is noted, nothing is refused.
"""

from collections import defaultdict
from functools import wraps

# Types of fields whose values can be compared. Those of lines say what to do instead.
COMPARED_TYPES = {
    *("boolean", "char", "date", "datetime", "float", "integer", "many2one"),
    *("monetary", "selection", "text"),
}


def write_changes(write):
    """Make the method ``write`` get, record by record, only the values that differ.

    What is computed from other fields and can be edited is passed on with them, changed
    or not: what a call gives wins over what would be computed. A record in which
    nothing differs is left alone, as long as the user might write it.
    """

    @wraps(write)
    def write_differing(self, vals):
        self.check_access("write")
        for records, changes in group_by_changes(self, vals):
            write(records, changes)
        return True

    return write_differing


def group_by_changes(records, vals):
    """Yield ``(records, values)``: what to write of ``vals`` on which of ``records``;
    those in which nothing differs are left out."""
    if not (vals and all(records._ids)):
        yield records, vals
        return
    ids_by_names = defaultdict(list)
    for record in records:
        names = frozenset(name for name in vals if record._is_changed(name, vals[name]))
        ids_by_names[names].append(record.id)
    for names, ids in ids_by_names.items():
        same = records.browse(ids)
        kept = {name for name in vals if name in names or is_editable(same, name)}
        if names:
            yield same, {name: vals[name] for name in vals if name in kept}


def is_editable(records, name):
    """Return whether the field ``name`` is computed, unless a call gives its value."""
    field = records._fields[name]
    return bool(field.compute and not field.readonly)


def is_comparable(field):
    """Return whether values of ``field`` can be compared with what is stored."""
    return field is not None and field.store and field.type in COMPARED_TYPES


def is_same(record, field, value):
    """Return whether ``record`` has ``value`` in ``field``, whatever form it has.

    Odoo takes some texts for nothing, and the database for a number: so a value that
    says something never equals nothing.
    """
    stored = record[field.name]
    if not value and not stored:
        return True
    try:
        given = field.convert_to_cache(value, record)
    except (TypeError, ValueError):
        return False
    same = given == field.convert_to_cache(stored, record)
    return same and bool(value) == bool(stored)
