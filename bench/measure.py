"""Timing: fresh environments, variants measured in turn, and a progress bar."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any
from unittest.mock import patch

from odoo.api import Environment
from odoo.orm.registry import Registry

BAR_WIDTH = 30
# The variant of a list for which PostgreSQL compiles what it takes for expensive.
WITH_JIT = "with PostgreSQL's JIT"
# Scenarios that take milliseconds are repeated so many times more often.
SHORT = 3

# Prepares, measures and cleans up one repetition; returns what it measured.
Run = Callable[[], float]


@dataclass(frozen=True)
class Measurement:
    """What one variant of a scenario took in each repetition."""

    scenario: str
    variant: str
    unit: str
    values: list[float]

    @property
    def median(self) -> float:
        return median(self.values)

    @property
    def spread(self) -> tuple[float, float]:
        return min(self.values), max(self.values)


@dataclass(frozen=True)
class Check:
    """A target held against what was measured."""

    subject: str
    measured: str
    target: str
    passed: bool


@dataclass
class Results:
    """Everything that a run found out."""

    machine: dict[str, str] = field(default_factory=dict)
    dataset: dict[str, int | float] = field(default_factory=dict)
    measurements: list[Measurement] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)

    def add(self, scenario: str, unit: str, values: dict[str, list[float]]) -> None:
        """Add the values of the variants of a scenario."""
        for variant, measured in values.items():
            self.measurements.append(Measurement(scenario, variant, unit, measured))

    def get(self, scenario: str, variant: str) -> Measurement:
        """Return what was measured of one variant of a scenario."""
        return next(
            measurement
            for measurement in self.measurements
            if (measurement.scenario, measurement.variant) == (scenario, variant)
        )

    def check(self, subject: str, measured: str, target: str, passed: bool) -> None:
        """Add what a target was held against."""
        self.checks.append(Check(subject, measured, target, passed))

    def check_ratio(self, scenario: str, variant: str, floor: str, most: float) -> None:
        """Check that ``variant`` takes at most ``most`` times what ``floor`` takes."""
        ratio = self.get(scenario, variant).median / self.get(scenario, floor).median
        self.check(
            f"{scenario}: {variant}",
            f"{ratio:.2f}x {floor}",
            f"at most {most:g}x {floor}",
            ratio <= most,
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the results as JSON can hold them."""
        return asdict(self)


@contextmanager
def environment(
    registry: Registry, uid: int, *, jit: bool = False
) -> Iterator[Environment]:
    """Give an environment with an empty cache, as a request does. What is done in it
    is rolled back, unless it was committed.

    :param jit: switch PostgreSQL's compiler on, which an installation switches off
    """
    with registry.cursor() as cr:
        try:
            cr.execute("SET LOCAL jit = %s", ["on" if jit else "off"])
            yield Environment(cr, uid, {"lang": "en_US", "tz": "UTC"})
        finally:
            cr.rollback()


@contextmanager
def uncommitted(registry: Registry, uid: int) -> Iterator[Environment]:
    """Give an environment for jobs that commit: the cache is emptied as a commit does,
    but all that was done is rolled back."""
    with environment(registry, uid) as env:

        def commit() -> None:
            env.cr.flush()
            env.cr.clear()

        with patch.object(env.cr, "commit", commit):
            yield env


@contextmanager
def stopwatch() -> Iterator[Callable[[], float]]:
    """Give a function that returns the milliseconds that the block took."""
    gc.collect()
    start = time.perf_counter()
    stop = start

    def elapsed() -> float:
        return (stop - start) * 1000

    yield elapsed
    stop = time.perf_counter()


def measure_in_turn(
    label: str, variants: dict[str, Run], repetitions: int
) -> dict[str, list[float]]:
    """Run the variants in turn, so that a busy moment of the machine hits all alike.

    A first round that is not counted warms them up.
    """
    values: dict[str, list[float]] = {variant: [] for variant in variants}
    turns = [variant for _ in range(repetitions + 1) for variant in variants]
    for variant in progress(label, turns):
        values[variant].append(variants[variant]())
    return {variant: measured[1:] for variant, measured in values.items()}


def progress(label: str, items: Iterable[Any]) -> Iterator[Any]:
    """Go through ``items`` with a progress bar on standard error."""
    todo = list(items)
    start = time.monotonic()
    for done, item in enumerate(todo):
        _draw(label, done, len(todo), time.monotonic() - start)
        yield item
    _draw(label, len(todo), len(todo), time.monotonic() - start)
    print(file=sys.stderr)


def _draw(label: str, done: int, total: int, seconds: float) -> None:
    """Draw the bar; where nobody watches, only when it is full."""
    if done < total and not sys.stderr.isatty():
        return
    bar = "#" * (BAR_WIDTH * done // total)
    line = f"\r{label:<58} [{bar:<{BAR_WIDTH}}] {done}/{total} {seconds:6.1f} s"
    print(line, end="", file=sys.stderr, flush=True)
