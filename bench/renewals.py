"""Terms, renewals, notices and stocks of licences, with many subscriptions."""

from __future__ import annotations

from collections.abc import Collection

from odoo.orm.registry import Registry

import term_lists
import term_notices
import term_parallel
import term_renew
import term_self_renew
import term_start
from measure import Results, environment
from term_dataset import FAMILY, TermDataset

FEW_TERMS = 10_000
MANY_TERMS = 100_000
RENEWED = 1_000
TAKES = 100
# Scenarios that take seconds are not repeated more often.
MOST_REPETITIONS = 3


def measure(
    registry: Registry,
    results: Results,
    sections: Collection[str],
    scale: float,
    repetitions: int,
) -> None:
    """Load terms in two steps and measure of them what ``sections`` name: *renewals*,
    *self-renewal*, or both."""
    few, many = (
        max(round(terms * scale / FAMILY), 1) * FAMILY
        for terms in (FEW_TERMS, MANY_TERMS)
    )
    bulk = max(round(RENEWED * scale / 100), 1) * 100
    seldom = min(repetitions, MOST_REPETITIONS)
    dataset = TermDataset(bulk)
    with environment(registry, 1) as env:
        dataset.prepare(env)
    for start, terms in ((0, few), (few, many)):
        with registry.cursor() as cr:
            dataset.load(cr, start, terms)
        if "renewals" in sections:
            term_lists.measure(registry, results, terms, repetitions)
            term_notices.measure(registry, results, terms, seldom)
    if "renewals" in sections:
        term_lists.check(results, few, many)
        term_notices.check(results, few, many)
        term_start.measure(registry, results, many, seldom)
        term_renew.measure(registry, results, bulk, seldom)
    if "self-renewal" in sections:
        term_self_renew.measure(registry, results, many, bulk, repetitions)
    if "renewals" in sections:
        term_parallel.measure(registry, results, TAKES, min(repetitions, 2))
    with registry.cursor() as cr:
        results.dataset |= dataset.describe(cr)
