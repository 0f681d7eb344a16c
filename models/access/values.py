"""The values of a call in one form, whatever form they came in.

Odoo casts what it gets, PostgreSQL casts what Odoo lets through, and the two differ: a
text that the cache takes for nothing is a number by the time it is stored. So what is
checked here is what is passed on: an ``int``, a list of commands, or nothing. Functions
without a database; they raise ``ValueError`` for what has no such form.
"""

import ast
import re
from numbers import Real

from odoo.api import NewId
from odoo.fields import Command
from odoo.models import BaseModel

NUMBER = re.compile(r"\s*\+?([0-9]+)\s*", re.ASCII)
# What PostgreSQL takes for a number in no notation: screens call new lines like that.
NEW_LINE = re.compile(r"[A-Za-z][A-Za-z_-]*[0-9A-Za-z_-]*", re.ASCII)
REFERENCE = re.compile(r"\s*([a-z][a-z0-9_.]*)\s*,\s*\+?([0-9]+)\s*", re.ASCII)


def to_id(value):
    """Return the id that ``value`` stands for, False for none. Pairs are Odoo's own way
    to write an id with its name."""
    if isinstance(value, BaseModel):
        return _get_single_id(value)
    if isinstance(value, NewId):
        return value
    if isinstance(value, (list, tuple)) and len(value) in (1, 2):
        value = _get_first(value)
    if isinstance(value, str) and (match := NUMBER.fullmatch(value)):
        value = match[1]
        return int(value) or False
    if value is True or not isinstance(value, Real):
        return _to_nothing(value)
    if value != int(value):
        raise ValueError(value)
    return int(value) or False


def to_line_id(value):
    """Return the id in a command that ``value`` stands for; a screen has names for
    lines that are new."""
    if isinstance(value, str) and NEW_LINE.fullmatch(value):
        return value
    return to_id(value)


def to_ids(values):
    """Return the ids that ``values`` stand for."""
    if isinstance(values, BaseModel):
        return list(values._ids)
    if not isinstance(values, (list, tuple, set, frozenset)):
        return _to_nothing(values) or []
    return [id_ for id_ in map(to_id, values) if id_ is not False]


def to_listed_ids(value):
    """Return the ids that ``value`` stands for: one, or the text of a list, in which
    wizards keep the documents that they work on."""
    if isinstance(value, str) and not NUMBER.fullmatch(value):
        value = _read_list(value)
    return to_ids(value if isinstance(value, (list, tuple)) else [value])


def to_reference(value):
    """Return ``(model, id)`` that the value of a reference field stands for, False for
    none."""
    if isinstance(value, BaseModel):
        return (value._name, _get_single_id(value)) if value else False
    if isinstance(value, str) and (match := REFERENCE.fullmatch(value)):
        return match[1], int(match[2])
    return _to_nothing(value)


def to_items(value):
    """Return the items of the value of an x2many field: commands as tuples of three,
    dictionaries of the values of new lines, and ids."""
    if isinstance(value, BaseModel):
        return [*value._ids]
    if not isinstance(value, (list, tuple)):
        return _to_nothing(value) or []
    return [_to_item(item) for item in value]


def get_origin(id_):
    """Return the id in the database that ``id_`` stands for, False for none."""
    id_ = id_.origin if isinstance(id_, NewId) else id_
    return to_id(id_) if id_ and not isinstance(id_, NewId) else False


def _to_item(item):
    if isinstance(item, dict):
        return item
    if isinstance(item, (list, tuple)):
        return _to_command(item)
    id_ = to_id(item)
    return id_ if id_ is not False else _raise(item)


def _to_command(command):
    code = command[0] if command else None
    if not isinstance(code, Real) or code not in tuple(Command):
        raise ValueError(command)
    code = Command(int(code))
    _code, id_, payload = (*command, 0, 0, 0)[:3]
    if code in (Command.CREATE, Command.UPDATE):
        if not isinstance(payload or {}, dict):
            raise ValueError(command)
        id_ = id_ if code == Command.CREATE else to_line_id(id_)
        return code, id_, payload or {}
    if code == Command.SET:
        return code, 0, to_ids(payload)
    return code, 0 if code == Command.CLEAR else to_line_id(id_), 0


def _get_single_id(records):
    if len(records) > 1:
        raise ValueError(records)
    return records._ids[0] if records else False


def _read_list(text):
    try:
        return ast.literal_eval(text) if text.strip() else []
    except (MemoryError, RecursionError, SyntaxError) as error:
        raise ValueError(text) from error


def _get_first(pair):
    first = pair[0]
    return _raise(pair) if isinstance(first, (list, tuple, dict)) else first


def _to_nothing(value):
    """Return False for what stands for nothing."""
    return _raise(value) if value else False


def _raise(value):
    raise ValueError(value)
