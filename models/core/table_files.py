"""Writing long tables to files, a row at a time: neither the table nor the file is ever
whole in memory."""

import csv
import io
from datetime import date

# With these, spreadsheets take a text for a formula: the last four are the wide forms
# that Excel reads like the others.
FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")
# Excel cuts longer texts, and refuses longer sheets.
MAX_TEXT = 32767
MAX_ROWS = 1_000_000
MAX_SHEET_NAME = 31
# Nothing of a text is read: no formulas, addresses or numbers are made of it.
XLSX_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}


def neutralize(text):
    """Return ``text`` so that no spreadsheet runs it: what looks like a formula begins
    with an apostrophe."""
    is_formula = text.startswith(FORMULA_STARTS) or text.lstrip().startswith(
        FORMULA_STARTS
    )
    return f"'{text}" if is_formula else text


def write_csv(file, heads, rows):
    """Write ``heads`` and ``rows`` to the binary ``file`` as CSV, as Excel expects it:
    UTF-8 that says so. Days are year-month-day, numbers have a point."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(heads)
    writer.writerows([_to_csv(value) for value in row] for row in rows)
    # The file stays open.
    text.detach()


def _to_csv(value):
    if isinstance(value, str):
        return neutralize(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def write_xlsx(file, heads, rows):
    """Write ``heads`` and ``rows`` to the binary ``file`` as an Excel workbook. What
    does not fit in a sheet goes on in the next one."""
    # Here, as in Odoo: only who exports needs it.
    import xlsxwriter  # noqa: PLC0415

    with xlsxwriter.Workbook(file, XLSX_OPTIONS) as book:
        bold = book.add_format({"bold": True})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet = _add_sheet(book, heads, bold)
        place = 0
        for row in rows:
            if place == MAX_ROWS:
                sheet, place = _add_sheet(book, heads, bold), 0
            place += 1
            for column, value in enumerate(row):
                _write_cell(sheet, place, column, value, day)


def write_sheets(file, sheets):
    """Write ``sheets``, ``[(title, heads, rows)]``, to the binary ``file`` as an Excel
    workbook."""
    import xlsxwriter  # noqa: PLC0415

    with xlsxwriter.Workbook(file, XLSX_OPTIONS) as book:
        bold = book.add_format({"bold": True})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        taken = set()
        for title, heads, rows in sheets:
            sheet = _add_sheet(book, heads, bold, _get_sheet_name(title, taken))
            for place, row in enumerate(rows, start=1):
                for column, value in enumerate(row):
                    _write_cell(sheet, place, column, value, day)


def _get_sheet_name(title, taken):
    """Return what the sheet ``title`` is called, unlike those in ``taken``, to which it
    is added. Odoo leaves out what Excel does not take, and cuts what is too long."""
    name, number = title.strip("' ")[:MAX_SHEET_NAME] or "1", 1
    while name.lower() in taken:
        number += 1
        name = f"{title[: MAX_SHEET_NAME - 4]} {number}"
    taken.add(name.lower())
    return name


def _add_sheet(book, heads, bold, name=None):
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(heads) - 1, 16)
    for column, head in enumerate(heads):
        sheet.write_string(0, column, head, bold)
    return sheet


def _write_cell(sheet, place, column, value, day):
    if isinstance(value, str):
        # Always a text, so nothing in it is run.
        sheet.write_string(place, column, value[:MAX_TEXT])
    elif isinstance(value, date):
        sheet.write_datetime(place, column, value, day)
    elif value is not None:
        sheet.write_number(place, column, value)


WRITERS = {"csv": write_csv, "xlsx": write_xlsx}
MIME_TYPES = {
    "csv": "text/csv;charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
