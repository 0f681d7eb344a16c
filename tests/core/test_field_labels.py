"""What is offered for grouping, filtering and export has a name that people read."""

import re
from collections import Counter

from odoo.tests import TransactionCase, tagged

from ...models.core.base import ADDON

# Models of others that this addon shows to partners and adds fields to.
SHARED = (
    "res.partner",
    "sale.subscription.line",
    "sale.subscription.template",
)
# Words of programs: a field that needs one to be told apart is not for people.
TECHNICAL = re.compile(
    r"^(Is|Has|Can|Are|Was|May) "
    r"|\b(Text|Path|Hash|Token|Index|Color|Colour|Normalized|Domain|Id|Ids|Ref|Uid)$"
    r"|Message-Id|Activity|Follower|Seen Values|Messages?$"
)
# Written by people.
MEANT = {("subscription.request", "message")}


@tagged("post_install", "-at_install")
class TestFieldLabels(TransactionCase):
    def _get_models(self):
        """Return the models of this addon that hold what stays, and the contract."""
        own = [
            self.env[name]
            for name, model in self.env.registry.items()
            if name.startswith("subscription.")
            and not model._abstract
            and not model._transient
        ]
        return [*own, self.env["sale.subscription"]]

    def _get_offered(self, model, *, ours=False):
        """Return ``{name: label}`` of the fields of ``model`` that are offered for
        grouping or export; ``ours``: those that this addon adds alone."""
        return {
            name: field["string"]
            for name, field in model.fields_get().items()
            if name != "id"
            and (field.get("groupable") or field.get("exportable", True))
            and not (ours and model._fields[name]._modules != (ADDON,))
        }

    def _find_faults(self, model, offered):
        """Return what is wrong with the labels that are ``offered`` of ``model``."""
        counts = Counter(offered.values())
        return [
            f"{model._name}.{name}: {label!r}"
            for name, label in offered.items()
            if not (label or "").strip()
            or counts[label] > 1
            or (TECHNICAL.search(label) and (model._name, name) not in MEANT)
        ]

    def test_no_technical_empty_or_double_name_is_offered(self):
        faults = []
        for model in self._get_models():
            faults += self._find_faults(model, self._get_offered(model))
        for name in SHARED:
            model = self.env[name]
            faults += self._find_faults(model, self._get_offered(model, ours=True))
        self.assertFalse(faults)

    def test_what_is_hidden_can_neither_be_grouped_by_nor_exported(self):
        described = self.env["subscription.seat.usage"].fields_get(
            ["management_path", "module_id"]
        )
        hidden, shown = described["management_path"], described["module_id"]
        self.assertEqual((hidden["exportable"], hidden["groupable"]), (False, False))
        self.assertEqual((shown["exportable"], shown["groupable"]), (True, True))

    def test_only_what_is_asked_for_is_described(self):
        described = self.env["sale.subscription"].fields_get(["color"], ["string"])
        self.assertEqual(list(described["color"]), ["string"])

    def test_what_others_hide_is_left_alone(self):
        partner = self.env["res.partner"].fields_get(["color"], ["groupable"])
        self.assertTrue(partner["color"]["groupable"])
