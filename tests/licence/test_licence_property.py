from hypothesis import strategies as st

from odoo import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import float_round

from ..common.licence import LicenceCase
from ..common.property import POSITION, PropertyMixin

QUANTITY = st.sampled_from([0, 0.01, 0.5, 1, 2.37, 3, 5, 8, 13])
LIMIT = st.integers(0, 9)
STEPS = st.one_of(
    st.tuples(st.just("give"), POSITION, QUANTITY, st.booleans()),
    st.tuples(st.just("give"), POSITION, QUANTITY, st.booleans()),
    st.tuples(st.just("take_back"), POSITION, QUANTITY, st.booleans()),
    st.tuples(st.just("sell"), POSITION, QUANTITY),
    st.tuples(st.just("change_order"), POSITION, QUANTITY),
    st.tuples(st.just("change_customer"), POSITION, POSITION),
    st.tuples(st.just("set_order_state"), POSITION, st.booleans()),
    st.tuples(st.just("start"), POSITION),
    st.tuples(st.just("close"), POSITION),
    st.tuples(st.just("set_limit"), POSITION, LIMIT),
    st.tuples(st.just("renew"), st.lists(POSITION, max_size=3), LIMIT, st.booleans()),
    st.tuples(st.just("cancel"), POSITION),
    st.tuples(st.just("set_billing"), POSITION, st.booleans()),
    st.tuples(st.just("move"), POSITION, POSITION),
    st.tuples(st.just("move_client"), POSITION, POSITION),
    st.tuples(st.just("merge"), POSITION, POSITION),
)


@freeze_time("2026-03-15")
@tagged("post_install", "-at_install")
class TestLicenceProperty(PropertyMixin, LicenceCase):
    """Whatever is done, in whatever order, no licence is lost or made of nothing.

    There are three levels of partners: North, its reseller Reef, and Cove below that;
    and South. A seat of a term takes one licence: each term lasts a year from
    today.
    """

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
        self._check_sequences(STEPS, sizes=(10, 22), count=50)

    def _begin(self):
        # What the vendor gave and took back itself.
        self.given = 20

    def _check_step(self, name, *arguments):
        before, given_before = self._get_ledger(), self.given
        if not self._is_done(name, *arguments):
            self.given = given_before
            self.assertEqual(self._get_ledger(), before, (name, arguments))
        self._check_adds_up()
        after = self._get_ledger()
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

    def _get_orders(self):
        return self.env["sale.order"].search([], order="id")

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
        line = {
            "product_id": self.expenses.licence_product_id.id,
            "product_uom_qty": quantity,
        }
        self.env["sale.order"].create(
            {
                "partner_id": self._pick(self._get_partners(), partner).id,
                "order_line": [Command.create(line)],
            }
        ).action_confirm()

    def _do_change_order(self, order, quantity):
        self._pick(self._get_orders(), order).order_line.product_uom_qty = quantity

    def _do_change_customer(self, order, partner):
        companies = self._get_partners() | self.acme
        order = self._pick(self._get_orders(), order)
        order.partner_id = self._pick(companies, partner)

    def _do_set_order_state(self, order, cancelled):
        order = self._pick(self._get_orders(), order)
        if cancelled:
            order._action_cancel()
        elif order.state == "cancel":
            order.action_draft()
            order.action_confirm()

    def _do_start(self, term):
        self._pick(self.terms, term).action_start_subscription()

    def _do_close(self, term):
        self._pick(self.terms, term).close_subscription()

    def _do_set_limit(self, pool, limit):
        self._pick(self._get_pools(), pool).seat_limit = limit

    def _do_renew(self, terms, limit, allow_partial):
        terms = self.terms.union(*(self._pick(self.terms, term) for term in terms))
        self.env["subscription.renewal"]._schedule(
            {
                term: term._prepare_term_request(
                    1 + limit % 2, "other", {self.expenses: limit}
                )
                for term in terms
            },
            allow_partial=allow_partial,
        )

    def _do_cancel(self, term):
        self._pick(self.terms, term).action_cancel_renewal()

    def _do_set_billing(self, partner, on_account):
        partner = self._pick(self._get_partners(), partner)
        partner.licence_billing = "on_account" if on_account else "prepaid"

    def _do_move(self, partner, manager):
        partners = self._get_partners()
        manager = self._pick(partners, manager)
        self._pick(partners, partner).managing_partner_id = manager

    def _do_move_client(self, client, manager):
        manager = self._pick(self._get_partners(), manager)
        self._pick(self.clients, client).managing_partner_id = manager

    def _do_merge(self, target, source):
        partners = self._get_partners()
        self._merge(self._pick(partners, target), self._pick(partners, source))
