"""What Odoo asks of the addon when it is uninstalled."""

import logging

from odoo.tools import SQL, mute_logger

from .models.core.base import ADDON

_logger = logging.getLogger(__name__)

# What users keep for a model, and Odoo leaves behind: model and field with its name.
KEPT_FOR_MODELS = {
    "base_import.mapping": "res_model",
    "ir.exports": "resource",
    "ir.filters": "model_id",
    "ir.ui.view": "model",
}
# Functions of the database that check the rows of statements.
FUNCTIONS = (
    "subscription_statement_row_add_up",
    "subscription_statement_line_add_up",
    "subscription_statement_rows_add_up",
)


def uninstall_hook(env):
    """Empty the addon's tables before Odoo takes its records apart one by one.

    The models refuse to delete what proves something, like seats and the ledger, and
    refer to each other: with their data Odoo would fail on most of them.
    """
    models = [
        model
        for model in env.values()
        if model._original_module == ADDON and not model._abstract
    ]
    _drop_foreign_keys(env, [model._table for model in models])
    _delete_records(env, models)
    _drop_functions(env)
    _delete_demo(env)


def _drop_functions(env):
    """Drop what checks the rows of statements, and with it its triggers: a function
    outlives its tables."""
    for name in FUNCTIONS:
        env.cr.execute(SQL("DROP FUNCTION IF EXISTS %s CASCADE", SQL.identifier(name)))


def _drop_foreign_keys(env, tables):
    """Drop the foreign keys of the addon's columns, and those to its tables: Odoo drops
    them later, after it has deleted what they hold on to."""
    keys = env.execute_query(
        SQL(
            """
            SELECT conrelid::regclass::text, conname FROM pg_constraint
             WHERE contype = 'f'
               AND (conrelid::regclass::text = ANY(%(tables)s)
                    OR confrelid::regclass::text = ANY(%(tables)s)
                    OR conname IN (
                        SELECT name FROM ir_model_constraint
                         WHERE type = 'f' AND module = (
                            SELECT id FROM ir_module_module WHERE name = %(addon)s)))
            """,
            tables=tables,
            addon=ADDON,
        )
    )
    for table, key in keys:
        env.cr.execute(
            SQL(
                "ALTER TABLE %s DROP CONSTRAINT %s",
                SQL.identifier(table),
                SQL.identifier(key),
            )
        )


def _delete_records(env, models):
    """Delete all records of ``models``, and what users keep for them."""
    names = [model._name for model in models]
    for model in models:
        if env.registry.is_an_ordinary_table(model):
            env.cr.execute(SQL("TRUNCATE %s", SQL.identifier(model._table)))
    env["ir.model.data"].search([("model", "in", names)]).unlink()
    env.invalidate_all()
    for name, field in KEPT_FOR_MODELS.items():
        if name in env:
            kept = env[name].with_context(active_test=False, _force_unlink=True)
            found = kept.search([(field, "in", names)])
            found.filtered(
                lambda record: not record.get_external_id()[record.id]
            ).unlink()


def _delete_demo(env):
    """Delete the records of other models that the demo made, the latest first, and the
    contacts that its companies have by now.

    What something else refers to stays, and is the addon's no longer.
    """
    data = env["ir.model.data"].search(
        [("module", "=", ADDON), ("name", "=like", "demo_%")], order="id DESC"
    )
    for name, record_id in data.mapped(lambda entry: (entry.model, entry.res_id)):
        model = env[name].with_context(active_test=False, _force_unlink=True)
        records = model.browse(record_id).exists()
        if name == "res.partner":
            records = model.search([("id", "child_of", records.ids)])
        try:
            with mute_logger("odoo.sql_db"), env.cr.savepoint():
                if name == "account.payment":
                    # Its entry goes with it only where neither is posted.
                    records.action_draft()
                records.unlink()
        except Exception as error:
            _logger.info("%s stays: %s", records, error)
    data.exists().unlink()
