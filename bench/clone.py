"""Copies records many times over by SQL, with all that belongs to them."""

from __future__ import annotations

from dataclasses import dataclass, field

from odoo.sql_db import BaseCursor
from odoo.tools import SQL

FOREIGN_KEYS = """
    SELECT attname, confrelid::regclass::text
      FROM pg_constraint
      JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
     WHERE conrelid = to_regclass(%s) AND contype = 'f' AND cardinality(conkey) = 1
"""
COLUMNS = """
    SELECT attname FROM pg_attribute
     WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped
       AND attgenerated = '' ORDER BY attnum
"""


@dataclass
class Template:
    """Records made by the rules, of which copies are made.

    What points at another one of them points at its copy in each copy; all else is the
    same.
    """

    # The table whose new ids are asked for
    main: str
    # {table: ids}, each after those that it points at
    rows: dict[str, list[int]]
    # Tables of many2many fields, which have no id
    links: tuple[str, ...] = ()
    # {(table, column): SQL}, over ``this`` (the row) and ``made`` (copy, old, new)
    changes: dict[tuple[str, str], str] = field(default_factory=dict)

    def copy(self, cr: BaseCursor, first: int, count: int) -> list[int]:
        """Add the copies ``first`` to ``first + count - 1``; return the new ids of the
        main table."""
        for table, ids in self.rows.items():
            cr.execute(
                SQL(
                    "CREATE TEMP TABLE %s ON COMMIT DROP AS"
                    " SELECT copy, old,"
                    " nextval(pg_get_serial_sequence(%s, 'id')) AS new"
                    " FROM (SELECT copy, old FROM generate_series(%s, %s) copy,"
                    " unnest(%s::int[]) old ORDER BY copy, old) AS pairs",
                    _get_map(table),
                    table,
                    first,
                    first + count - 1,
                    ids,
                )
            )
            cr.execute(SQL("CREATE UNIQUE INDEX ON %s (old, copy)", _get_map(table)))
            cr.execute(SQL("ANALYZE %s", _get_map(table)))
        for table in self.rows:
            self._insert(cr, table)
        for table in self.links:
            self._link(cr, table)
        cr.execute(SQL("SELECT new FROM %s ORDER BY new", _get_map(self.main)))
        made = [new for (new,) in cr.fetchall()]
        for table in self.rows:
            cr.execute(SQL("DROP TABLE %s", _get_map(table)))
        return made

    def _insert(self, cr: BaseCursor, table: str) -> None:
        """Copy the rows of one table."""
        names, values, joins = self._map(cr, table, skip="id")
        cr.execute(
            SQL(
                "INSERT INTO %s (id, %s) SELECT made.new, %s FROM %s made"
                " JOIN %s this ON this.id = made.old %s ORDER BY made.new",
                SQL.identifier(table),
                SQL(", ").join(map(SQL.identifier, names)),
                SQL(", ").join(values),
                _get_map(table),
                SQL.identifier(table),
                SQL(" ").join(joins),
            )
        )

    def _link(self, cr: BaseCursor, table: str) -> None:
        """Copy the rows of a table that links one of the tables to something."""
        cr.execute(FOREIGN_KEYS, [table])
        keys = dict(cr.fetchall())
        column, target = next(
            (name, target) for name, target in keys.items() if target in self.rows
        )
        names, values, joins = self._map(cr, table, skip=column)
        cr.execute(
            SQL(
                "INSERT INTO %s (%s, %s) SELECT made.new, %s FROM %s made"
                " JOIN %s this ON this.%s = made.old %s",
                SQL.identifier(table),
                SQL.identifier(column),
                SQL(", ").join(map(SQL.identifier, names)),
                SQL(", ").join(values),
                _get_map(target),
                SQL.identifier(table),
                SQL.identifier(column),
                SQL(" ").join(joins),
            )
        )

    def _map(
        self, cr: BaseCursor, table: str, skip: str
    ) -> tuple[list[str], list[SQL], list[SQL]]:
        """Return the columns of ``table`` but ``skip``, their values in a copy, and the
        joins that these need."""
        cr.execute(COLUMNS, [table])
        names = [name for (name,) in cr.fetchall() if name != skip]
        cr.execute(FOREIGN_KEYS, [table])
        targets = dict(cr.fetchall())
        values, joins = [], []
        for name in names:
            this = SQL("this.%s", SQL.identifier(name))
            if (table, name) in self.changes:
                values.append(SQL(self.changes[table, name].replace("%", "%%")))
            elif targets.get(name) in self.rows:
                alias = SQL.identifier(f"map_{name}")
                joins.append(
                    SQL(
                        "LEFT JOIN %s %s ON %s.old = %s AND %s.copy = made.copy",
                        _get_map(targets[name]),
                        *(alias, alias, this, alias),
                    )
                )
                values.append(SQL("coalesce(%s.new, %s)", alias, this))
            else:
                values.append(this)
        return names, values, joins


def _get_map(table: str) -> SQL:
    return SQL.identifier(f"bench_copy_{table}")
