from odoo import models
from odoo.exceptions import ConcurrencyError
from odoo.tools import SQL


class SubscriptionLockingMixin(models.AbstractModel):
    """How parallel transactions keep from spoiling each other's assumptions.

    Who relies on a row *holds* it: many may at once. Who changes what the others rely
    on *claims* it. Rows are locked in this order: clients, pools, members, roles.
    """

    _name = "subscription.locking.mixin"
    _description = "Rows Held and Claimed"

    def _lock_shared(self):
        """Keep these rows as they are until the transaction ends, together with whoever
        else holds them.

        Waits for who has claimed them; PostgreSQL then refuses to go on with what this
        transaction saw before, and Odoo makes the call again.
        """
        if self:
            self.flush_recordset()
            self.env.execute_query(self._get_lock_query(SQL("FOR SHARE")))

    def _lock_exclusive(self, *inverses):
        """Have these rows alone until the transaction ends, and see all that refers to
        them.

        Waits for those who hold them. What they have added since this transaction began
        it cannot see, but a fresh look can. The rows are written, not only locked: this
        is what refuses those who wait to hold them with an older view.

        :param str inverses: the one2many fields with the records to see
        :raise ConcurrencyError: when there are some that this transaction cannot see;
            Odoo then makes the call again in a new one
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
        # While modules are installed or upgraded nobody else is at work, and a fresh
        # look would wait for the very tables that this transaction is changing.
        if inverses and self.env.registry.ready:
            self._verify_all_seen(inverses)

    def _get_lock_query(self, strength):
        return SQL(
            "SELECT id FROM %s WHERE id IN %s ORDER BY id %s",
            SQL.identifier(self._table),
            tuple(self.ids),
            strength,
        )

    def _verify_all_seen(self, inverses):
        """:raise ConcurrencyError: when others have added records to ``inverses``
        that this transaction does not see"""
        with self.env.registry.cursor() as fresh_cr:
            context = {"active_test": False}
            fresh = self.with_env(self.env(cr=fresh_cr, su=True, context=context))
            there = {inverse: fresh[inverse].ids for inverse in inverses}
        for inverse, ids in there.items():
            comodel = self.env[self._fields[inverse].comodel_name]
            if len(comodel.browse(ids).exists()) < len(ids):
                raise ConcurrencyError("Records were added in the meantime.")
