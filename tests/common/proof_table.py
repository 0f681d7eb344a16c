"""The table of what was proved, in ``docs/e-invoicing.md``."""

from pathlib import Path
from typing import NamedTuple

DOCS = Path(__file__).parents[2] / "docs" / "e-invoicing.md"
HEAD = (
    "| kind of document | documents | Odoo alone: Factur-X | Odoo alone: UBL"
    " | with this addon |"
)
RULE = "|---|---|---|---|---|"


class Row(NamedTuple):
    """What was found of a kind of document: numbers of broken rules."""

    kind: str
    documents: int
    # Of all its documents together
    stock_cii: int
    # None where no document goes to a French company: UBL is for those alone
    stock_ubl: int | None
    # With this addon, in Factur-X and UBL
    ours: int = 0

    def __str__(self):
        return "| {} |".format(
            " | ".join("" if cell is None else str(cell) for cell in self)
        )


def read_table():
    """Return the rows of the table: ``{kind: its line}``."""
    lines = DOCS.read_text().splitlines()
    begin = lines.index(HEAD) + 2
    rows = {}
    for line in lines[begin:]:
        if not line.startswith("|"):
            break
        rows[line.split("|")[1].strip()] = line
    return rows


def write_table(rows):
    """Write ``rows`` into the table."""
    lines = DOCS.read_text().splitlines()
    begin = lines.index(HEAD)
    end = begin
    while end < len(lines) and lines[end].startswith("|"):
        end += 1
    lines[begin:end] = [HEAD, RULE, *map(str, rows)]
    DOCS.write_text("\n".join(lines) + "\n")
