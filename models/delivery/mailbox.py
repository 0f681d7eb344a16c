"""Reading the addresses of a mailbox. Functions without a database."""

import re

# How many addresses a mailbox holds, and how long one may be (RFC 5321).
MOST_ADDRESSES = 20
LONGEST = 254
# An address with its name, as mail programs copy it: only the address counts.
NAMED = re.compile(r'(?:"[^"\n]*"\s*|[^,;\n<>"]*)<([^<>]*)>')
SEPARATORS = re.compile(r"[\s,;]+")
LABEL = r"[^\W_](?:(?:[^\W_]|-){0,61}[^\W_])?"
ADDRESS = re.compile(
    r"(?!\.)(?!.*\.\.)[^\s@<>()\[\]\\,;:\"]{1,64}(?<!\.)" rf"@(?:{LABEL}\.)+{LABEL}"
)


class BadAddressError(ValueError):
    """A part of a mailbox that is no e-mail address: ``part``; None where there are
    too many of them."""

    def __init__(self, part=None):
        """Refuse ``part``."""
        super().__init__(part)
        self.part = part


def read_addresses(text):
    """Return the e-mail addresses in ``text``, which commas, semicolons, spaces or line
    breaks separate: in lower case, each once, in their order.

    :raise BadAddressError: naming the first part that is no address
    """
    parts = SEPARATORS.split(NAMED.sub(r" \1 ", text or ""))
    addresses = dict.fromkeys(part.lower() for part in parts if part)
    for address in addresses:
        if len(address) > LONGEST or not ADDRESS.fullmatch(address):
            raise BadAddressError(address)
    if len(addresses) > MOST_ADDRESSES:
        raise BadAddressError
    return list(addresses)


def write_addresses(addresses):
    """Return ``addresses`` in the form in which a mailbox is kept."""
    return ", ".join(addresses)
