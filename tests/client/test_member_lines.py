"""Lists of people, as they are pasted or sent as a file."""

from odoo.tests import BaseCase, tagged

from ...member_lines import (
    MAX_BYTES,
    MAX_LINES,
    LinesError,
    decode,
    get_name,
    is_address,
    read_people,
    split_teams,
)

ANN, BOB = ("Ann Lee", "ann@acme.test"), ("Bob", "bob@acme.test")
# What is written, and the names and addresses that are read.
LISTS = {
    "nothing": ("", []),
    "blank lines": ("\n  \n\t\n", []),
    "addresses": ("ann@acme.test\nbob@acme.test", [("", ANN[1]), ("", BOB[1])]),
    "an e-mail program": ("Ann Lee <ann@acme.test>\nBob <bob@acme.test>", [ANN, BOB]),
    "its field To": ("Ann Lee <ann@acme.test>, Bob <bob@acme.test>;", [ANN, BOB]),
    "quoted": ('"Lee, Ann" <ann@acme.test>', [("Lee, Ann", ANN[1])]),
    "no name": ("<ann@acme.test>", [("", ANN[1])]),
    "address first": ("ann@acme.test; Ann Lee", [ANN]),
    "name first": ("Ann Lee;ann@acme.test", [ANN]),
    "commas": ("Ann Lee, ann@acme.test", [ANN]),
    "tabs": ("Ann Lee\tann@acme.test\nbob@acme.test\tBob", [ANN, BOB]),
    "no separator": ("Ann Lee ann@acme.test", [ANN]),
    "several on a line": (
        "ann@acme.test, bob@acme.test",
        [("", ANN[1]), ("", BOB[1])],
    ),
    "no address": ("Ann Lee", [("Ann Lee", "")]),
    "a bad address": ("Ann Lee <ann at acme>", [("Ann Lee", "ann at acme")]),
    "a line separator": (
        "Ann Lee <ann@acme.test>\u2028Bob <bob@acme.test>",
        [ANN, BOB],
    ),
    "invisible": ("\u200bAnn\xa0Lee <\u200bann@acme.test>", [ANN]),
    "English heads": ("Name,E-mail\nAnn Lee,ann@acme.test\n", [ANN]),
    "French heads": ("Nom;Adresse e-mail\nAnn Lee;ann@acme.test\n", [ANN]),
    "first and last": (
        "Prénom;Nom;Courriel\nAnn;Lee;ann@acme.test\n",
        [ANN],
    ),
    "tabs with heads": ("E-MAIL\tNAME\nann@acme.test\tAnn Lee", [ANN]),
    "one column": ("email\nann@acme.test", [("", ANN[1])]),
    "Excel's first line": ("sep=,\nName,E-mail\nAnn Lee,ann@acme.test", [ANN]),
    "quoted cells": ('"Name","E-mail"\r\n"Ann ""Lee""","ann@acme.test"\r\n', None),
    "a break in a cell": ('Name;E-mail\n"Ann\nLee";ann@acme.test', [ANN]),
    "a mark": ("\ufeffName;E-mail\nAnn Lee;ann@acme.test", [ANN]),
    "cells missing": ("Name;E-mail;Role\nAnn Lee;ann@acme.test\nBob", None),
    "name in the address": ("Mail\nAnn Lee <ann@acme.test>", [ANN]),
    "separated without heads": (
        "Lee;Ann;ann@acme.test",
        [("Lee Ann", ANN[1])],
    ),
    "formulas": (
        "Name;E-mail\n=1+1;ann@acme.test\n'=1+1;bob@acme.test",
        [("=1+1", ANN[1]), ("=1+1", BOB[1])],
    ),
}
ENCODINGS = ("utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be")


