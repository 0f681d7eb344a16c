"""One word for one thing: fields and values that were renamed keep what they hold."""

from odoo.tools import SQL
from odoo.tools.sql import column_exists, rename_column

# Stored fields: model, old name, new name.
FIELDS = [
    ("sale.subscription", "lead_partner_id", "top_partner_id"),
    ("subscription.licence.move", "peer_id", "counterpart_id"),
    ("subscription.log", "old_manager_id", "old_managing_partner_id"),
    ("subscription.log", "new_manager_id", "new_managing_partner_id"),
    ("subscription.notice", "tier_id", "addressee_id"),
    ("subscription.snooze", "tier_id", "addressee_id"),
]
# Selections: model, field, old value, new value.
VALUES = [("subscription.log", "event", "manager", "managing_partner")]
MODULE = "partner_managed_subscription"


def migrate(cr, version):
    if not version:
        return
    for model, old, new in FIELDS:
        _rename_field(cr, model, old, new)
    for model, field, old, new in VALUES:
        cr.execute(
            SQL(
                "UPDATE %(table)s SET %(field)s = %(new)s WHERE %(field)s = %(old)s",
                table=SQL.identifier(_get_table(model)),
                field=SQL.identifier(field),
                old=old,
                new=new,
            )
        )


def _rename_field(cr, model, old, new):
    """Rename the column, the field and its XML id, and what users saved with it."""
    table = _get_table(model)
    if not column_exists(cr, table, old):
        return
    rename_column(cr, table, old, new)
    cr.execute(
        SQL(
            "ALTER INDEX IF EXISTS %s RENAME TO %s",
            SQL.identifier(f"{table}__{old}_index"),
            SQL.identifier(f"{table}__{new}_index"),
        )
    )
    cr.execute(
        SQL(
            "UPDATE ir_model_fields SET name = %s WHERE model = %s AND name = %s",
            *(new, model, old),
        )
    )
    prefix = f"field_{table}__"
    cr.execute(
        SQL(
            "UPDATE ir_model_data SET name = %s WHERE module = %s AND name = %s",
            *(f"{prefix}{new}", MODULE, f"{prefix}{old}"),
        )
    )
    _replace_in(cr, "ir_filters", ("domain", "context", "sort"), old, new)
    _replace_in(cr, "ir_rule", ("domain_force",), old, new)
    _replace_in(cr, "ir_exports_line", ("name",), old, new)
    _replace_in(cr, "mail_template", ("email_from", "email_to", "lang"), old, new)


def _replace_in(cr, table, columns, old, new):
    """Rename the field where users, rules and templates name it, as a whole word.

    The names are this addon's own, so other models have none of them.
    """
    word = rf"\m{old}\M"
    cr.execute(
        SQL(
            "UPDATE %s SET %s WHERE %s",
            SQL.identifier(table),
            SQL(", ").join(
                SQL(
                    "%(column)s = regexp_replace(%(column)s, %(word)s, %(new)s, 'g')",
                    column=SQL.identifier(column),
                    word=word,
                    new=new,
                )
                for column in columns
            ),
            SQL(" OR ").join(
                SQL("%s ~ %s", SQL.identifier(column), word) for column in columns
            ),
        )
    )


def _get_table(model):
    return model.replace(".", "_")
