"""Words and numbers of documents."""

from odoo.tools import float_repr, format_date, formatLang

# What no quantity or rate on a document has more of.
MOST_DECIMALS = 6


def format_number(env, number):
    """Return ``number`` as the language writes it, with no zeros at its end."""
    text = float_repr(number, MOST_DECIMALS).rstrip("0")
    digits = len(text.partition(".")[2])
    # Nobody writes -0.
    return formatLang(env, number or 0, digits=digits)


def format_span(env, first, last):
    """Return the days from ``first`` to ``last`` in words."""
    return env._(
        "%(first)s to %(last)s",
        first=format_date(env, first),
        last=format_date(env, last),
    )
