"""What an electronic invoice lacks: which field of which record, as plain values that
can be kept and worded later, in the language of who reads."""

from typing import NamedTuple

# The law's mentions, by the code of their note.
MENTIONS = ("AAB", "PMD", "PMT")
ADDRESS = ("street", "zip", "city", "country")


class Gap(NamedTuple):
    """Something that is missing, or is not what the rules want."""

    # Of the record where it is entered
    model: str
    id: int
    code: str


def pack(gaps):
    """Return ``gaps`` as a text that :func:`unpack` reads."""
    return ";".join(f"{gap.model},{gap.id},{gap.code}" for gap in gaps)


def unpack(text):
    """Return the gaps of a text of :func:`pack`."""
    parts = [part.split(",") for part in (text or "").split(";") if part]
    return [Gap(model, int(res_id), code) for model, res_id, code in parts]
