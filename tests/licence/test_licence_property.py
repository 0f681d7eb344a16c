from odoo import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import float_round

from ..common.licence import LicenceCase
from ..common.property import PropertyMixin, boolean, one_of, position
from ..common.subscription import get_request

quantity = one_of(0, 0.01, 0.5, 1, 2.37, 3, 5, 8, 13)
limit = one_of(*range(10))


@freeze_time("2026-03-15")
@tagged("post_install", "-at_install")
class TestLicenceProperty(PropertyMixin, LicenceCase):
    """Whatever is done, in whatever order, no licence is lost or made of nothing.

    There are three levels of partners: North, its reseller Reef, and Cove below that;
    and South. A seat of a term takes one licence: each term lasts a year from today.
    """

    STEPS = {
        "give": (3, position, quantity, boolean),
        "take_back": (2, position, quantity, boolean),
        "sell": (3, position, quantity),
        "change_order": (3, one_of(0, 0, 1), one_of(0, 0.01, 1, 5)),
        "change_customer": (3, position, position),
        "set_order_state": (4, one_of(0, 0, 1), boolean),
        "start": (2, position),
        "close": (2, position),
        "set_limit": (3, position, limit),
        "renew": (4, position, position, limit, boolean),
        "cancel": (2, position),
        "set_billing": (1, position, boolean),
        "move": (2, position, position),
        "move_client": (1, position, position),
        "merge": (1, position, position),
    }
    NEVER_REFUSED = ("move_client", "set_billing")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cove = cls._create_partner("Cove", managing_partner_id=cls.reef.id)
        cls.clam = cls._create_client("Clam", cls.cove)
        cls.partners = cls.north | cls.south | cls.reef | cls.cove
        cls.clients = cls.acme | cls.bolt | cls.coral | cls.clam
        cls.terms = cls.env["sale.subscription"].union(
            *(
                cls._create_subscription(
                    client, cls.yearly, running=False, date_start="2026-03-15"
                )
                for client in cls.clients
            )
        )
        cls.expenses.licence_product_id = cls.env["product.product"].create(
            {"name": "Licence", "type": "service"}
        )

    def test_licences_add_up_whatever_is_done(self):
        self._check_fixed_sequences()

    def test_licences_add_up_in_new_sequences(self):
        self._check_new_sequences()

    def _begin(self):
        # What the vendor gave and took back itself.
        self.given = 20
        # South has bought eight; of the terms, half run, and take five each.
        self._sell(self.south, 8)
        self.terms[:2].action_start_subscription()
        self.before = self._get_ledger()

    def _check_step(self, name, *arguments):
        before, given_before = self.before, self.given
        if not self._is_done(name, *arguments):
            self.given = given_before
            self.assertEqual(self._get_ledger(), before, (name, arguments))
        self._check_adds_up()
        after = self.before = self._get_ledger()
        self.assertEqual(before[0], after[0][: len(before[0])], "an entry is gone")
        self._check_conserved()

    def _check_conserved(self):
        """Check that what is in stock, all together, is what came from the vendor less
        what terms took."""
        balances = self.accounts.search([]).mapped("balance")
        expected = self.given + self._get_sold() + self._get_on_account()
        expected -= self._get_paid() + self._get_renewed()
        self.assertAlmostEqual(sum(balances), expected, places=2)
        moved = self.moves.search(
            [("counterpart_id", "!=", False), ("kind", "!=", "on_account")]
        )
        self.assertAlmostEqual(sum(moved.mapped("quantity")), 0, places=2)

    def _get_sold(self):
        orders = self.env["sale.order"].search([("state", "=", "sale")])
        return sum(orders.order_line.mapped("product_uom_qty"))

    def _get_on_account(self):
        moves = self.moves.search([("kind", "=", "on_account")])
        return sum(moves.mapped("quantity"))

    def _get_paid(self):
        return sum(self._get_pools().mapped("licensed_seats"))

    def _get_renewed(self):
        renewals = self.env["subscription.renewal"].search(
            [("state", "=", "scheduled")]
        )
        return sum(renewals.mapped("licences"))

    # ------------------------------------------------------------------ what is there

    def _get_pools(self):
        pools = self.terms.seat_pool_ids.sorted("id")
        return pools.filtered(lambda pool: pool.module_id == self.expenses)

    def _get_partners(self):
        return self.partners.exists()

    def _get_customers(self):
        """Return the partners, and a client: none who buys licences."""
        return self._get_partners() | self.acme

    def _get_orders(self):
        return self.env["sale.order"].search([], order="id")

    def _get_confirmed(self):
        """Return the confirmed orders: first those of who has least left."""
        orders = self._get_orders().filtered(lambda order: order.state == "sale")
        return orders.sorted(lambda order: self._get_balance(order.partner_id))

    def _pick(self, records, position):
        """Return the record at ``position``, counted round and round."""
        return records[position % len(records)] if records else records

    # ------------------------------------------------------------------ what is done

    def _do_give(self, partner, quantity, from_vendor):
        partner = self._pick(self._get_partners(), partner)
        moves = self._give(partner, quantity, from_vendor=from_vendor)
        if len(moves) == 1:
            self.given += float_round(quantity, precision_digits=2)

    def _do_take_back(self, partner, quantity, to_vendor):
        partner = self._pick(self._get_partners(), partner)
        moves = self._take_back(partner, quantity, to_vendor=to_vendor)
        if len(moves) == 1:
            self.given -= float_round(quantity, precision_digits=2)

    def _do_sell(self, partner, quantity):
        self._sell(self._pick(self._get_customers(), partner), quantity)

    def _sell(self, customer, quantity):
        line = {
            "product_id": self.expenses.licence_product_id.id,
            "product_uom_qty": quantity,
        }
        self.env["sale.order"].create(
            {
                "partner_id": customer.id,
                "order_line": [Command.create(line)],
            }
        ).action_confirm()

    def _do_change_order(self, order, quantity):
        lines = self._pick(self._get_confirmed(), order).order_line
        return self._write(lines, "product_uom_qty", quantity)

    def _do_change_customer(self, order, partner):
        order = self._pick(self._get_orders(), order)
        customer = self._pick(self._get_customers(), partner)
        return self._write(order, "partner_id", customer)

    def _do_set_order_state(self, order, cancelled):
        confirmed = self._get_confirmed()
        orders = confirmed if cancelled else self._get_orders() - confirmed
        order = self._pick(orders, order)
        if order and cancelled:
            order._action_cancel()
        elif order:
            order.action_draft()
            order.action_confirm()
        return bool(order)

    def _do_start(self, term):
        waiting = self.terms.filtered(lambda term: not term.in_progress)
        return waiting and self._pick(waiting, term).action_start_subscription()

    def _do_close(self, term):
        running = self.terms.filtered("in_progress")
        return running and self._pick(running, term).close_subscription()

    def _do_set_limit(self, pool, limit):
        return self._write(self._pick(self._get_pools(), pool), "seat_limit", limit)

    def _do_renew(self, term, other, limit, allow_partial):
        terms = self._pick_term(False, term) | self._pick_term(False, other)
        renewals, _refusals = self.env["subscription.renewal"]._schedule(
            {
                term: get_request(
                    term, 1 + limit % 2, "other", numbers={self.expenses: limit}
                )
                for term in terms
            },
            allow_partial=allow_partial,
        )
        return bool(renewals)

    def _do_cancel(self, term):
        self._pick_term(True, term).action_cancel_renewal()

    def _pick_term(self, is_renewed, position):
        """Return a running term that is renewed or not, or any if there is none."""
        terms = self.terms.filtered(
            lambda term: term.in_progress and bool(term.renewal_id) == is_renewed
        )
        return self._pick(terms or self.terms, position)

    def _do_set_billing(self, partner, on_account):
        partner = self._pick(self._get_partners(), partner)
        billing = "on_account" if on_account else "prepaid"
        return self._write(partner, "licence_billing", billing)

    def _do_move(self, partner, manager):
        partners = self._get_partners()
        return self._move(self._pick(partners, partner), manager)

    def _do_move_client(self, client, manager):
        return self._move(self._pick(self.clients, client), manager)

    def _move(self, company, manager):
        manager = self._pick(self._get_partners(), manager)
        return self._write(company, "managing_partner_id", manager)

    def _write(self, record, name, value):
        """Write ``value`` unless there is nothing that has another one."""
        if not record or record[name] == value:
            return False
        record[name] = value
        return True

    def _do_merge(self, target, source):
        partners = self._get_partners()
        target, source = self._pick(partners, target), self._pick(partners, source)
        if target == source:
            return False
        self._merge(target, source)
        return True
