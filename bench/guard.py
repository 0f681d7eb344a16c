"""Saving a contact as the staff of a partner, with the guard of references and without
it, and as somebody whom it does not concern."""

from __future__ import annotations

from contextlib import nullcontext
from functools import partial
from unittest.mock import patch

from odoo.orm.registry import Registry
from odoo.service.model import call_kw

from contacts import PARTNER, PARTNER_REF
from measure import SHORT, Results, environment, measure_in_turn, stopwatch
from usage import get_staff_id

GUARDED = "with the guard"
UNGUARDED = "without"
MOST_TIMES_WITHOUT = 1.1
ADMIN = 2
SPECIFICATION = {
    "name": {},
    "email": {},
    "parent_id": {"fields": {"display_name": {}}},
    "user_id": {"fields": {"display_name": {}}},
}


def measure(registry: Registry, results: Results, repetitions: int) -> None:
    """Measure `web_save` of a contact in the data set of `contacts`."""
    with environment(registry, 1) as env:
        partner = env[PARTNER].search([("ref", "=", PARTNER_REF)])
        staff = get_staff_id(env, partner.id)
        env.cr.commit()
        client = env[PARTNER].search(
            [("managing_partner_id", "=", partner.id)], limit=1
        )
        values = {"name": "New", "parent_id": client.id, "user_id": ADMIN}
    for who, uid in (("partner's staff", staff), ("an administrator", ADMIN)):
        scenario = f"Saving a contact, {who}"
        measured = measure_in_turn(
            scenario,
            {
                GUARDED: partial(_time, registry, uid, values, guarded=True),
                UNGUARDED: partial(_time, registry, uid, values, guarded=False),
            },
            SHORT * repetitions,
        )
        results.add(scenario, "ms", measured)
        results.check_ratio(scenario, GUARDED, UNGUARDED, MOST_TIMES_WITHOUT)


def _time(registry: Registry, uid: int, values: dict, *, guarded: bool) -> float:
    """Return how many milliseconds one call takes; it is undone."""
    with environment(registry, uid) as env:
        kwargs = {"specification": SPECIFICATION}
        off = patch.object(type(env[PARTNER]), "_is_user_restricted", lambda _: False)
        with nullcontext() if guarded else off, stopwatch() as elapsed:
            call_kw(env[PARTNER], "web_save", [[], dict(values)], kwargs)
            env.flush_all()
        return elapsed()
