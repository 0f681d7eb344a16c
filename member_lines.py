"""Lists of people, as somebody pastes them or a spreadsheet exports them: functions
without a database."""

import csv
import io
import re
import unicodedata
from typing import NamedTuple

# What is read at once. A line has some 60 characters.
MAX_LINES = 10_000
MAX_BYTES = 5_000_000
# A cell with more line breaks is a quote that was never closed.
MAX_BREAKS = 3
SEPARATORS = (";", "\t", ",")
# Heads of columns in English and French, as `_to_key` makes them.
HEADS = {
    "email": "email mail emailaddress mailaddress courriel adresseemail adressemail"
    " adressecourriel adressedecourriel adresseelectronique adressedemessagerie",
    "name": "name fullname displayname nom nomcomplet nometprenom prenometnom"
    " nomprenom prenomnom user member utilisateur membre collaborateur holder",
    "first": "firstname givenname prenom prenoms",
    "last": "lastname surname familyname nomdefamille",
    "role": "role roles",
    "teams": "team teams equipe equipes",
}
COLUMNS = {head: column for column, heads in HEADS.items() for head in heads.split()}
BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
# How files begin that are no text: Excel, older Excel, PDF, pictures.
SHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
NO_TEXTS = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8")
CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1b\x7f]")
# The longest address that mail servers know, and a pattern for no longer ones.
MAX_ADDRESS = 254
PART = r"[^@\s,;<>\"()\[\]\\:]+"
ADDRESS = re.compile(rf"{PART}@{PART}\.[^@\s.,;<>\"]+")


class LinesError(Exception):
    """What a list cannot be read for.

    ``kind`` is ``sheet``, ``binary``, ``large``, ``lines``, ``quotes`` or ``columns``;
    ``values`` says where or what.
    """

    def __init__(self, kind, **values):
        super().__init__(kind)
        self.kind, self.values = kind, values


class Person(NamedTuple):
    """A person of a list, as it was written there."""

    # where it stands; 0 where it does not come from a list
    number: int
    name: str
    email: str
    role: str = ""
    # the cell as it is: names of teams, see `split_teams`
    teams: str = ""
    # a contact that is there already
    contact_id: int = 0


class People(NamedTuple):
    """What was found in a list."""

    people: list
    # heads of columns that say nothing we know
    unread: list


def decode(content):
    """Return the text of the file ``content``: UTF-8 with or without a mark, UTF-16, or
    Windows-1252.

    :raise LinesError: when it is no text, or too large
    """
    if len(content) > MAX_BYTES:
        raise LinesError("large", most=MAX_BYTES // 1_000_000)
    if content.startswith(SHEETS):
        raise LinesError("sheet")
    if content.startswith(NO_TEXTS):
        raise LinesError("binary")
    for encoding in _get_encodings(content):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not CONTROLS.search(text):
            return text
    raise LinesError("binary")


def _get_encodings(content):
    """Return the encodings to try, the likely ones first."""
    for mark, encoding in BOMS:
        if content.startswith(mark):
            return [encoding]
    # Latin letters in two bytes: every other one is zero.
    if content[1::2].count(0) * 4 > len(content):
        return ["utf-16-le"]
    if content[::2].count(0) * 4 > len(content):
        return ["utf-16-be"]
    return ["utf-8", "cp1252"]


def read_people(text):
    """Return the ``People`` of ``text``: a table with a line of heads, in English or
    French, or a person a line: ``Ann <ann@acme.test>``, ``ann@acme.test; Ann``, an
    address alone, or several with something between them.

    :raise LinesError: when it is too long, a quote is not closed, or the heads name no
        column of e-mail addresses
    """
    lines = text.removeprefix("\ufeff").splitlines()
    separator, skipped = _find_separator(lines)
    head = _find_head(lines, separator, skipped)
    if head is None:
        people = [
            person
            for number, line in enumerate(lines[skipped:], skipped + 1)
            for person in _read_line(number, line)
        ]
        found = People(people, [])
    else:
        found = _read_table(lines[head:], separator, head)
    if len(found.people) > MAX_LINES:
        raise LinesError("lines", most=MAX_LINES)
    return found


def get_name(email):
    """Return what somebody is called of whom the address is known alone."""
    parts = re.split(r"[._\-+]+", email.partition("@")[0])
    return " ".join(part.capitalize() for part in parts if part) or email


def split_teams(text):
    """Return the names that stand in a cell of teams."""
    return [name for name in map(clean, re.split(r"[;,|\n]", text)) if name]


def is_address(text):
    """Return whether ``text`` can be the address of a mailbox, with a domain."""
    return len(text) <= MAX_ADDRESS and bool(ADDRESS.fullmatch(text))


def clean(text):
    """Return ``text`` in one line, without characters that nobody sees."""
    text = " ".join(text.split())
    return "".join(one for one in text if one == " " or one.isprintable()).strip()


def to_key(text):
    """Return ``text`` in the form in which words are compared: without case, accents
    and whatever stands between."""
    text = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in text if one.isalnum())


