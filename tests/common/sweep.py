"""The sweep: each field that refers to records is set to what is foreign, in each form
and by each way in, and afterwards nothing of it is known or changed."""

import json
import logging
import os
import random
import re
from base64 import b64encode
from collections import Counter, defaultdict
from contextlib import contextmanager
from copy import deepcopy
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.models import BaseModel
from odoo.tools import SQL

from ...models.access.base import Base
from ...models.access.references import REFERRING_TYPES
from .access import RECORDS, SUBSCRIPTION
from .guard import CASTS, COMMANDS, GuardCase, get_spec
from .isolation import FOREIGN
from .seed import draw_seed
from .ways import CLOSED_WAYS, WAYS, Case, Probe

_logger = logging.getLogger(__name__)
ALL = bool(os.environ.get("PMS_ALL"))
ROLES = ("north", "reef", "accountant", "client", "public")
SEED = draw_seed()
# Words that are no names of the partners South and Reef.
COUNTRIES = re.compile(r"south(ern| africa| georgia| korea| sandwich| sudan)")
# In how many forms a value is tried by each way where all is tried.
FORMS_EACH = {"north": 4, "accountant": 4}
# The form of cases that refer to what is the role's own, which is let through, and how
# many of them a sample has of each way.
OWN = "the role's own"
OWN_EACH = 8
REFERENCES = {
    "text": lambda model, id_: f"{model},{id_}",
    "padded text": lambda model, id_: f" {model}, {id_}\n",
    "signed text": lambda model, id_: f"{model},+{id_}",
    "pair": lambda model, id_: [model, id_],
    "tuple": lambda model, id_: (model, id_),
    "number": lambda model, id_: id_,
    "dictionary": lambda model, id_: {"model": model, "id": id_},
}
# With what the models that ``RECORDS`` leaves out are created. ``case`` is the test,
# ``own`` has the role's own records.
VALUES = {
    "discuss.channel.member": lambda case, own: {
        "channel_id": case.channels["own"].id,
        "partner_id": case.roles["admin"].partner_id.id,
    },
    "mail.compose.message": lambda case, own: {
        "model": SUBSCRIPTION,
        "res_ids": repr(own[SUBSCRIPTION].ids),
        "body": "Sweep",
    },
}
# What a field that must be filled in is filled in with, by its type.
FILLING = {
    "char": "New",
    "text": "New",
    "html": "New",
    "integer": 1,
    "float": 1,
    "date": "2026-01-31",
    "datetime": "2026-01-31 12:00:00",
}
# Odoo's screens tell a name by its number to who may fill in any form. The guard leaves
# that to Odoo for everybody but partner staff and accountants.
UNRESTRICTED = {"client", "public"}
NAMING = {"default_get"}
STORING = {"create", "write", "web_save", "load", "set"}


