from contextlib import contextmanager

from odoo import api, models
from odoo.exceptions import ConcurrencyError
from odoo.tools import SQL


class SubscriptionLockingMixin(models.AbstractModel):
    """How parallel transactions keep from spoiling each other's assumptions.

    Every lock of this addon is taken here; docs/concurrency.md tells which one to use
    when, and what each raises. Rows are locked in this order: clients, pools, members,
    roles.

    Odoo's transactions see the database as it was when they began. A lock alone does
    not change that: who has waited for another transaction still does not see what
    that one has done. So an exclusive lock takes a *fresh look*, on a second cursor.
    """

    _name = "subscription.locking.mixin"
    _description = "Locks"

    def _lock_shared(self, *others):
        """Keep these rows as they are until the transaction ends (FOR SHARE), and then
        those of ``others``; many may do so at once.

        :raise psycopg2.errors.SerializationFailure: when a row was changed since this
            transaction began; Odoo then makes the call again in a new one
        """
        locked = [records for records in (self, *others) if records]
        for records in locked:
            records.flush_recordset()
        if locked:
            # One statement, which locks the rows of each in their order.
            queries = [
                SQL("SELECT FROM (%s) lock", records._get_lock_query(SQL("FOR SHARE")))
                for records in locked
            ]
            self.env.execute_query(SQL(" UNION ALL ").join(queries))

    def _lock_exclusive(self, *inverses):
        """Lock these rows against shared and exclusive locks until the transaction
        ends, and check that all that refers to them is visible.

        The rows are written as well as locked (FOR NO KEY UPDATE): the write is what
        refuses those who wait for a shared lock with an older view.

        :param str inverses: the one2many fields with the records that must be visible
        :raise psycopg2.errors.SerializationFailure: when a row was changed since this
            transaction began
        :raise ConcurrencyError: when others have added records to ``inverses`` that
            this transaction does not see; Odoo makes the call again in both cases
        """
        if not self:
            return
        self.flush_recordset()
        self.env.execute_query(
            SQL(
                "UPDATE %s SET write_date = write_date WHERE id IN (%s) RETURNING id",
                SQL.identifier(self._table),
                self._get_lock_query(SQL("FOR NO KEY UPDATE")),
            )
        )
        if inverses:
            self._verify_all_visible(inverses)

    def _lock_turn(self):
        """Wait for the turn of this transaction to work on these records, one after
        the other, and keep it until the transaction ends.

        These are advisory locks: no row is locked or written, so that who waited need
        not begin again.
        """
        if self:
            self.env.execute_query(
                SQL(
                    "SELECT pg_advisory_xact_lock('%s'::regclass::oid::integer, id)"
                    " FROM (SELECT id FROM unnest(%s) id ORDER BY id) record",
                    SQL.identifier(self._table),
                    self.ids,
                )
            )

    @api.model
    def _try_lock_model(self):
        """Return whether this transaction is the only one that works on this model, as
        far as others ask as well; it is until it ends. Waits for nobody."""
        query = SQL("SELECT pg_try_advisory_xact_lock(hashtext(%s))", self._table)
        return self.env.execute_query(query)[0][0]

    def _get_lock_query(self, strength):
        # In the order of their ids, so that nobody waits in a circle.
        return SQL(
            "SELECT id FROM %s WHERE id IN %s ORDER BY id %s",
            SQL.identifier(self._table),
            tuple(self.ids),
            strength,
        )

    @contextmanager
    def _look_afresh(self):
        """Give these records on a second cursor, which sees what was committed until
        now.

        While modules are installed or upgraded nobody else is at work, and it would
        wait for the very tables that this transaction is changing: then it gives the
        records themselves.
        """
        if not self.env.registry.ready:
            yield self
            return
        with self.env.registry.cursor() as fresh_cr:
            yield self.with_env(self.env(cr=fresh_cr))

    def _verify_all_visible(self, inverses):
        """:raise ConcurrencyError: when others have added records to ``inverses``
        that this transaction does not see"""
        with self._look_afresh() as fresh:
            # Archived and hidden records count as well.
            fresh = fresh.sudo().with_context(active_test=False)
            there = {inverse: fresh[inverse].ids for inverse in inverses}
        for inverse, ids in there.items():
            comodel = self.env[self._fields[inverse].comodel_name]
            if len(comodel.browse(ids).exists()) < len(ids):
                raise ConcurrencyError("Records were added in the meantime.")
