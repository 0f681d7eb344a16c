"""The ways in that the sweep tries, as calls that any program can make."""

import json
from typing import NamedTuple


class Call(NamedTuple):
    """A call as any program makes it."""

    model: str
    method: str
    ids: tuple = ()
    args: tuple = ()
    context: dict = {}


class Case(NamedTuple):
    """That ``role`` sets a field to what is foreign to it."""

    role: str
    model: str
    name: str
    way: str
    form: str
    door: str = "ORM"

    def __str__(self):
        where = f"{self.model}.{self.name} by {self.way} as {self.form}"
        return f"{self.role}, {self.door}: {where}"


class Probe(NamedTuple):
    """What a way in needs to know of a case: what is sent, beside which values, the id
    of a record of the role's own, and the parents of such records."""

    model: str
    name: str
    sent: dict
    base: dict
    own: int
    spec: dict
    parent: tuple

    @property
    def values(self):
        return {**self.base, **self.sent}

    @property
    def rest(self):
        return {key: val for key, val in self.base.items() if key not in self.sent}

    @property
    def context(self):
        return {f"default_{name}": value for name, value in self.sent.items()}


def get_create_calls(p):
    return [Call(p.model, "create", (), (p.values,))]


def get_write_calls(p):
    return [Call(p.model, "write", (p.own,), (p.sent,))]


def get_save_calls(p):
    return [
        Call(p.model, "web_save", (), (p.values, p.spec)),
        Call(p.model, "web_save", (p.own,), (p.sent, p.spec)),
    ]


def get_onchange_calls(p):
    return [
        Call(p.model, "onchange", (), (p.values, [], p.spec)),
        Call(p.model, "onchange", (), (p.values, [p.name], p.spec)),
        Call(p.model, "onchange", (p.own,), (p.sent, [p.name], p.spec)),
    ]


def get_default_calls(p):
    """What the context gives."""
    return [
        Call(p.model, "default_get", (), ([p.name],), p.context),
        Call(p.model, "onchange", (), (p.rest, [], p.spec), p.context),
        Call(p.model, "create", (), (p.rest,), p.context),
    ]


def get_kept_calls(p):
    """What a user keeps as its default."""
    return [
        *(
            Call("ir.default", "set", (), (p.model, *item, True))
            for item in p.sent.items()
        ),
        Call(p.model, "default_get", (), ([p.name],)),
        Call(p.model, "onchange", (), (p.rest, [], p.spec)),
        Call(p.model, "create", (), (p.rest,)),
    ]


def get_import_calls(p):
    """What is imported by its number: a text, whatever it was."""
    columns = {
        f"{name}/.id" if name.endswith("_id") else name: str(value)
        for name, value in p.rest.items()
        if isinstance(value, (int, float, str))
    }
    for name, value in p.sent.items():
        value = value if isinstance(value, (int, float, str)) else json.dumps(value)
        columns[f"{name}/.id" if name == p.name else name] = str(value)
    return [Call(p.model, "load", (), ([*columns], [[*columns.values()]]))]


def get_nested_calls(p):
    """What is in the line of another record."""
    if not p.parent:
        return []
    model, name, base, own = p.parent
    lines = {name: [[0, 0, p.values], *([[1, p.own, p.sent]] if p.own else [])]}
    line = {name: [[0, "virtual_1", p.values]]}
    spec = {name: {"fields": p.spec}}
    return [
        Call(model, "create", (), ({**base, **line},)),
        Call(model, "write", (own,), (lines,)),
        Call(model, "onchange", (), ({**base, **line}, [name], spec)),
        Call(model, "web_save", (own,), (line, spec)),
    ]


WAYS = {
    "create": get_create_calls,
    "write": get_write_calls,
    "web_save": get_save_calls,
    "onchange": get_onchange_calls,
    "default_get": get_default_calls,
    "ir.default": get_kept_calls,
    "load": get_import_calls,
    "nested": get_nested_calls,
}
# What is worth trying without the right to create a record.
CLOSED_WAYS = ("create", "write", "onchange", "default_get")
