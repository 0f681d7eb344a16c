"""Lists of people that nobody has thought of."""

import csv
import io

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ...member_lines import LinesError, clean, decode, read_people
from ...models.core.table_files import write_csv

PARTS = st.sampled_from(
    [*"\"'<>;,@=\t\n\r \x00\u200b", "a@b.test", "Ann", "E-mail", "Nom", "sep=;", "é"]
)
NAMES = st.text(
    st.characters(codec="cp1252", exclude_categories=("Cc", "Cf")), min_size=1
).filter(lambda name: clean(name) and "@" not in name and not name.startswith("'"))
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le"])
OPTIONS = settings(derandomize=True, deadline=None, max_examples=200)


@tagged("post_install", "-at_install")
class TestMemberLinesRandom(BaseCase):
    @OPTIONS
    @given(st.lists(PARTS, max_size=40).map("".join))
    def test_any_text_is_read_or_refused(self, text):
        try:
            people = read_people(text).people
        except LinesError:
            return
        for person in people:
            for value in person[1:4]:
                self.assertEqual(value, clean(value))
                self.assertEqual(len(value.splitlines()), int(bool(value)))

    @OPTIONS
    @given(st.binary(max_size=200))
    def test_any_file_is_read_or_refused(self, content):
        try:
            read_people(decode(content))
        except LinesError:
            return

    @OPTIONS
    @given(
        st.lists(NAMES, min_size=1, max_size=20),
        ENCODINGS,
        st.sampled_from(";,\t"),
        st.booleans(),
    )
    def test_what_a_spreadsheet_writes_is_read(self, names, encoding, separator, all_):
        """Whatever the encoding, the separator and the quotes, each row is one person,
        with its line."""
        file = io.StringIO()
        quoting = csv.QUOTE_ALL if all_ else csv.QUOTE_MINIMAL
        writer = csv.writer(file, delimiter=separator, quoting=quoting)
        rows = [(name, f"p{place}@acme.test") for place, name in enumerate(names)]
        writer.writerows([("Name", "E-mail"), *rows])
        people = read_people(decode(file.getvalue().encode(encoding))).people
        self.assertEqual(
            [(one.name, one.email) for one in people],
            [(clean(name), email) for name, email in rows],
        )
        self.assertEqual([one.number for one in people], [*range(2, len(rows) + 2)])

    @OPTIONS
    @given(st.lists(NAMES, min_size=1, max_size=20))
    def test_what_is_exported_is_read_again(self, names):
        """Formulas come back as they were."""
        file = io.BytesIO()
        rows = [(name, f"p{place}@acme.test") for place, name in enumerate(names)]
        write_csv(file, ["Name", "E-mail"], rows)
        people = read_people(decode(file.getvalue())).people
        self.assertEqual(
            [(one.name, one.email) for one in people],
            [(clean(name), email) for name, email in rows],
        )
