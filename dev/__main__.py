"""`python3 -m dev COMMAND [ARGUMENT ...]`: what the Makefile calls."""

from __future__ import annotations

import sys

from . import commands
from .process import advice_for
from .project import Project, find_root
from .ui import Failure, say

NAMES = (
    "demo test test-all lint format bench screenshots shell odoo i18n dist setup clean"
)
# `screenshots` is a module of the tool.
CALLS = {"screenshots": "take_screenshots"}
COMMANDS = {
    name: getattr(commands, CALLS.get(name, name.replace("-", "_")))
    for name in NAMES.split()
}


def help_text() -> str:
    """List the commands, each with the first line of what it does."""
    lines = [
        f"  make {name:<11} {call.__doc__.splitlines()[0]}"
        for name, call in COMMANDS.items()
    ]
    hint = 'Arguments go behind: make test ARGS="-k seat"'
    return "\n".join(["Partner-Managed Subscriptions", "", *lines, "", hint])


def main(argv: list[str]) -> int:
    """Run one command. Return its exit code, 1 for a failure, 130 when interrupted."""
    name, *args = argv or ["help"]
    if name in ("help", "-h", "--help"):
        print(help_text())
        return 0
    if name not in COMMANDS:
        say(f"There is no command {name}.\n\n{help_text()}")
        return 2
    commands.interrupt_on_signals()
    try:
        return COMMANDS[name](Project(find_root()), args)
    except KeyboardInterrupt:
        say("Interrupted.")
        return 130
    except Failure as failure:
        say(f"\nERROR: {failure}")
    except OSError as error:
        say(f"\nERROR: {error}\n  -> {advice_for(str(error)) or 'See above.'}")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
