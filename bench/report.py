"""The results as a Markdown table, and the machine that they were measured on."""

from __future__ import annotations

import os
import platform
from datetime import datetime, timezone
from pathlib import Path

from odoo import release
from odoo.sql_db import BaseCursor

from measure import Measurement, Results

SETTINGS = ("server_version", "fsync", "synchronous_commit", "shared_buffers", "jit")


def describe_machine(cr: BaseCursor) -> dict[str, str]:
    """Return what has to be known to compare the figures with others."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    settings = {}
    for setting in SETTINGS:
        cr.execute(f"SHOW {setting}")
        settings[f"PostgreSQL {setting}"] = cr.fetchone()[0]
    return {
        "date": datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "processor": _get_processor(),
        "cores": str(os.cpu_count()),
        "memory": f"{memory:.0f} GiB",
        "load before": f"{os.getloadavg()[0]:.2f}",
        "Python": platform.python_version(),
        "Odoo": release.version,
        **settings,
    }


def _get_processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":")[1].strip()
    return platform.processor() or platform.machine()


def as_markdown(results: Results) -> str:
    """Return the whole report."""
    missed = sum(not check.passed for check in results.checks)
    verdict = f"{missed} of {len(results.checks)} targets missed."
    if not missed:
        verdict = f"All {len(results.checks)} targets met."
    return "\n".join(
        [
            "# Benchmark results",
            "",
            "Written by `make bench ARGS=--write`. Medians; the spread is the smallest",
            "and the largest of the repetitions. The variants of a scenario are run in",
            "turn; the last column compares with this addon, the first variant.",
            "",
            *(f"- {name}: {value}" for name, value in results.machine.items()),
            *(f"- {name}: {value:,}" for name, value in results.dataset.items()),
            "",
            "## Targets",
            "",
            verdict,
            "",
            *_format_table(
                ["", "what", "measured", "target"],
                [
                    [
                        "pass" if check.passed else "**MISS**",
                        check.subject,
                        check.measured,
                        check.target,
                    ]
                    for check in results.checks
                ],
            ),
            "",
            "## Measurements",
            "",
            *_format_table(
                ["scenario", "variant", "median", "spread", "unit", "relative"],
                _get_measurement_rows(results.measurements),
            ),
            "",
        ]
    )


def _get_measurement_rows(measurements: list[Measurement]) -> list[list[str]]:
    """Return the rows of the measurements; the first variant of each is the 1."""
    rows = []
    first: dict[str, Measurement] = {}
    for measurement in measurements:
        reference = first.setdefault(measurement.scenario, measurement)
        low, high = measurement.spread
        rows.append(
            [
                measurement.scenario if measurement is reference else "",
                measurement.variant,
                _format_number(measurement.median),
                f"{_format_number(low)} to {_format_number(high)}",
                measurement.unit,
                f"{measurement.median / reference.median:.2f}",
            ]
        )
    return rows


def _format_number(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.2f}"


def _format_table(header: list[str], rows: list[list[str]]) -> list[str]:
    """Return the lines of a Markdown table, its columns aligned."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    lines = [header, ["-" * width for width in widths], *rows]
    return [f"| {' | '.join(map(str.ljust, line, widths))} |" for line in lines]
