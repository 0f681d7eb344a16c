"""A plugin of pytest: the slowest tests of the addon come first.

pytest gives whole classes to the processes in the order in which it found them. A class
of browser tests that comes last keeps one processor busy while the others wait.
"""

from __future__ import annotations


def pytest_collection_modifyitems(items: list) -> None:
    """Put tests that talk to the web server first; keep the order apart from that."""
    from odoo.tests import HttpCase  # not there before pytest-odoo has set it up

    items.sort(key=lambda item: not issubclass(item.cls or object, HttpCase))
