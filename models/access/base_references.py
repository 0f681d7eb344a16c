from collections import defaultdict
from itertools import product

from odoo import api, models, tools

from .answers import get_links, mask
from .references import (
    NO_REFERENCE,
    ReferenceReader,
    get_referring,
    get_stored_links,
    is_just_made,
    is_pair,
)

# What everybody may refer to without a right to read it, and why.
EXEMPT_MODELS = {
    "ir.actions.act_window": "screens, the same for everybody",
    "ir.actions.actions": "screens, the same for everybody",
    "ir.model": "the kinds of records, the same for everybody",
    "ir.model.fields": "the fields of these, likewise",
    "properties.base.definition": "Odoo's code sets it on each new contact",
}
# Where a model keeps an id and its model as plain values, by the names of the fields.
PLAIN_PAIRS = tuple(product(("res_id", "res_ids"), ("res_model", "model")))


class Base(models.AbstractModel):
    """Which references are out of reach of a restricted user, see ``base.py``."""

    _inherit = "base"

    @api.model
    @tools.ormcache()
    def _get_reference_pairs(self):
        """Return ``((field with the id, field with the model), ...)`` of this model."""
        pairs = [
            (name, field.model_field)
            for name, field in self._fields.items()
            if field.type == "many2one_reference" and field.model_field in self._fields
        ]
        plain = [pair for pair in PLAIN_PAIRS if is_pair(self._fields, *pair)]
        return (*pairs, *plain)

    # ------------------------------------------------------------------ checking

    @api.model
    def _verify_references(self, found):
        """Return ``{(model, id)}`` of the references ``found``.

        :raise AccessError: when one of them is out of reach, and new
        """
        for reference in self._get_hidden(found):
            self._refuse_access(*reference.link)
        return {reference.link for reference in found}

    @api.model
    def _get_hidden(self, found):
        """Return those of the references ``found`` that are out of reach, and new."""
        unreadable = self._get_unreadable(reference.link for reference in found)
        return [
            reference
            for reference in found
            if reference.link in unreadable and not reference.is_unchanged()
        ]

    @api.model
    def _get_unreadable(self, links):
        """Return ``{(model, id)}`` of what the user may not read among ``links``, which
        are such pairs."""
        ids = defaultdict(set)
        for model, id_ in links:
            if id_ and model in self.env and model not in EXEMPT_MODELS:
                ids[model].add(id_)
        return {
            (model, id_)
            for model in ids
            for id_ in self.env[model]._get_unreadable_ids(ids[model])
        }

    @api.model
    def _get_unreadable_ids(self, ids):
        """Return those of the ``ids`` of this model that the user may not read. What it
        made in this very transaction it may refer to, like the lines of a record that
        is readable by its lines. As superuser, since only that is looked at."""
        own = self.env.user if self._name == "res.users" else self
        records = self.browse(ids) - own
        hidden = records - records._filtered_access("read")
        return (hidden - hidden.sudo().filtered(is_just_made))._ids

    @api.model
    def _refuse_access(self, model, id_):
        """:raise AccessError: that says nothing of the record"""
        record = self.env[model].browse(id_)
        record.check_access("read")
        raise self.env["ir.rule"]._make_access_error("read", record)

    def _verify_stored(self, names, checked):
        """Verify what these records refer to now with the fields ``names``.

        :raise AccessError: when it is out of reach, and none of what is ``checked``
        """
        links = set(get_stored_links(self, names)) - checked
        for model, id_ in self._get_unreadable(links):
            self._refuse_access(model, id_)

    # ------------------------------------------------------------------ answers

    @api.model
    def _drop_unreadable(self, values):
        """Return ``values`` without those that refer to records out of reach, or to
        nothing that can be checked."""
        dropped = {
            name
            for name, vals in get_referring(self, values).items()
            if not self._is_readable(vals)
        }
        return {name: value for name, value in values.items() if name not in dropped}

    @api.model
    def _is_readable(self, vals):
        reader = ReferenceReader()
        try:
            reader.collect(self.browse(), vals)
        except NO_REFERENCE:
            return False
        return not self._get_hidden(reader.found)

    def _mask_values(self, values):
        """Return the ``values`` that ``onchange`` gives back, without what is out of
        reach, save what these records refer to already and the partners above the
        user's own company, whose names screens tell.

        What new values made of the cache must not say who may read what.
        """
        links = get_links(self, values)
        if not links:
            return values
        self.env.invalidate_all()
        hidden = self._get_unreadable(links)
        if hidden:
            above = self.env.user._get_partners_above()._ids
            hidden -= {("res.partner", id_) for id_ in above}
        return mask(self, values, lambda *link: link not in hidden)
