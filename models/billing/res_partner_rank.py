import logging
from collections import Counter
from functools import partial

from psycopg2 import OperationalError

from odoo import models
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

RANKS = "partner_managed_subscription.customer_ranks"


class ResPartner(models.Model):
    """How often partners were invoiced, counted for a batch of invoices at once."""

    _inherit = "res.partner"

    def _increase_rank(self, field, n=1):
        """Count invoices of partners, after the commit as Odoo does.

        Of a batch that this addon posts, in one statement: Odoo writes partner by
        partner, and looks at the contacts of each, which takes as long as a fifth of
        the batch. The first invoice of a partner is counted by Odoo, at once.
        """
        if field != "customer_rank" or not self.env.context.get("posted_together"):
            return super()._increase_rank(field, n)
        # sudo: counted for whoever posts, as Odoo does.
        partners = self.sudo()
        ranked = partners.filtered("customer_rank")
        self._note_ranks(ranked, n)
        return super(ResPartner, partners - ranked)._increase_rank(field, n)

    def _note_ranks(self, partners, count):
        postcommit = self.env.cr.postcommit
        if RANKS not in postcommit.data:
            postcommit.data[RANKS] = Counter()
            registry = self.env.registry
            postcommit.add(partial(_add_ranks, registry, postcommit.data))
        postcommit.data[RANKS].update(dict.fromkeys(partners.ids, count))


def _add_ranks(registry, data):
    """Add what was counted, in a transaction of its own: whoever changes a partner
    meanwhile does not undo invoices."""
    counts = sorted(data.pop(RANKS, {}).items())
    if not counts:
        return
    try:
        with registry.cursor() as cr:
            # In the order of the ids, so that two batches do not wait for each other.
            cr.execute(
                SQL(
                    "SELECT id FROM res_partner WHERE id IN %s ORDER BY id"
                    " FOR NO KEY UPDATE",
                    tuple(partner_id for partner_id, _count in counts),
                )
            )
            cr.execute(
                SQL(
                    "UPDATE res_partner SET customer_rank = customer_rank + counted.n"
                    " FROM unnest(%s, %s) counted (id, n)"
                    " WHERE res_partner.id = counted.id",
                    *map(list, zip(*counts, strict=True)),
                )
            )
    except OperationalError:
        _logger.debug("Ranks of partners could not be counted.")
