"""Checks the links of Markdown files to files of the repository, anchors included.

`python3 -m dev.links FILE ...` prints `FILE:LINE: what is wrong` and ends with 1 if
anything is.
"""

from __future__ import annotations

import os
import re
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote

FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$")
CODE = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)")
TARGETS = (
    re.compile(r"\]\([ \t]*(?:<([^>]*)>|([^\s()]*(?:\([^\s()]*\)[^\s()]*)*))"),
    re.compile(r"^ {0,3}\[[^\]]+\]:[ \t]*(?:<([^>]*)>|(\S+))"),
    re.compile(r"<(?:a|img)\b[^>]*?\b(?:href|src)=[\"']([^\"']*)()"),
)
ANCHOR = re.compile(r"<[a-z]+\b[^>]*?\b(?:id|name)=[\"']([^\"']+)")
ELSEWHERE = re.compile(r"^(?:[a-z][a-z0-9+.-]*:|//)", re.IGNORECASE)


def faults(path: Path) -> Iterator[str]:
    """Tell each link of a file that leads nowhere, with its line."""
    for number, line in _prose(path):
        for target in _targets(line):
            if fault := _fault(path, target):
                yield f"{path}:{number}: {target}: {fault}"


def _prose(path: Path) -> Iterator[tuple[int, str]]:
    """Give the lines of a file with their numbers, without blocks of code."""
    fence = ""
    for number, line in enumerate(path.read_text().splitlines(), 1):
        mark = FENCE.match(line)
        if fence:
            if mark and mark[1].startswith(fence) and not line.strip(" `~"):
                fence = ""
        elif mark:
            fence = mark[1]
        else:
            yield number, line


def _targets(line: str) -> Iterator[str]:
    text = CODE.sub("", line)
    for pattern in TARGETS:
        for first, second in pattern.findall(text):
            if target := first or second:
                yield target


def _fault(path: Path, target: str) -> str:
    """Return what is wrong with a link, "" if nothing or if it leads elsewhere."""
    if ELSEWHERE.match(target):
        return ""
    name, _, anchor = unquote(target).partition("#")
    place = Path(os.path.normpath(path.parent / name)) if name else path
    if name.startswith("/"):
        return "give the path from the file's folder, not from the root"
    if not place.exists():
        return "no such file"
    if anchor and place.suffix == ".md" and anchor not in anchors(place):
        return f"{place.name} has no heading for it"
    return ""


@cache
def anchors(path: Path) -> set[str]:
    """Return the anchors of a file: those of its headings, and those written out."""
    found, seen = set(), Counter()
    for _, line in _prose(path):
        found.update(ANCHOR.findall(line))
        if heading := HEADING.match(line):
            name = slug(heading[1])
            found.add(f"{name}-{seen[name]}" if seen[name] else name)
            seen[name] += 1
    return found


def slug(heading: str) -> str:
    """Return the anchor that GitHub gives a heading."""
    text = re.sub(r"!?\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])", r"\1", heading)
    text = re.sub(r"<[^>]+>", "", text).strip().lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


def main(names: list[str]) -> int:
    """Print the faults of the files; return 1 if there is one."""
    found = [fault for name in names for fault in faults(Path(name))]
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
