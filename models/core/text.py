"""Names and addresses in one line: an e-mail with a line break in its head is not sent.
Functions without a database."""


def to_one_line(text, separator=" "):
    """Return ``text`` without line breaks; anything but a text, and a text without any,
    as it is.

    A line ends where Python's ``splitlines`` says, which is what e-mail refuses.
    """
    if not isinstance(text, str) or text.splitlines() in ([], [text]):
        return text
    return separator.join(filter(None, map(str.strip, text.splitlines())))


def to_address(text):
    """Return ``text`` without line breaks, as a list of addresses where it has many."""
    return to_one_line(text, ", ")


CLEANERS = {"name": to_one_line, "email": to_address}


def clean_contact(vals):
    """Return ``vals`` with a name and an e-mail address of one line."""
    cleaned = {
        name: clean(vals[name]) for name, clean in CLEANERS.items() if name in vals
    }
    return {**vals, **cleaned}
