"""Translations that stay, go, and are missing."""

import json

import polib
import pytest

from dev import catalogue


@pytest.fixture
def files(tmp_path):
    """Paths of the fresh export, the catalogue and its French, with what they hold."""

    def write(name: str, terms: dict[str, str]):
        made = polib.POFile()
        for term, translation in terms.items():
            flags = ["fuzzy"] if translation.endswith("?") else []
            made.append(polib.POEntry(msgid=term, msgstr=translation, flags=flags))
        made.save(str(tmp_path / name))

    write("fresh.pot", {"Seat": "", "Pool": "", "Team": ""})
    write("known.pot", {"Seat": "", "Gone": ""})
    write("fr.po", {"Seat": "Place", "Gone": "Parti", "Pool": "Bassin ?"})
    return [str(tmp_path / name) for name in ("fresh.pot", "known.pot", "fr.po")]


def test_check_names_what_differs_and_changes_nothing(files, capsys):
    catalogue.main("check", *files)
    found = json.loads(capsys.readouterr().out)
    assert found["missing"] == ["Pool", "Team"], "a doubtful translation is none"
    assert found["added"] == ["Pool", "Team"]
    assert found["gone"] == ["Gone"]
    assert len(polib.pofile(files[2])) == 3


def test_update_keeps_the_translations_of_the_terms_that_stayed(files, capsys):
    catalogue.main("update", *files)
    assert catalogue.terms(polib.pofile(files[1])) == {"Seat", "Pool", "Team"}
    french = polib.pofile(files[2])
    assert french.metadata["Language"] == "fr"
    translations = {entry.msgid: entry.msgstr for entry in french}
    assert translations == {"Seat": "Place", "Pool": "Bassin ?", "Team": ""}


def test_french_is_begun_where_there_is_none(files, tmp_path, capsys):
    new = [files[0], str(tmp_path / "new.pot"), str(tmp_path / "new.po")]
    catalogue.main("update", *new)
    assert len(polib.pofile(new[2]).untranslated_entries()) == 3
