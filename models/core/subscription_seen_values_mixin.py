from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, format_datetime

from .changes import is_comparable, is_same

# The largest id that the database knows.
MAX_ID = 2**31 - 1


class SubscriptionSeenValuesMixin(models.AbstractModel):
    """Records that two people may open at once without losing the work of either.

    Whoever saves says in ``seen_values`` what it saw before. Where that is not there
    any more, nothing is stored, and it is told what is. Screens say so of the fields
    that are watched; programs say what they want compared, or nothing.
    """

    _name = "subscription.seen.values.mixin"
    _description = "Values Seen Before Saving"

    # The fields that screens watch. Whoever changes one relies on the others.
    _watched_fields = ()

    seen_values = fields.Json(
        store=False,
        copy=False,
        exportable=False,
        readonly=True,
        help="What the caller saw before it changed it, as {id: {field: value}}."
        " Writing is refused when somebody else has changed that meanwhile.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Create records. Of new ones, nobody has seen anything."""
        return super().create([self._split_seen(vals)[0] for vals in vals_list])

    def write(self, vals):
        """:raise UserError: when the values in ``seen_values`` are not there any more,
        saying what is, who saved the record last, and when"""
        if "seen_values" not in vals:
            return super().write(vals)
        vals, seen = self._split_seen(vals)
        self._verify_seen(seen)
        return super().write(vals) if vals else True

    @api.model
    def _split_seen(self, vals):
        """Return ``vals`` without what was seen, and that."""
        given = {name: value for name, value in vals.items() if name != "seen_values"}
        return given, vals.get("seen_values") or {}

    @api.model
    def _get_watched_fields(self):
        """Return ``{model: names of its watched fields}``."""
        return {
            name: list(model._watched_fields)
            for name, model in self.pool.items()
            if getattr(model, "_watched_fields", ())
        }

    # ------------------------------------------------------------------ comparing

    def _verify_seen(self, seen):
        """Check that these records have the values that were seen.

        No lock is needed: who changes them in parallel writes the very rows that this
        transaction writes next, which then starts over and sees them.

        :param dict seen: ``{id: {field: value}}``; ids may be texts, as in JSON
        :raise UserError: a line for each value that is not there any more, or when
            ``seen`` says nothing that can be compared
        """
        self.check_access("read")
        self.check_access("write")
        texts = [
            record._get_changed_text(lines)
            for record in self
            if (lines := record._get_changed_lines(self._get_seen_of(record, seen)))
        ]
        if texts:
            texts.append(
                self.env._(
                    "Nothing of what you entered was saved. Reload the page, and enter"
                    " it again if it is still right."
                )
            )
            raise UserError("\n\n".join(texts))

    @api.model
    def _get_seen_of(self, record, seen):
        """Return what was seen of ``record``: ``{field: value}``.

        :raise UserError: when it is in another form, or cannot be compared
        """
        values = seen
        if isinstance(seen, dict):
            values = seen.get(str(record.id), seen.get(record.id, {}))
        unknown = [values]
        if isinstance(values, dict):
            unknown = [n for n in values if not is_comparable(self._fields.get(n))]
        if unknown:
            raise UserError(
                self.env._(
                    "%(fields)s cannot be compared with what was seen. Give what you"
                    " saw as {id: {field: value}}, and no lines or computed values.",
                    fields=", ".join(map(str, unknown)),
                )
            )
        return values

    def _get_changed_lines(self, seen):
        """Return a line for each of the values ``seen`` that this record has no more.

        :raise AccessError: when the user may not read the field
        """
        lines = []
        for name, value in seen.items():
            field = self._fields[name]
            self._check_field_access(field, "read")
            if not is_same(self, field, value):
                lines.append(
                    self.env._(
                        "%(field)s: you saw %(seen)s, now it is %(now)s.",
                        field=field._description_string(self.env),
                        seen=self._get_value_text(field, value),
                        now=self._get_value_text(field, self[name]),
                    )
                )
        return lines

    def _get_changed_text(self, lines):
        """Return that this record was changed, with ``lines`` that say how."""
        # sudo: who saved it last is told to those who may know that user.
        user = self.sudo().write_uid.sudo(False)._filtered_access("read")
        title = self.env._(
            "%(record)s was changed by %(user)s after you opened it (last saved on"
            " %(date)s):",
            record=self.display_name,
            user=user.name or self.env._("somebody else"),
            date=format_datetime(self.env, self.write_date),
        )
        return "\n".join([title, *(f"- {line}" for line in lines)])

    def _get_value_text(self, field, value):
        """Return ``value`` of ``field`` as people read it."""
        if field.type == "many2one":
            return self._get_record_text(field, value)
        if field.type == "boolean":
            return self.env._("Yes") if value else self.env._("No")
        if not value and field.type not in ("integer", "float", "monetary"):
            return self.env._("empty")
        try:
            return self._get_formatted(field, value or 0)
        except (TypeError, ValueError):
            # A program may say that it saw anything.
            return str(value)

    def _get_formatted(self, field, value):
        """Return ``value``, which is not empty, as screens show it."""
        if field.type == "date":
            return format_date(self.env, fields.Date.to_date(value))
        if field.type == "datetime":
            return format_datetime(self.env, fields.Datetime.to_datetime(value))
        if field.type == "selection":
            return dict(self._get_choices(field.name)).get(value, value)
        return str(value)

    def _get_record_text(self, field, value):
        """Return the name of the record that ``value`` stands for, if the user may read
        it."""
        if not value:
            return self.env._("empty")
        id_ = getattr(value, "id", value)
        if not (isinstance(id_, int) and id_ <= MAX_ID):
            return str(value)
        record = self.env[field.comodel_name].browse(id_).exists()
        named = record.sudo(False)._filtered_access("read")
        return named.display_name or self.env._("another record")
