from collections import defaultdict

from odoo import api, models
from odoo.exceptions import ConcurrencyError
from odoo.tools import SQL

from ...exceptions import LicenceRefusal

# What uses licences up.
USING = {"renewal", "raise"}


class SubscriptionLicenceAccount(models.Model):
    """The ledgers of stocks: entries are added here alone."""

    _inherit = "subscription.licence.account"

    @api.model
    def _post(self, vals_list):
        """Add entries to the ledger. Whoever changes a stock does it here.

        Who is billed later is given what is missing *on account*, by entries of their
        own; not what is taken back, which must be there.

        :param list vals_list: values of ``subscription.licence.move``; what comes
            into a stock goes before what leaves it
        :return: the entries
        :raise LicenceRefusal: a line for each stock that would fall below zero, or is
            not the user's to use; nothing is posted then
        """
        if not vals_list:
            return self.env["subscription.licence.move"]
        accounts = self.sudo().browse({vals["account_id"] for vals in vals_list})
        self._verify_may_use(vals_list)
        last = accounts._lock_ledgers()
        left = {account: balance for account, (_number, balance) in last.items()}
        entries = accounts._complete_on_account(vals_list, left)
        accounts._verify_covered(entries, left)
        return self.env["subscription.licence.move"]._insert_moves(
            accounts._number(entries, last)
        )

    def _lock_ledgers(self, *, seen=False):
        """Have these ledgers alone until the transaction ends.

        Who waits for another need not start over: no row is written that all have read,
        and what the other has added meanwhile, which this transaction cannot see, a
        fresh look can.

        :param bool seen: whether all entries must be visible to this transaction
        :return: ``{stock: (number, balance)}`` of the last entry of each, zeros where
            there is none
        :raise ConcurrencyError: when entries were added since this transaction began
            that had to be ``seen``; Odoo then makes the call again in a new one
        """
        if not self:
            return {}
        self.env.execute_query(
            SQL(
                "SELECT pg_advisory_xact_lock('%s'::regclass::oid::integer, id)"
                " FROM (SELECT id FROM unnest(%s) id ORDER BY id) stock",
                SQL.identifier(self._table),
                self.ids,
            )
        )
        last = fresh = self._get_last()
        # While modules are installed or upgraded nobody else is at work.
        if self.env.registry.ready:
            with self.env.registry.cursor() as fresh_cr:
                fresh = self.with_env(self.env(cr=fresh_cr))._get_last()
        if seen and any(fresh[stock_id] > last[stock_id] for stock_id in last):
            raise ConcurrencyError("Licences were moved in the meantime.")
        return {stock: max(last[stock.id], fresh[stock.id]) for stock in self}

    def _get_last(self):
        """Return ``{id: (number, balance)}`` of the last entry of these stocks, zeros
        where there is none."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT stock.id, COALESCE(last.number, 0), COALESCE(last.balance, 0)
                  FROM unnest(%s::integer[]) AS stock (id)
                  LEFT JOIN LATERAL (
                       SELECT number, balance
                         FROM subscription_licence_move
                        WHERE account_id = stock.id
                     ORDER BY number DESC
                        LIMIT 1) last ON TRUE
                """,
                self.ids,
                to_flush=self._get_ledger_fields(),
            )
        )
        return {stock_id: (number, balance) for stock_id, number, balance in rows}

    @api.model
    def _number(self, entries, last):
        """Return ``entries`` with their numbers and what each leaves.

        :param dict last: ``{stock: (number, balance)}`` of the entries before
        """
        last = dict(last)
        numbered = []
        for vals in entries:
            account = self.browse(vals["account_id"])
            number, balance = last[account]
            number, balance = number + 1, self._round(balance + vals["quantity"])
            last[account] = number, balance
            numbered.append({**vals, "number": number, "balance": balance})
        return numbered

    @api.model
    def _verify_may_use(self, vals_list):
        """:raise LicenceRefusal: when entries of ``vals_list`` would use up licences of
        a partner above the user's own"""
        used = self.browse(
            {vals["account_id"] for vals in vals_list if vals["kind"] in USING}
        )
        self._verify_reached(used.sudo().partner_id)

    def _complete_on_account(self, vals_list, left):
        """Return ``vals_list`` with, before each that takes more than is left from a
        partner who is billed later, an entry for what is missing.

        :param dict left: ``{stock: licences}``
        """
        left = {
            account: balance
            for account, balance in left.items()
            if account.billing == "on_account"
        }
        entries = []
        for vals in vals_list:
            account = self.browse(vals["account_id"])
            if account in left and vals["kind"] != "taken_back":
                left[account] = self._round(left[account] + vals["quantity"])
                if left[account] < 0:
                    missing = {"kind": "on_account", "quantity": -left[account]}
                    entries.append({**vals, **missing})
                    left[account] = 0
            entries.append(vals)
        return entries

    def _verify_covered(self, entries, left):
        """:raise LicenceRefusal: a line for each stock that ``entries``, values of
        moves, would bring from what is ``left`` below zero"""
        changes, taking = defaultdict(float), defaultdict(set)
        for vals in entries:
            account = self.browse(vals["account_id"])
            changes[account] += vals["quantity"]
            if vals["quantity"] < 0:
                taking[account].add(vals["kind"])
        lines = [
            account._get_taking_refusal(-change, left[account], taking[account])
            for account, change in changes.items()
            if self._compare(left[account] + change, 0) < 0
        ]
        if lines:
            raise LicenceRefusal("\n".join(lines))

    @api.model
    def _get_shortfalls(self, needs):
        """Claim stocks, serve ``needs`` in their order as far as they last, and say why
        the others cannot be served.

        :param dict needs: ``{whoever: {stock: licences}}``; all or nothing for each
        :return: ``{whoever: refusal}`` of those who get nothing
        """
        accounts = self.sudo().union(
            *(account for need in needs.values() for account in need)
        )
        last = accounts._lock_ledgers()
        return self._allocate(
            needs, {stock: balance for stock, (_number, balance) in last.items()}
        )

    @api.model
    def _allocate(self, needs, left):
        """Serve ``needs`` in their order as far as ``left`` lasts, and take them off.

        :param dict needs: ``{whoever: {stock: licences}}``; all or nothing for each
        :param dict left: ``{stock: licences}``
        :return: ``{whoever: refusal}`` of those who get nothing
        """
        refusals = {}
        for whoever, need in needs.items():
            short = [
                stock._get_refusal(licences, left[stock])
                for stock, licences in need.items()
                if stock._is_short(left[stock] - licences)
            ]
            if short:
                refusals[whoever] = "\n".join(short)
                continue
            for stock, licences in need.items():
                left[stock] = self._round(left[stock] - licences)
        return refusals

    # ------------------------------------------------------------------ merging

    def _merge_into(self, partner):
        """Hand these stocks, with their ledgers, to ``partner``, which the company
        that had them was merged into."""
        for account in self.sudo():
            key = partner, account.module_id, account.company_id
            both = account | self._open_stocks([key])[key]
            both._lock_ledgers(seen=True)
            both._merge_ledgers()
            account.move_ids._set({"account_id": (both - account).id})

    def _merge_ledgers(self):
        """Number the entries of these ledgers as one, in their order, with what each
        leaves of all."""
        moves = self.move_ids
        moves.flush_recordset()
        self.env.execute_query(
            SQL(
                """
                UPDATE subscription_licence_move move
                   SET number = merged.number, balance = merged.balance
                  FROM (SELECT id, row_number() OVER ordered AS number,
                               SUM(quantity) OVER ordered AS balance
                          FROM subscription_licence_move
                         WHERE account_id IN %s
                        WINDOW ordered AS (ORDER BY id)) merged
                 WHERE move.id = merged.id
             RETURNING move.id
                """,
                tuple(self.ids),
            )
        )
        moves.invalidate_recordset(["number", "balance"])
        moves.modified(["number", "balance"])
