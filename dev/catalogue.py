"""Run by the virtual environment's Python: compares or merges catalogues."""

import json
import sys
from pathlib import Path

import polib


def terms(catalogue: polib.POFile) -> set[str]:
    """Return the terms of a catalogue that are in use."""
    return {entry.msgid for entry in catalogue if not entry.obsolete}


def missing(translation: polib.POFile, wanted: set[str]) -> list[str]:
    """List the wanted terms that have no translation, or a doubtful one."""
    done = {entry.msgid for entry in translation.translated_entries()}
    return sorted(wanted - done)


def merged(fresh: polib.POFile, translation: polib.POFile) -> polib.POFile:
    """Return the fresh catalogue with the translations of the terms that stayed."""
    known = {entry.msgid: entry for entry in translation}
    result = polib.POFile(wrapwidth=78)
    result.header = translation.header
    plural = {"Language": "fr", "Plural-Forms": "nplurals=2; plural=(n > 1);"}
    result.metadata = {**fresh.metadata, **plural, **translation.metadata}
    for entry in fresh:
        if old := known.get(entry.msgid):
            entry.msgstr, entry.flags = old.msgstr, old.flags
        result.append(entry)
    return result


def main(
    action: str, fresh_path: str, catalogue_path: str, translation_path: str
) -> None:
    """Print what differs; with the action `update` write both files first."""
    fresh = polib.pofile(fresh_path)
    wanted = terms(fresh)
    has_catalogue = Path(catalogue_path).is_file()
    known = terms(polib.pofile(catalogue_path)) if has_catalogue else set()
    has_translation = Path(translation_path).is_file()
    translation = polib.pofile(translation_path if has_translation else "")
    if action == "update":
        for key in ("POT-Creation-Date", "PO-Revision-Date"):
            fresh.metadata.pop(key, None)
        fresh.save(catalogue_path)
        translation = merged(polib.pofile(catalogue_path), translation)
        translation.save(translation_path)
    found = {
        "terms": len(wanted),
        "missing": missing(translation, wanted),
        "added": sorted(wanted - known),
        "gone": sorted(known - wanted),
    }
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
