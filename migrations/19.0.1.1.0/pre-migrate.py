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
    # A saved filter names the field as a whole word, in its domain, sorting or groups.
    cr.execute(
        SQL(
            """
            UPDATE ir_filters
               SET domain = regexp_replace(domain, %(word)s, %(new)s, 'g'),
                   context = regexp_replace(context, %(word)s, %(new)s, 'g'),
                   sort = regexp_replace(sort, %(word)s, %(new)s, 'g')
             WHERE model_id = %(model)s
            """,
            word=f"\\m{old}\\M",
            new=new,
            model=model,
        )
    )
    cr.execute(
        SQL(
            """
            UPDATE ir_exports_line line
               SET name = regexp_replace(line.name, %(word)s, %(new)s, 'g')
              FROM ir_exports export
             WHERE export.id = line.export_id AND export.resource = %(model)s
            """,
            word=f"\\m{old}\\M",
            new=new,
            model=model,
        )
    )


def _get_table(model):
    return model.replace(".", "_")
