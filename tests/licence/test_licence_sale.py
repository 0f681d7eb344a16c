from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, new_test_user, tagged

from ...exceptions import LicenceRefusal
from ..common.licence import LicenceCase


@freeze_time("2026-03-15")
@tagged("post_install", "-at_install")
class TestLicenceSale(LicenceCase):
    """A confirmed order of a licence product fills the stock of the partner, and the
    stock follows the order."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        products = cls.env["product.product"]
        cls.licence = products.create(
            {"name": "Licence of Expenses", "type": "service", "list_price": 100}
        )
        cls.time_licence = products.create(
            {"name": "Licence of Time", "type": "service", "list_price": 50}
        )
        cls.other_product = products.create({"name": "Training", "type": "service"})
        cls.expenses.licence_product_id = cls.licence
        cls.time.licence_product_id = cls.time_licence
        cls.dozen = cls.env.ref("uom.product_uom_dozen")
        cls.seller = new_test_user(
            cls.env, "seller", "sales_team.group_sale_salesman_all_leads"
        )

    def _create_order(self, *quantities, partner=None, env=None, **vals):
        """Create a quotation of South, each line of Expenses."""
        lines = [
            Command.create({"product_id": self.licence.id, "product_uom_qty": quantity})
            for quantity in quantities
        ]
        partner = self.south if partner is None else partner
        orders = (env or self.env)["sale.order"]
        return orders.create({"partner_id": partner.id, "order_line": lines, **vals})

    def _sell(self, *quantities, **options):
        order = self._create_order(*quantities, **options)
        order.action_confirm()
        return order

    def _get_sold(self):
        """Return the quantities that orders posted to the stock of South, in order."""
        self.env.flush_all()
        moves = self.moves.search([("kind", "=", "sold")], order="id")
        return moves.mapped("quantity")

    # ------------------------------------------------------------------ confirmed

    def test_a_confirmed_order_fills_the_stock(self):
        order = self._create_order(7)
        self.assertFalse(self._get_account(self.south))
        order.action_quotation_sent()
        self.assertFalse(self._get_account(self.south))
        order.action_confirm()
        move = self._get_account(self.south).move_ids
        self.assertEqual(self._get_balance(self.south), 7)
        self.assertEqual(move.kind, "sold")
        self.assertEqual(move.sale_line_id, order.order_line)
        self.assertEqual(move.order_id, order)
        self.assertEqual(move.user_id, self.env.user)
        # Nothing is sold twice, whatever else is written.
        order.write({"state": "sale", "client_order_ref": "PO 7"})
        order.order_line.name = "Expenses, a year each"
        self.assertEqual(self._get_sold(), [7])

    def test_a_seller_without_our_groups_confirms(self):
        order = self._create_order(7, env=self.env(user=self.seller))
        order.action_confirm()
        self.env.flush_all()
        move = self._get_account(self.south).move_ids
        self.assertEqual(move.user_id, self.seller)
        # Nor does the ledger keep the seller from its own orders.
        order.order_line.product_uom_qty = 8
        self.assertTrue(order.read())
        self.assertTrue(order.order_line.read())
        self.assertNotIn("licence_move_ids", order.order_line.read()[0])
        self.assertTrue(order.copy())
        with Form(order) as form, form.order_line.edit(0) as line:
            line.product_uom_qty = 9
        self.assertEqual(self._get_balance(self.south), 9)
        order._action_cancel()
        self.assertEqual(self._get_balance(self.south), 0)

    def test_the_customer_confirms_in_the_portal(self):
        user = self._create_user("buyer", "base.group_portal", self.south)
        order = self._create_order(7)
        order.with_user(user).sudo().action_confirm()
        self.env.flush_all()
        self.assertEqual(self._get_balance(self.south), 7)
        self.assertEqual(self._get_account(self.south).move_ids.user_id, user)

    def test_an_order_of_a_contact_fills_the_stock_of_its_company(self):
        buyer = self._create_contact("Buyer", self.south)
        self._sell(7, partner=buyer)
        self.assertEqual(self._get_balance(self.south), 7)
        self.assertFalse(self._get_account(buyer))

    def test_only_partners_buy_licences(self):
        for client in (self.acme, self.dune):
            order = self._create_order(7, partner=client)
            before = self._get_ledger()
            with self.subTest(client=client.name):
                with self.assertRaises(UserError) as refusal:
                    order.action_confirm()
                self.assertIn(client.name, str(refusal.exception))
                self.assertIn("does not manage clients", str(refusal.exception))
                self.assertEqual(order.state, "draft")
                self.assertEqual(self._get_ledger(), before)

    def test_archived_companies_buy_none(self):
        """An order that was confirmed before can still be cancelled."""
        order = self._sell(7)
        self.env.cr.execute(
            "UPDATE res_partner SET active = FALSE WHERE id = %s", [self.south.id]
        )
        self.env.invalidate_all()
        for act in (
            lambda: self._sell(1),
            lambda: order.order_line.write({"product_uom_qty": 8}),
        ):
            with self.assertRaisesRegex(UserError, "archived"), self.cr.savepoint():
                act()
        order.order_line.write({"product_uom_qty": 6})
        order._action_cancel()
        self.assertEqual(self._get_sold(), [7, -1, -6])

    def test_a_reseller_may_buy_from_the_vendor(self):
        self._sell(3, partner=self.reef)
        self.assertEqual(self._get_balance(self.reef), 3)
        self.assertEqual(self._get_balance(self.north), 20)
        with self.assertRaises(LicenceRefusal):
            self._take_back(self.reef, 1)

    def test_lines_that_sell_no_licences(self):
        order = self._create_order()
        order.order_line = [
            Command.create({"display_type": "line_section", "name": "Licences"}),
            Command.create({"product_id": self.licence.id, "product_uom_qty": 2}),
            Command.create({"display_type": "line_note", "name": "A year each"}),
            Command.create({"product_id": self.other_product.id}),
            Command.create({"product_id": self.time_licence.id, "product_uom_qty": 4}),
        ]
        order.action_confirm()
        self.assertEqual(self._get_balance(self.south), 2)
        self.assertEqual(self._get_balance(self.south, self.time), 4)
        self.assertEqual(len(order.order_line.licence_move_ids), 2)

    def test_orders_of_other_products_concern_nobody(self):
        order = self._create_order(partner=self.acme)
        order.order_line = [Command.create({"product_id": self.other_product.id})]
        order.action_confirm()
        self.assertFalse(order.order_line.licence_move_ids)

    def test_two_lines_of_a_product_add_up(self):
        order = self._sell(2, 5)
        self.assertEqual(self._get_sold(), [2, 5])
        order.order_line[0].product_uom_qty = 1
        self.assertEqual(self._get_sold(), [2, 5, -1])
        self.assertEqual(self._get_balance(self.south), 6)

    def test_dozens_are_twelve(self):
        order = self._create_order(2)
        order.order_line.product_uom_id = self.dozen
        order.order_line.product_uom_qty = 2
        order.action_confirm()
        self.assertEqual(self._get_balance(self.south), 24)
        order.order_line.product_uom_id = self.licence.uom_id
        self.assertEqual(self._get_balance(self.south), 2)

    def test_parts_of_a_licence(self):
        self._sell(0.25)
        self.assertEqual(self._get_balance(self.south), 0.25)

    def test_a_line_of_nothing(self):
        self._sell(0)
        self.assertEqual(self._get_sold(), [])

    # ------------------------------------------------------------------ changed

    def test_the_stock_follows_the_quantity(self):
        line = self._sell(7).order_line
        for quantity, sold in [(10, 3), (4, -6), (4, None), (0, -4), (1, 1)]:
            before = self._get_sold()
            line.product_uom_qty = quantity
            with self.subTest(quantity=quantity):
                self.assertEqual(self._get_balance(self.south), quantity)
                changed = self._get_sold()[len(before) :]
                self.assertEqual(changed, [] if sold is None else [sold])
        self._check_adds_up()

    def test_what_is_used_cannot_be_taken_out_of_the_order(self):
        order = self._sell(7)
        self._create_subscription(self.bolt, self.yearly, date_start="2026-03-15")
        self.assertEqual(self._get_balance(self.south), 2)
        before = self._get_ledger()
        for change in (
            lambda: order.order_line.write({"product_uom_qty": 4}),
            lambda: order.write(
                {
                    "order_line": [
                        Command.update(order.order_line.id, {"product_uom_qty": 4})
                    ]
                }
            ),
            lambda: order.order_line.write({"product_id": self.time_licence.id}),
            lambda: order.order_line.write({"product_id": self.other_product.id}),
            lambda: order._action_cancel(),
            lambda: order.write({"state": "cancel"}),
            lambda: order.write({"state": "draft"}),
        ):
            with self.assertRaises(LicenceRefusal) as refusal:
                change()
            self.assertIn("South", str(refusal.exception))
            self.assertIn("Left in stock: 2", str(refusal.exception))
            self.assertEqual(self._get_ledger(), before)
            self.assertEqual(order.state, "sale")
            self.assertEqual(order.order_line.product_uom_qty, 7)
            self.assertEqual(order.order_line.product_id, self.licence)
        order.order_line.product_uom_qty = 5
        self.assertEqual(self._get_balance(self.south), 0)

    def test_what_one_line_brings_covers_what_another_takes_out(self):
        """In whichever order the lines come."""
        lines = self._sell(6, 1).order_line
        self._create_subscription(self.bolt, self.yearly, date_start="2026-03-15")
        self.assertEqual(self._get_balance(self.south), 2)
        lines.write({"product_uom_qty": 3})
        self.assertEqual(self._get_sold(), [6, 1, 2, -3])
        self.assertEqual(self._get_balance(self.south), 1)

    def test_one_of_several_orders_that_cannot_be_cancelled_stops_all(self):
        orders = self._sell(3) | self._sell(4)
        self._create_subscription(self.bolt, self.yearly, date_start="2026-03-15")
        before = self._get_ledger()
        with self.assertRaises(LicenceRefusal):
            orders._action_cancel()
        self.assertEqual(set(orders.mapped("state")), {"sale"})
        self.assertEqual(self._get_ledger(), before)

    def test_an_order_is_cancelled_and_confirmed_again(self):
        order = self._sell(7)
        for expected in ([7, -7], [7, -7, 7, -7]):
            order._action_cancel()
            self.assertEqual(self._get_balance(self.south), 0)
            self.assertEqual(self._get_sold(), expected)
            order.action_draft()
            self.assertEqual(self._get_balance(self.south), 0)
            order.action_confirm()
            self.assertEqual(self._get_balance(self.south), 7)
        self._check_adds_up()

    def test_what_was_sold_to_somebody_billed_later_is_cancelled_on_account(self):
        order = self._sell(7)
        self._create_subscription(self.bolt, self.yearly, date_start="2026-03-15")
        self.south.licence_billing = "on_account"
        since = self.moves.search([])
        order._action_cancel()
        self.assertEqual(
            self._get_entries(since),
            [("on_account", "South", 5), ("sold", "South", -7)],
        )
        self.assertEqual(self._get_balance(self.south), 0)

    def test_what_was_taken_back_on_account_was_not_sold(self):
        """Whatever is written later, the order has sold what its line says."""
        order = self._sell(8)
        self._create_subscription(self.bolt, self.yearly, date_start="2026-03-15")
        self.south.licence_billing = "on_account"
        order.order_line.product_uom_qty = 1
        since = self.moves.search([])
        order.order_line.write({"product_uom_qty": 1})
        self.assertEqual(self._get_entries(since), [])
        order.partner_id = self.reef
        self.assertEqual(
            self._get_entries(since),
            [("sold", "Reef", 1), ("on_account", "South", 1), ("sold", "South", -1)],
        )
        self.assertEqual(order.licences_sold, 1)

    def test_a_line_is_added_to_a_confirmed_order(self):
        order = self._sell(7)
        order.order_line = [
            Command.create({"product_id": self.time_licence.id, "product_uom_qty": 3})
        ]
        self.env["sale.order.line"].create(
            {
                "order_id": order.id,
                "product_id": self.licence.id,
                "product_uom_qty": 1,
            }
        )
        self.assertEqual(self._get_balance(self.south), 8)
        self.assertEqual(self._get_balance(self.south, self.time), 3)

    def test_another_product_moves_to_another_stock(self):
        line = self._sell(7).order_line
        line.product_id = self.time_licence
        self.assertEqual(self._get_balance(self.south), 0)
        self.assertEqual(self._get_balance(self.south, self.time), line.product_uom_qty)
        line.product_id = self.other_product
        self.assertEqual(self._get_balance(self.south, self.time), 0)

    def test_another_customer_gets_the_licences(self):
        order = self._sell(7)
        order.partner_id = self.reef
        self.assertEqual(self._get_balance(self.south), 0)
        self.assertEqual(self._get_balance(self.reef), 7)
        with self.assertRaises(UserError):
            order.partner_id = self.acme
        self._check_adds_up()

    def test_lines_in_the_ledger_are_not_deleted(self):
        order = self._sell(7)
        for state in ("sale", "cancel", "draft"):
            if state == "cancel":
                order._action_cancel()
            elif state == "draft":
                order.action_draft()
            for label, delete in (
                ("line", order.order_line.unlink),
                ("order", order.unlink),
                ("command", lambda: order.write({"order_line": [Command.clear()]})),
            ):
                with self.subTest(state=state, what=label):
                    before = self._get_ledger()
                    with self.assertRaises(UserError) as refusal:
                        delete()
                    if state != "sale":
                        self.assertIn("ledger", str(refusal.exception))
                    self.assertEqual(self._get_ledger(), before)
        quotation = self._create_order(3)
        quotation.order_line.unlink()
        quotation.unlink()

    def test_a_copied_order_sells_nothing_yet(self):
        order = self._sell(7).copy()
        self.assertFalse(order.order_line.licence_move_ids)
        self.assertEqual(self._get_balance(self.south), 7)
        order.action_confirm()
        self.assertEqual(self._get_balance(self.south), 14)

    def test_a_refund_line_takes_licences_back(self):
        self._sell(7)
        self._sell(-3)
        self.assertEqual(self._get_balance(self.south), 4)
        with self.assertRaises(LicenceRefusal):
            self._sell(-5)

    def test_a_product_of_an_archived_module_still_sells(self):
        self.expenses.active = False
        order = self._sell(7)
        self.assertEqual(self._get_balance(self.south), 7)
        order.order_line.product_uom_qty = 5
        self.assertEqual(self._get_balance(self.south), 5)

    # ------------------------------------------------------------------ button

    def test_the_order_opens_its_entries(self):
        other = self._sell(2)
        order = self._create_order(7, 3)
        boss = self._create_user("vera", "admin", self.vendor)
        boss.group_ids |= self.env.ref("sales_team.group_sale_salesman_all_leads")
        self.assertFalse(order.with_user(boss).has_licence_moves)
        order.action_confirm()
        order.order_line[0].product_uom_qty = 4.5
        sold = order.with_user(boss)
        self.assertTrue(sold.has_licence_moves)
        self.assertEqual(sold.licences_sold, 7.5)
        entries = self.moves.with_user(boss).search(
            sold.action_view_licences()["domain"]
        )
        self.assertEqual(sorted(entries.mapped("quantity")), [-2.5, 3, 7])
        self.assertEqual(other.with_user(boss).licences_sold, 2)
        order._action_cancel()
        self.assertTrue(sold.has_licence_moves)
        self.assertEqual(sold.licences_sold, 0)

    def test_the_button_is_for_who_reads_the_ledger(self):
        order = self._sell(7)
        boss = self._create_user("vera", "admin", self.vendor)
        boss.group_ids |= self.env.ref("sales_team.group_sale_salesman_all_leads")
        for user, is_shown in ((boss, True), (self.seller, False)):
            with self.subTest(user=user.login):
                arch = (
                    self.env["sale.order"]
                    .with_user(user)
                    .get_view(self.env.ref("sale.view_order_form").id, "form")["arch"]
                )
                self.assertEqual("action_view_licences" in arch, is_shown)
                self.assertEqual("licences_sold" in arch, is_shown)
                Form(order.with_user(user))

    def test_the_staff_of_a_partner_reads_what_its_own_company_bought(self):
        order = self._sell(7)
        sven = self._create_user("sven", "standard", self.south)
        nora = self._create_user("nora", "standard", self.north)
        self.assertEqual(order.with_user(sven).licences_sold, 7)
        with self.assertRaises(AccessError):
            order.with_user(nora).read(["licences_sold"])

    # ------------------------------------------------------------------ other doors

    def test_an_imported_order_sells(self):
        names = [
            "partner_id/.id",
            "state",
            "order_line/product_id/.id",
            "order_line/product_uom_qty",
        ]
        row = [str(self.south.id), "Sales Order", str(self.licence.id), "7"]
        result = self.env["sale.order"].load(names, [row])
        self.assertFalse(result["messages"])
        self.assertEqual(self._get_balance(self.south), 7)
        row[0] = str(self.acme.id)
        result = self.env["sale.order"].load(names, [row])
        self.assertIn("does not manage clients", str(result["messages"]))

    def test_a_quantity_is_imported(self):
        line = self._sell(7).order_line
        result = self.env["sale.order.line"].load(
            [".id", "product_uom_qty"], [[str(line.id), "4"]]
        )
        self.assertFalse(result["messages"])
        self.assertEqual(self._get_balance(self.south), 4)

    def test_the_state_of_a_line_alone_sells_nothing(self):
        line = self._create_order(7).order_line
        line.state = "sale"
        line.product_uom_qty = 8
        self.assertEqual(self._get_sold(), [])

    def test_entries_are_not_forged_through_lines(self):
        order = self._sell(7)
        line = order.order_line
        given = self._get_account(self.north).move_ids
        values = {
            "account_id": self._get_account(self.south).id,
            "kind": "sold",
            "quantity": 99,
        }
        before = self._get_ledger()
        for command in (
            Command.create(values),
            Command.update(line.licence_move_ids.id, {"quantity": 99}),
            Command.delete(line.licence_move_ids.id),
            Command.unlink(line.licence_move_ids.id),
            Command.link(given.id),
            Command.clear(),
            Command.set(given.ids),
        ):
            with self.subTest(command=command), self.assertRaises(UserError):
                line.write({"licence_move_ids": [command]})
            self.assertEqual(self._get_ledger(), before)
            self.assertFalse(given.sale_line_id)

    def test_an_order_of_another_company_fills_its_stock(self):
        other = self.env["res.company"].create({"name": "Second Vendor"})
        self.env.user.company_ids |= other
        self._sell(7)
        order = self._create_order(
            4,
            env=self.env(context={"allowed_company_ids": [other.id]}),
            company_id=other.id,
        )
        order.action_confirm()
        self.assertEqual(self._get_balance(self.south), 7)
        self.assertEqual(self._get_balance(self.south, company=other), 4)

    def test_a_merged_partner_keeps_its_orders(self):
        order = self._sell(7)
        self._merge(self.north, self.south)
        self.assertEqual(self._get_balance(self.north), 27)
        order.order_line.product_uom_qty = 6
        self.assertEqual(self._get_balance(self.north), 26)
        order._action_cancel()
        self.assertEqual(self._get_balance(self.north), 20)
        self._check_adds_up()

    def test_the_product_of_sold_licences_stays(self):
        self.expenses.licence_product_id = self.other_product
        self.expenses.licence_product_id = self.licence
        order = self._sell(7)
        for product in (self.other_product, self.licence.browse()):
            with self.assertRaises(UserError) as refusal:
                self.expenses.licence_product_id = product
            self.assertIn("Licence of Expenses", str(refusal.exception))
        self.expenses.write({"licence_product_id": self.licence.id, "sequence": 3})
        self.licence.name = "Expenses, a user for a year"
        order.order_line.product_uom_qty = 8
        self.assertEqual(self._get_sold(), [7, 1])
