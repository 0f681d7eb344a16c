from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

from ...terms import LAST_DAY
from .changes import is_comparable, is_same

# Ids that the database can hold.
IDS = range(1, 2**31)
ADDON = "partner_managed_subscription"
CLOSE = {"type": "ir.actions.act_window_close"}
RELOAD = {"type": "ir.actions.client", "tag": "soft_reload"}


class Base(models.AbstractModel):
    """What the models and wizards of this addon share with each other."""

    _inherit = "base"

    @api.model
    def _open_action(self, xmlid, **values):
        """Return the window action of this addon called ``xmlid``, with ``values`` in
        place of its own."""
        action = self.env["ir.actions.act_window"]._for_xml_id(f"{ADDON}.{xmlid}")
        return {**action, **values}

    @api.model
    def _notify(self, message, *, kind="success", then=None, **params):
        """Return the action that says ``message`` in a corner of the screen.

        :param str kind: ``success``, ``warning``, ``info`` or ``danger``
        :param dict then: the action that follows; by default the dialog is closed
        :param params: ``title`` and ``sticky``, as Odoo's notifications have them
        """
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": kind,
                "message": message,
                "next": then or CLOSE,
                **params,
            },
        }

    def _ask_first(self, method, *, yes, no, **texts):
        """Return the action that asks before it calls ``method`` of these records, by
        which something is lost.

        :param str yes: what the button does that goes on
        :param str no: what the one does that leaves all as it is
        :param texts: ``title`` and ``body`` of the question
        """
        params = {"model": self._name, "ids": self.ids, "method": method}
        return {
            "type": "ir.actions.client",
            "tag": f"{ADDON}.ask",
            "params": {**params, **texts, "yes": yes, "no": no},
        }

    @api.model
    def _get_choices(self, name):
        """Return the values of the selection ``name`` with their names, as the user
        reads them. Fields of other models borrow them, and messages say them."""
        return self._fields[name]._description_selection(self.env)

    @api.model
    def fields_get(self, allfields=None, attributes=None):
        """Describe the fields, without offering those that programs alone read for
        grouping or export."""
        described = super().fields_get(allfields, attributes)
        for name in filter(self._is_unlisted, described):
            hidden = {"exportable", "groupable"} & described[name].keys()
            described[name].update(dict.fromkeys(hidden, False))
        return described

    @api.model
    def _is_unlisted(self, name):
        """Return whether the field ``name`` is kept from lists of fields: one of this
        addon that says so."""
        field = self._fields[name]
        return not field.exportable and ADDON in field._modules

    def _fetch_names(self, model, links, names):
        """Fetch the fields ``names`` of what these records refer to with the many2one
        fields ``links``, which are of ``model``."""
        # sudo: Odoo computes the names of many2one fields with it as well.
        linked = self.env[model].sudo()
        for link in links:
            linked |= self.sudo()[link]
        if linked:
            # Not `fetch`: it would search for them first, for the sake of rules.
            fields = [linked._fields[name] for name in names]
            linked._fetch_query(linked._as_query(ordered=False), fields)

    @api.model
    def _read_record(self, value):
        """Return the record of this model that a caller gives by its id.

        :raise UserError: when there is none
        """
        is_id = isinstance(value, int) and value is not True and value in IDS
        record = self.browse(value if is_id else ()).exists()
        if not record:
            raise UserError(
                self.env._(
                    "%(model)s: “%(value)s” does not exist. Choose one from the list.",
                    model=self._description,
                    value=value,
                )
            )
        return record

    @api.model
    def _read_day(self, value):
        """Return the day that a caller gives as a date or in its ISO form.

        :raise ValidationError: when it is none, or none that is reckoned with
        """
        try:
            day = fields.Date.to_date(value)
        except (TypeError, ValueError):
            day = None
        if not day:
            raise ValidationError(
                self.env._(
                    "“%(value)s” is not a day. Give it as year-month-day, like"
                    " 2026-12-31.",
                    value=value,
                )
            )
        self._verify_day(day)
        return day

    @api.model
    def _verify_day(self, day):
        """:raise ValidationError: when ``day`` is after the last one that is reckoned
        with"""
        if day > LAST_DAY:
            raise ValidationError(
                self.env._(
                    "%(day)s is too far away: choose a day until %(last)s.",
                    day=format_date(self.env, day),
                    last=format_date(self.env, LAST_DAY),
                )
            )

    def _get_names_text(self):
        """Return the names of these records; of many, the first five."""
        names = ", ".join(self[:5].mapped("display_name"))
        if len(self) <= 5:
            return names
        return self.env._(
            "%(names)s and %(count)s more", names=names, count=len(self) - 5
        )

    # ------------------------------------------------------------------ changes

    def _get_changed(self, vals, names):
        """Return those of these records in which ``vals`` changes one of the fields
        ``names``. Whoever does something because a value is written asks this first:
        that it is given does not say that it differs."""
        given = vals.keys() & names
        return self.filtered(
            lambda record: any(record._is_changed(name, vals[name]) for name in given)
        )

    def _is_changed(self, name, value):
        """Return whether writing ``value`` to the field ``name`` may change this
        record. What cannot be compared, or not be written by the user, counts as
        changed: the ORM is to answer for it."""
        field = self._fields.get(name)
        if not (is_comparable(field) and self._has_field_access(field, "write")):
            return True
        # sudo: the value is only compared.
        return not is_same(self.sudo(), field, value)