# ---------------------------------------------------------------------- tables


def _find_separator(lines):
    """Return what stands between the cells, and how many lines say it: Excel writes
    ``sep=;``."""
    first = next((line for line in lines if line.strip()), "")
    told = re.fullmatch(r"\s*\"?sep=(.)\"?\s*", first)
    if told:
        return told[1], lines.index(first) + 1
    bare = re.sub(r'"[^"]*"', "", first)
    return max(SEPARATORS, key=bare.count), 0


def _find_head(lines, separator, skipped):
    """Return the place of the line of heads in ``lines``, None where there is none.

    :raise LinesError: naming the heads, where they are none of ours
    """
    place = next((at for at in range(skipped, len(lines)) if lines[at].strip()), None)
    if place is None or "@" in lines[place]:
        return None
    heads = [clean(one) for one in _split(lines[place], separator)]
    columns = {COLUMNS.get(to_key(head)) for head in heads}
    if "email" in columns:
        return place
    if columns - {None} or _is_table(lines[place + 1 :], separator, len(heads)):
        raise LinesError("columns", found=", ".join(filter(None, heads)))
    return None


def _is_table(lines, separator, width):
    """Return whether ``lines`` go on with rows of ``width`` cells, of which one is an
    address."""
    first = next((line for line in lines if line.strip()), "")
    return width > 1 and "@" in first and len(_split(first, separator)) == width


def _split(line, separator):
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error as error:
        raise LinesError("quotes", line=line[:40]) from error


def _read_table(lines, separator, skipped):
    """Return the ``People`` of ``lines``, of which the first has the heads."""
    reader = csv.reader(io.StringIO("\n".join(lines)), delimiter=separator)
    heads = [clean(one) for one in next(reader)]
    columns = [COLUMNS.get(to_key(head)) for head in heads]
    people = []
    while True:
        number = skipped + reader.line_num + 1
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise LinesError("quotes", line=number) from error
        if row is None:
            break
        if any(cell.count("\n") > MAX_BREAKS for cell in row):
            raise LinesError("quotes", line=number)
        if any(cell.strip() for cell in row):
            people.append(_read_row(number, columns, row))
    unread = [
        head for head, column in zip(heads, columns, strict=True) if head and not column
    ]
    return People(people, unread)


def _read_row(number, columns, row):
    cells = {}
    for column, cell in zip(columns, row, strict=False):
        if column and cell.strip():
            cells.setdefault(column, _unprotect(cell.strip()))
    last = cells.get("last") or cells.get("name", "")
    name = clean(f"{cells.get('first', '')} {last}")
    written, email = _read_address(cells.get("email", ""))
    return Person(
        number,
        name or written,
        email,
        clean(cells.get("role", "")),
        cells.get("teams", ""),
    )


def _read_address(cell):
    """Return the name and the address that stand in a cell of addresses."""
    name, bracket, email = cell.removesuffix(">").rpartition("<")
    return clean(name.strip(' "')) if bracket else "", clean(email)


def _unprotect(cell):
    """Return ``cell`` without the apostrophe that our exports put before what a
    spreadsheet would take for a formula."""
    is_protected = len(cell) > 1 and cell[0] == "'" and cell[1] in "=+-@"
    return cell[1:] if is_protected else cell


# ---------------------------------------------------------------------- lines


def _read_line(number, line):
    """Return the people of one line of a list."""
    if not line.strip():
        return []
    if "<" in line and ">" in line:
        # Not by a pattern, which would look at a long line again and again.
        parts = [part.partition("<") for part in line.split(">")]
        return [
            Person(number, clean(name.strip(" ,;\t\"'")), clean(email))
            for name, bracket, email in parts
            if bracket
        ]
    separator = max(SEPARATORS, key=line.count)
    cells = [cell for cell in map(clean, _split(line, separator)) if cell]
    words, addresses = [], []
    for cell in cells:
        parts = cell.split(" ") if "@" in cell else [cell]
        for part in parts:
            (addresses if "@" in part else words).append(part)
    if not addresses:
        return [Person(number, " ".join(words), "")]
    # The name of several is nobody's.
    name = " ".join(words) if len(addresses) == 1 else ""
    return [Person(number, name, address.strip(",;")) for address in addresses]
