"""What the server sends to the dashboard: the contract with its screen and its export.

``sale.subscription.get_dashboard(filters)`` returns, in one request::

    {
        "filters": {"values": {...}, "choices": {...}},
        "tiles": [...], "sections": [...], "steps": [...],
        "can_export": bool,
    }

**Filters**, as they are asked for and as ``values`` says what was accepted::

    {"partner": id or False, "module": id or False, "months": 3, 6, 12 or 24}

``choices`` has, by the same names, the list of ``{"id", "name"}`` that may be asked
for. What is not among them is left out, not refused: a link that somebody else sent
shows what the reader may see. ``partner`` is a managing partner with all companies
below it, ``months`` are looked back (seats, rates) and ahead (renewals).

**Sections** come from ``_get_dashboard_sections(asked)``, a list in the order of the
page; lower folders override it with ``super()`` and add or complete theirs. ``asked``
is :class:`.filters.Asked`: ``asked.partner`` and ``asked.module`` are records, empty
where all are meant, ``asked.months`` is a number, ``asked.today`` a day,
``asked.get_domain(path)`` the domain of the partner and module, ``asked.cache`` a
dictionary that lives as long as the request. A section is made by :func:`section`::

    {
        "name": "renewals",            # unique, [a-z_]; the order is that of the list
        "title": "Renewals", "note": "What the figures mean, in a sentence.",
        "kind": "bars" | "line" | "table" | "figures",
        "width": "half" | "full",
        "columns": [column, ...],      # of the table; of a chart, those of the table
                                       # that readers of screens get, and of the export
        "rows": [row, ...],
        "series": [{"name", "label", "state"?, "dashed"?}, ...],      # charts alone
        "empty": "What to do where there are no rows.",
        "empty_action": action or None, "action": action or None,     # See all
    }

A column, made by :func:`column`, is ``{"name", "label", "type"}`` with a type of
``text``, ``integer``, ``float``, ``monetary``, ``percent`` (0 to 100), ``date``
(year-month-day) or ``state``; ``currency_id`` of a monetary one, ``states`` ``{value:
label}`` of a state. No column mixes currencies: what has several has a section or a
column for each.

A row, made by :func:`row`, is ``{"values": {column name: value or None}}``, and may
have an ``action`` for the whole of it, ``actions`` ``{column name: action}`` for single
figures, and an ``id`` by which lower folders find it: the rows of the section
``partners`` have the id of their partner.

A chart has a row for each label of its axis; the label is in its first column, and the
series are named as columns. ``bars`` are stacked; all series have one axis, so one
unit.

``figures`` have one row, whose columns are shown as numbers with their labels.

An action, made by :func:`open_action`, is ``{"action": xmlid}`` with ``domain`` (added
to that of the action), ``context`` (added too) and ``name``, or ``res_id`` of a form.
It shows exactly the records that the figure is made of.

**Tiles** are counts with an action of the same kind, **steps** those of the first use:
``{"name", "title", "text", "done", "label", "action"}``.
"""

from odoo.fields import Domain

from ..core.base import ADDON

# The longest table that a section shows; what is beyond is behind *See all*.
MOST_ROWS = 10


def to_list(domain):
    """Return ``domain`` as the web client reads it, empty where it is of all."""
    return [] if domain.is_true() else list(domain)


def open_action(xmlid, *, domain=Domain.TRUE, **values):
    """Return the action of this addon called ``xmlid``.

    :param values: ``context``, ``name`` and ``res_id``; those that are empty are left
        out, as is a ``domain`` of all
    """
    values["domain"] = to_list(Domain(domain))
    values = {name: value for name, value in values.items() if value}
    return {"action": f"{ADDON}.{xmlid}", **values}


def column(name, label, kind="text", **values):
    """Return a column of the type ``kind``; ``values`` may be ``currency_id`` and
    ``states``."""
    return {"name": name, "label": label, "type": kind, **values}


def row(values, **others):
    """Return a row of ``values``; ``others`` may be ``action``, ``actions`` and
    ``id``."""
    return {"values": values, **{key: value for key, value in others.items() if value}}


def section(name, title, kind, columns, rows, **values):
    """Return a section; ``values`` are ``note``, ``width``, ``series``, ``empty``,
    ``empty_action`` and ``action``."""
    return {
        "name": name,
        "title": title,
        "kind": kind,
        "columns": columns,
        "rows": rows,
        "width": "half",
        "note": "",
        "series": [],
        "empty": "",
        "empty_action": None,
        "action": None,
        **values,
    }
