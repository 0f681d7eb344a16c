"""Run by the virtual environment's Python: SQL from standard input, rows as JSON."""

import json
import sys

import psycopg2


def main() -> None:
    """Read {"database", "statements": [[sql, values], ...]}; print the last rows."""
    asked = json.load(sys.stdin)
    connection = psycopg2.connect(dbname=asked["database"], connect_timeout=10)
    connection.autocommit = True
    with connection.cursor() as cursor:
        for statement, parameters in asked["statements"]:
            cursor.execute(statement, parameters or None)
        rows = cursor.fetchall() if cursor.description else []
    json.dump(rows, sys.stdout, default=str)


if __name__ == "__main__":
    main()