class SweepCase(GuardCase):
    """Counts in ``tried`` what was let through and what was refused by each way in, and
    collects in ``findings`` what should not be."""

    # Whose client each role is, whose records are foreign to it, and words of these.
    sides = FOREIGN

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.random = random.Random(SEED)
        cls.words = {
            role: [
                *(*words, "hidden group"),
                *(encode(f"secret of {word.title()}") for word in words),
            ]
            for role, (_own, _foreign, words) in cls.sides.items()
        }
        cls.watched, cls.state, cls.targets, cls.bases, cls.owns = {}, {}, {}, {}, {}

    def setUp(self):
        super().setUp()
        self.tried, self.findings = Counter(), {}
        self.addCleanup(lambda: _logger.info("PMS_SEED=%s %s", SEED, dict(self.tried)))

    def _check_findings(self):
        text = "\n".join(f"{case}: {text}" for case, text in self.findings.items())
        self.assertFalse(self.findings, f"PMS_SEED={SEED}\n{text}")

    def _check_counts(self, names):
        """Check that what is foreign was refused, and something was not."""
        for name in names:
            for outcome in ("refused", "let through"):
                self.assertGreater(self.tried[name, outcome], 0, f"{name}: {outcome}")

    def _note(self, case, text):
        self.findings.setdefault(str(case), text)

    # ------------------------------------------------------------------ cases

    def _get_cases(self, role):
        """Return the cases of ``role``: of models that it may fill in, and others."""
        opened, closed = [], []
        with self._as(role) as env:
            self._watch(role, env)
            number = 0
            for model in sorted(env.registry):
                if env[model]._abstract:
                    continue
                is_open = any(map(env[model].has_access, ("create", "write")))
                for name in self._get_names(role, env[model]):
                    number += 1
                    forms = [*self._get_forms(env[model]._fields[name]), OWN]
                    count = FORMS_EACH.get(role, 2) if is_open else 1
                    for step, way in enumerate(WAYS if is_open else CLOSED_WAYS):
                        for turn in range(count):
                            place = number + step * count + turn * 5
                            form = forms[place % len(forms)]
                            case = Case(role, model, name, way, form)
                            (opened if is_open else closed).append(case)
        return list(dict.fromkeys(opened)), closed

    def _get_names(self, role, records):
        """Yield the fields of ``records`` that may refer to what is foreign."""
        pairs = dict(records._get_reference_pairs())
        for name, field in sorted(records._fields.items()):
            if name in pairs or field.type in REFERRING_TYPES:
                if records._has_field_access(field, "write") and self._get_target(
                    role, self._get_comodel(records, name)
                ):
                    yield name

    def _get_comodel(self, records, name):
        return records._fields[name].comodel_name or SUBSCRIPTION

    def _get_forms(self, field):
        if field.type in ("one2many", "many2many"):
            return COMMANDS
        return REFERENCES if field.type == "reference" else CASTS

    def _sample(self, cases, count):
        """Return ``count`` of the ``cases``, as many of each way, and some that refer
        to the role's own; all in the long run, in any order."""
        if ALL:
            return self.random.sample(cases, len(cases))
        ways = defaultdict(list)
        for case in cases:
            ways[case.way, case.form == OWN].append(case)
        return [
            case
            for (_way, is_own), found in ways.items()
            for number in [OWN_EACH if is_own else 2 * count // len(ways)]
            for case in self.random.sample(found, min(len(found), number))
        ]

    def _get_target(self, role, model):
        """Return a record of ``model`` that ``role`` may not read, if there is any."""
        if (role, model) not in self.targets:
            self.targets[role, model] = self._find_target(role, model)
        return self.targets[role, model]

    def _find_target(self, role, model):
        records = self.env[model].with_user(self.roles[role])
        if records._abstract:
            return None
        known = self.own[self.sides[role][1]].get(model)
        if model == "discuss.channel":
            known = self.channels["foreign"]
        for found in (known, find_all(self.env[model])):
            if found and (hidden := get_hidden(records.browse(found.ids))):
                return hidden[:1].id
        return None

    # ------------------------------------------------------------------ values

    def _get_probe(self, env, case):
        records = env[case.model]
        sent = {case.name: self._get_value(env, case)}
        model_name = dict(records._get_reference_pairs()).get(case.name)
        if model_name and not records._fields[model_name].compute:
            sent[model_name] = SUBSCRIPTION
        return Probe(
            case.model,
            case.name,
            sent,
            self._get_base(env, case.role, case.model),
            self._get_own(env, case.role, case.model),
            get_all_specs(records, case.name),
            case.way == "nested" and self._get_parent(env, case.role, case.model),
        )

    def _get_value(self, env, case):
        field = env[case.model]._fields[case.name]
        comodel = self._get_comodel(env[case.model], case.name)
        forms = self._get_forms(field)
        if case.form == OWN:
            # The first form is the plainest.
            target, cast = self._get_own(env, case.role, comodel), [*forms.values()][0]
        else:
            target, cast = self._get_target(case.role, comodel), forms[case.form]
        return cast(comodel, target) if field.type == "reference" else cast(target)

    def _get_base(self, env, role, model):
        """Return the values with which ``role`` can create a record, if any."""
        if (role, model) not in self.bases:
            self.bases[role, model] = self._find_base(env, role, model) or {}
        return self.bases[role, model]

    def _find_base(self, env, role, model):
        if not env[model].has_access("create"):
            return {}
        for find in (self._get_usual_values, self._get_plain_values):
            values = find(env, role, model)
            if values is not None and self._is_created(env, model, values):
                return values
        return None

    def _is_created(self, env, model, values):
        with self._undone():
            try:
                env[model].create(deepcopy(values))
                env.flush_all()
            except Exception:  # noqa: BLE001 whatever it is that Odoo raises
                return False
        return True

    def _get_usual_values(self, env, role, model):
        own = self.sides[role][0]
        if model in VALUES:
            return VALUES[model](self, self.own[own])
        if not RECORDS.get(model):
            return None
        return RECORDS[model](self, self.clients[own], "Sweep", self.own[own])

    def _get_plain_values(self, env, role, model):
        """Return values for the fields that must be filled in."""
        records = env[model]
        needed = [
            name
            for name, field in records._fields.items()
            if field.required and field.store and not (field.compute or field.related)
        ]
        given = records.default_get(needed)
        return {
            name: self._fill_in(records, records._fields[name])
            for name in needed
            if not given.get(name)
        }

    def _fill_in(self, records, field):
        if field.type == "many2one":
            comodel = records.env[field.comodel_name]
            return comodel.has_access("read") and comodel.search([], limit=1).id
        if field.type == "selection":
            return field.get_values(records.env)[0]
        return FILLING.get(field.type, False)

    def _get_own(self, env, role, model):
        """Return the id of a record that ``role`` may write, else of one that it may
        read, else of a foreign one."""
        if (role, model) not in self.owns:
            self.owns[role, model] = self._find_own(env, role, model)
        return self.owns[role, model]

    def _find_own(self, env, role, model):
        known = self.own[self.sides[role][0]].get(model, env[model]).with_env(env)
        for mode in ("write", "read"):
            if not env[model].has_access(mode):
                continue
            if found := known._filtered_access(mode):
                return found.id
            if found := env[model].search([], limit=20)._filtered_access(mode):
                return found[-1:].id
        return self._get_target(role, model) or 0

    def _get_parent(self, env, role, model):
        """Return model, field, values and id of a record with lines of ``model``."""
        found = [
            (parent, name)
            for parent in sorted(env.registry)
            if not env[parent]._abstract and env[parent].has_access("write")
            for name, field in sorted(env[parent]._fields.items())
            if field.type == "one2many"
            and field.comodel_name == model
            and env[parent]._has_field_access(field, "write")
        ]
        if not found:
            return ()
        parent, name = self.random.choice(found)
        own = self._get_own(env, role, parent)
        return parent, name, self._get_base(env, role, parent), own

    # ------------------------------------------------------------------ calls

    def _try_case(self, case, call_door):
        """Make each call of ``case`` by ``call_door(env, role, call)``, and check what
        is told and stored; undo it all."""
        with self._as(case.role) as env:
            self.env.invalidate_all()
            # A call that makes an analytic plan makes fields, which go with it again.
            if case.name not in env[case.model]._fields:
                return
            for call in WAYS[case.way](self._get_probe(env, case)):
                is_done, answer = call_door(env, case.role, call)
                env.invalidate_all()
                # An import tells of refusals, and raises none.
                is_done = is_done and (call.method != "load" or bool(get_ids(answer)))
                self._count(case, is_done)
                if not (case.role in UNRESTRICTED and call.method in NAMING):
                    self._check_words(case, json.dumps(answer, default=str))
                if is_done and call.method in STORING:
                    self._check_stored(env, case)
                    self._read_back(env, case, call, get_ids(answer))

    def _call_orm(self, env, _role, call):
        """Make ``call`` as code does. Return whether it was let through, and what it
        answers."""
        records = env[call.model].with_context(**call.context).browse(call.ids)
        try:
            with self.cr.savepoint():
                answer = getattr(records, call.method)(*deepcopy(call.args))
                env.flush_all()
        except Exception as error:  # noqa: BLE001 whatever it is that Odoo raises
            return False, f"{type(error)} {error}"
        return True, answer

    def _count(self, case, is_done):
        for what in (case.way, case.door):
            self.tried[what, "let through" if is_done else "refused"] += 1

    def _check_words(self, case, text):
        text = COUNTRIES.sub("", text.lower())
        for word in self.words[case.role]:
            if word in text:
                place = text.index(word)
                near = text[max(place - 90, 0) : place + 60]
                self._note(case, f"told {word}: …{near}…")

    def _check_stored(self, env, case):
        opened = self._find_opened(case.role, env)
        if opened:
            self._note(case, f"opened {opened}")
        changed = self._get_state(case.role, env) ^ self.state[case.role]
        if changed:
            self._note(case, f"changed {sorted(changed)}")

    def _read_back(self, env, case, call, touched):
        """See what the records tell that were stored."""
        records = env[call.model].browse({*touched, *call.ids}).exists()
        if not records.has_access("read"):
            return
        records = records._filtered_access("read")
        try:
            text = json.dumps(records.web_read(get_all_specs(records)), default=str)
        except Exception as error:  # noqa: BLE001 whatever it is that Odoo raises
            env.invalidate_all()
            text = str(error)
        self._check_words(case, text)

    # ------------------------------------------------------------------ state

    def _watch(self, role, env):
        """Remember what ``role`` may not read, and in which state that is."""
        if role in self.watched:
            return
        watched = self.watched[role] = {}
        for model in sorted(env.registry):
            records = env[model].with_context(active_test=False)
            if records._abstract or not records.has_access("read"):
                continue
            if hidden := get_hidden(find_all(records).sudo(False)):
                watched[model] = hidden._ids
        self.state[role] = self._get_state(role, env)

    def _find_opened(self, role, env):
        """Return ``[(model, id)]`` of what ``role`` could not read before."""
        parts = []
        for model, ids in self.watched[role].items():
            records = env[model].with_context(active_test=False)
            if (query := records._search([("id", "in", ids)])).is_empty():
                continue
            table, found = records._table_sql, query.subselect()
            select = "SELECT %s, id FROM %s AS found WHERE id IN %s"
            parts.append(SQL(select, model, table, found))
        return parts and env.execute_query(SQL(" UNION ALL ").join(parts))

    def _get_state(self, role, env):
        """Return ``{(model, number of records, number of those that role wrote)}`` of
        what it may not read, and the groups that it has."""
        parts = [
            SQL(
                "SELECT %s, count(*), count(*) FILTER (WHERE write_uid = %s)"
                " FROM %s WHERE id IN %s",
                model,
                env.uid,
                SQL.identifier(env[model]._table),
                ids,
            )
            for model, ids in self.watched[role].items()
            if env[model]._log_access and env[model]._auto
        ]
        groups = ("groups", *sorted(env.user.all_group_ids.ids))
        return {groups, *env.execute_query(SQL(" UNION ALL ").join(parts))}


@contextmanager
def switched_off():
    """Switch the guard of references off."""
    with patch.object(Base, "_is_user_restricted", lambda records: False):
        yield


def encode(text):
    """Return how a file with ``text`` is told."""
    return b64encode(text.encode()).decode().rstrip("=").lower()[:-1]


def find_all(records):
    """Return all records of a model, as superuser; some cannot be listed."""
    try:
        return records.sudo().with_context(active_test=False).search([], limit=2000)
    except UserError:
        return records.sudo().browse()


def get_hidden(records):
    """Return those of ``records`` that their user may not read."""
    return records - records._filtered_access("read")


def get_ids(answer):
    """Return the ids of the records that ``answer`` tells of."""
    if isinstance(answer, BaseModel):
        return answer._ids
    if isinstance(answer, dict):
        answer = answer.get("ids") or ()
    if type(answer) is int:
        return [answer]
    if not isinstance(answer, (list, tuple)):
        return ()
    ids = [item.get("id") if isinstance(item, dict) else item for item in answer]
    return [id_ for id_ in ids if type(id_) is int]


def get_all_specs(records, *names):
    """Return the specification of a screen with all fields that may be read, and those
    called ``names``."""
    return {
        name: get_spec(records, name)
        for name, field in records._fields.items()
        if name in names
        or (
            field.type not in ("binary", "one2many", "properties")
            and name not in ("id", "create_uid", "write_uid")
            and records._has_field_access(field, "read")
        )
    }