@tagged("post_install", "-at_install")
class TestMemberLines(BaseCase):
    def test_lists(self):
        for name, (text, expected) in LISTS.items():
            with self.subTest(name):
                found = read_people(text).people
                if expected is not None:
                    self.assertEqual([(one.name, one.email) for one in found], expected)
                for separator in ("\r\n", "\r"):
                    again = read_people(
                        text.replace("\r\n", "\n").replace("\n", separator)
                    ).people
                    self.assertEqual(again, found)

    def test_cells_of_a_table(self):
        text = (
            'Team;Phone;Name;E-mail;Role\n"A, B";1;Ann Lee;ann@acme.test;Reports only'
            "\n\n;2;;bob@acme.test;\n"
        )
        found = read_people(text)
        ann, bob = found.people
        self.assertEqual((ann.number, bob.number), (2, 4))
        self.assertEqual(ann[1:5], ("Ann Lee", "ann@acme.test", "Reports only", "A, B"))
        self.assertEqual(split_teams(ann.teams), ["A", "B"])
        self.assertEqual(bob[1:5], ("", "bob@acme.test", "", ""))
        self.assertEqual(found.unread, ["Phone"])

    def test_short_rows(self):
        people = read_people(LISTS["cells missing"][0]).people
        self.assertEqual([one.name for one in people], ["Ann Lee", "Bob"])
        [ann] = read_people(LISTS["quoted cells"][0]).people
        self.assertEqual(ann.name, 'Ann "Lee"')

    def test_wrong_columns_are_named(self):
        for text, heads in (
            ("Name;Phone\nAnn;1", "Name, Phone"),
            ("Qui;Quoi\nAnn;ann@acme.test", "Qui, Quoi"),
        ):
            with self.assertRaises(LinesError) as caught:
                read_people(text)
            self.assertEqual(caught.exception.kind, "columns")
            self.assertEqual(caught.exception.values, {"found": heads})

    def test_an_open_quote(self):
        rows = "\n".join(f"P{n};p{n}@acme.test" for n in range(20))
        with self.assertRaises(LinesError) as caught:
            read_people(f'Name;E-mail\n"Ann;ann@acme.test\n{rows}')
        self.assertEqual(caught.exception.kind, "quotes")
        self.assertEqual(caught.exception.values, {"line": 2})

    def test_encodings(self):
        text = "Nom;Adresse e-mail\nHélène Œuf;helene@acme.test\n"
        for encoding in ENCODINGS:
            with self.subTest(encoding):
                found = decode(text.encode(encoding))
                self.assertEqual(found.removeprefix("\ufeff"), text)
                [one] = read_people(found).people
                self.assertEqual(one.name, "Hélène Œuf")
        self.assertEqual(decode(b""), "")

    def test_files_that_are_no_lists(self):
        for content, kind in (
            (b"PK\x03\x04rest", "sheet"),
            (b"\xd0\xcf\x11\xe0rest", "sheet"),
            (b"%PDF-1.7", "binary"),
            (b"\x89PNG\r\n", "binary"),
            (bytes(range(256)), "binary"),
            (b"Ann\x00\x01\x02", "binary"),
            (b"\xff\xfea", "binary"),
            (b"a" * (MAX_BYTES + 1), "large"),
        ):
            with self.subTest(content[:8]), self.assertRaises(LinesError) as caught:
                decode(content)
            self.assertEqual(caught.exception.kind, kind)

    def test_too_many(self):
        line = "ann@acme.test\n"
        self.assertEqual(len(read_people(line * MAX_LINES).people), MAX_LINES)
        with self.assertRaises(LinesError) as caught:
            read_people(line * (MAX_LINES + 1))
        self.assertEqual(caught.exception.kind, "lines")

    def test_addresses(self):
        for text in ("ann@acme.test", "a.b+c@x-y.co.uk", "é@münchen.de", "O'N@x.ie"):
            self.assertTrue(is_address(text), text)
        for text in (
            *("", "ann", "ann@", "@acme.test", "ann@acme", "a b@acme.test"),
            *("a@b@c.test", "ann@acme.", "a,b@acme.test", "<a@b.test>"),
            "a" * 250 + "@acme.test",
        ):
            self.assertFalse(is_address(text), text)

    def test_names_of_addresses(self):
        for address, name in (
            ("ann.lee@acme.test", "Ann Lee"),
            ("ann_marie-lee@acme.test", "Ann Marie Lee"),
            ("...@acme.test", "...@acme.test"),
        ):
            self.assertEqual(get_name(address), name)
