"""Whatever a program sends by mistake or by intention: it is accepted, or refused in
words, as Odoo's own fields do. It is never a fault of this addon."""

import copy
import inspect
import logging
import os
import random
from collections import Counter
from functools import partial

from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.models import BaseModel
from odoo.service.model import call_kw
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common.access import MADE, MUTED, RECORDS, AccessCase
from ..common.doors import METHODS
from ..common.seed import draw_seed
from ..common.subscription import ADDON

_logger = logging.getLogger(__name__)

VALUES = {
    "nothing": None,
    "false": False,
    "true": True,
    "zero": 0,
    "negative": -1,
    "huge": 10**30,
    "beyond the column": 2**40,
    "fraction": 1.5,
    "no number": float("nan"),
    "infinity": float("inf"),
    "empty text": "",
    "text": "x",
    "lines": "one\ntwo\r\n",
    "no day": "2026-02-30",
    "last day": "9999-12-31",
    "first day": "0001-01-01",
    "last moment": "9999-12-31 23:59:59",
    "list": [],
    "list of nothing": [None],
    "list of texts": ["x"],
    "command": [[0, 0, {}]],
    "no command": [[9, "x", None]],
    "missing record": 2**31 - 1,
    "dictionary": {},
    "dictionary of text": {"x": "y"},
}
# Fields of Odoo: those of this addon may answer as they do, by type.
TWINS = {
    "binary": [("res.partner", "image_1920")],
    "boolean": [("res.partner", "employee")],
    "char": [("res.partner", "function")],
    "date": [("product.supplierinfo", "date_start")],
    "datetime": [("product.pricelist.item", "date_start")],
    "float": [("res.partner", "partner_latitude")],
    "integer": [("res.partner", "color")],
    "json": [("account.analytic.line", "analytic_distribution")],
    "many2many": [("res.partner", "category_id")],
    "many2one": [
        ("res.partner", "industry_id"),
        ("res.partner", "country_id"),
        ("mail.activity.type", "default_user_id"),
    ],
    "many2one_reference": [("ir.attachment", "res_id")],
    "monetary": [("account.payment", "amount")],
    "one2many": [("res.partner", "bank_ids")],
    "selection": [("mail.activity.type", "delay_unit"), ("res.partner", "type")],
    "text": [("product.template", "description_sale")],
}
# Records that are made by nobody, called by whoever finds them.
SEALED = (
    "subscription.immutable.mixin",
    "subscription.letter.mixin",
    "subscription.locking.mixin",
    "subscription.protected.fields.mixin",
)
ROLES = ("admin", "north", "accountant")
# How many values each field is tried with; `make test-all` tries all in every way.
SAMPLE = 3
ALL = bool(os.environ.get("PMS_ALL"))


def get_spec(records, names):
    """Return the specification with which a screen shows ``names``."""
    return {
        name: {"fields": {"display_name": {}}}
        if records._fields[name].relational
        else {}
        for name in names
    }


def show(records, values, names):
    spec = get_spec(records, {*values, "display_name"})
    return records.onchange(values, names, spec)


# The ways of a value to a field.
WAYS = {
    "create": lambda records, name, value, given: records.create(
        {**given, name: value}
    ),
    "write": lambda records, name, value, given: records.write({name: value}),
    "onchange": lambda records, name, value, given: show(
        records, {name: value}, [name]
    ),
    "first onchange": lambda records, name, value, given: show(
        records.browse(), {**given, name: value}, []
    ),
    "default": lambda records, name, value, given: records.with_context(
        **{f"default_{name}": value}
    ).create({key: given[key] for key in given if key != name}),
}


def get_parameters(method):
    """Return the names of what ``method`` takes; what it passes on has none."""
    passed_on = {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}
    parameters = [*inspect.signature(method).parameters.values()][1:]
    return [one.name for one in parameters if one.kind not in passed_on]


@tagged("post_install", "-at_install")
class TestOddValues(AccessCase):
    def setUp(self):
        super().setUp()
        self.seed = draw_seed()
        self.rng = random.Random(self.seed)
        self.counts = Counter()
        self.faults = []
        self.answers = {}

    def _get_outcome(self, call):
        """Make ``call``, undo it, and return what it raised."""
        try:
            with self._undone(), mute_logger(*MUTED):
                call()
                self.env.flush_all()
        except Exception as error:  # noqa: BLE001 whatever it is
            return error
        return None

    def _try(self, what, call, allowed=frozenset()):
        """Make ``call`` and note its outcome.

        :param allowed: what Odoo raises where somebody sends it the same
        """
        error = self._get_outcome(call)
        if error is None:
            self.counts["accepted"] += 1
        # Odoo tells in words what the database refuses.
        elif isinstance(error, (UserError, IntegrityError)):
            self.counts["refused"] += 1
        elif type(error) in allowed and not self._is_ours(error):
            self.counts["as Odoo"] += 1
        else:
            self.faults.append(f"{what}: {error!r}")

    def _is_ours(self, error):
        """Return whether ``error`` was raised by code of this addon."""
        trace = error.__traceback__
        while trace.tb_next:
            trace = trace.tb_next
        return f"/{ADDON}/models/" in trace.tb_frame.f_code.co_filename

    def _check(self):
        """Check that there was no fault, and that both happened."""
        _logger.info("Seed %s: %s", self.seed, dict(self.counts))
        self.assertFalse(self.faults, "\n".join([f"Seed {self.seed}:", *self.faults]))
        self.assertTrue(self.counts["accepted"])
        self.assertTrue(self.counts["refused"])

    def _get_own(self, role, model):
        """Return the record of ``model`` that belongs to ``role``."""
        if model == "res.company":
            return self.env.company
        own = self.own["bolt" if role == "accountant" else "acme"]
        if model in own:
            return own[model]
        return self.env[model].search([], limit=1)

    # ------------------------------------------------------------------ methods

    def test_methods(self):
        """Every public method, with anything for each of its parameters."""
        for (model, name), given in METHODS.items():
            if hasattr(BaseModel, name):
                continue  # what Odoo makes of odd values is its own
            method = getattr(self.env.registry[model], name)
            given = given if isinstance(given, dict) else {}
            for role in ROLES:
                self._try_method(role, model, name, given)
                for parameter in get_parameters(method):
                    for label in VALUES:
                        self._try_method(role, model, name, given, parameter, label)
        self._check()

    def _try_method(self, role, model, name, given, parameter=None, label=None):
        is_of_model = getattr(
            getattr(self.env.registry[model], name), "_api_model", False
        )
        args = [] if is_of_model else [self._get_own(role, model).ids]
        given, allowed = dict(given), frozenset()
        if parameter:
            given[parameter] = copy.deepcopy(VALUES[label])
            allowed = self._get_odoos_answer(name, given)
        with self._as(role) as env:
            self._try(
                (role, f"{model}.{name}", parameter, label),
                lambda: call_kw(env[model], name, args, given),
                allowed,
            )

    def _get_odoos_answer(self, name, arguments):
        """Return what the method of Odoo raises that ours overrides."""
        if name != "search_fetch":
            return frozenset()
        found = self.env["res.partner"].search_fetch
        arguments = {**arguments, "field_names": ["name"], **arguments}
        return {type(self._get_outcome(lambda: found(**arguments)))}

    def test_usage_of_an_odd_day(self):
        for label, value in VALUES.items():
            for role in ROLES:
                with self._as(role) as env:
                    usage = env["subscription.seat.usage"].with_context(
                        usage_date=copy.deepcopy(value)
                    )
                    self._try((role, label), partial(usage.search_read, [], ["used"]))
        self._check()

    def test_records_that_only_the_program_makes(self):
        for model in (*SEALED, *MADE):
            for label, value in VALUES.items():
                with self._as("admin") as env:
                    for call in (
                        partial(env[model].create, [{"id": value}]),
                        partial(env[model].browse([1]).write, {"id": value}),
                        env[model].browse([1]).unlink,
                    ):
                        self._try((model, label), call)
        self.assertFalse(self.faults)
        self.assertFalse(self.counts["accepted"])

    def test_onchange_of_nothing(self):
        """A restricted user who sends no values is told how to give them."""
        for role in ("north", "accountant"):
            for values in (None, False, 5, "x", [], [[0, 0, {}]]):
                with self._as(role) as env:
                    partners = env["res.partner"]
                    for record in (partners, partners.browse(env.user.partner_id.id)):
                        self._try(
                            (role, record, values),
                            partial(record.onchange, values, [], {}),
                        )
        self.assertFalse(self.faults)
        self.assertFalse(self.counts["accepted"])

    # ------------------------------------------------------------------ fields

    def test_fields(self):
        """Every field, with anything for its value, in every way that it comes."""
        for model, name in self._get_fields():
            for label in VALUES if ALL else self.rng.sample([*VALUES], SAMPLE):
                for way in WAYS if ALL else self.rng.sample([*WAYS], 1):
                    role = self.rng.choice(("admin", "north"))
                    self._try_field(role, way, model, name, label)
        self._check()

    def _get_fields(self):
        """Return the fields of this addon, and of its models."""
        return [
            (model, name)
            for model, model_class in self.env.registry.items()
            if not model_class._abstract
            for name, field in model_class._fields.items()
            if field._module == ADDON and field.type in TWINS
        ]

    def _try_field(self, role, way, model, name, label):
        allowed = self._get_twin_answers(self.env[model]._fields[name].type, label)
        with self._as(role) as env:
            self._try(
                (role, way, f"{model}.{name}", label),
                lambda: self._send(env, role, way, model, name, label),
                allowed,
            )

    def _send(self, env, role, way, model, name, label):
        """Send a value to a field of ``model``."""
        records = self._get_own(role, model).with_env(env)
        value = copy.deepcopy(VALUES[label])
        return WAYS[way](records, name, value, self._get_values(model))

    def _get_values(self, model):
        """Return values with which a record can be made."""
        if RECORDS.get(model) and model not in MADE:
            return dict(RECORDS[model](self, self.acme, "Odd", self.own["acme"]))
        return {"name": "Odd"} if "name" in self.env[model]._fields else {}

    def _get_twin_answers(self, field_type, label):
        """Return what Odoo raises where somebody sends the value to fields of its
        own."""
        if (field_type, label) not in self.answers:
            self.answers[field_type, label] = {
                type(self._get_outcome(partial(self._send, self.env, "admin", *what)))
                for twin in TWINS[field_type]
                for what in [(way, *twin, label) for way in WAYS]
            }
        return self.answers[field_type, label]
