from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..common.access import MUTED
from ..common.document import OFFER, RUN, DocumentCase, make_pool
from ..common.paper import PaperMixin, needs_renderer, read_pages
from ..common.subscription import SubscriptionCase, create_yearly_plan, renew

ON = "2026-11-20"


@needs_renderer
@tagged("post_install", "-at_install")
class TestOfferByPeriod(DocumentCase):
    """Plans whose periods are billed: a price for each period."""

    def _offer(self, *subscriptions, **vals):
        """Return the pages of the offers for ``subscriptions`` of the case."""
        records = self.env["sale.subscription"].concat(
            *(
                self.player.subscriptions[key].with_env(self.env)
                for key in subscriptions
            )
        )
        with freeze_time(f"{ON} 10:00:00"):
            wizard = self.env["subscription.renew"].create(
                {"subscription_ids": [Command.set(records.ids)], **vals}
            )
            action = wizard.action_print_offer()
        self.assertEqual(action["report_name"], OFFER)
        offers = wizard.browse(action["context"]["active_ids"])
        return self._print(OFFER, offers, on=ON)

    def test_offer(self):
        self._play({"pools": [make_pool(discount="15"), make_pool("Time", 2, 0)]})
        subscription = self.player.subscriptions["S1"]
        included = subscription.seat_pool_ids[1].with_env(self.env)
        included.is_billed = False
        (page,) = self._offer("S1", years=2)
        self._assert_on(
            page,
            "Biller SAS",
            "Client 1",
            "Renewal Offer",
            subscription.name,
            "12/31/2026",
            "01/01/2027 to 12/31/2028",
            "12/20/2026",
            "Price per month",
            "30.00",
            "255.00",
            "15",
            "Included",
            "Prices are without taxes",
            "Your contact",
            "North",
            "north@billing.test",
            "Page 1 of 1",
        )
        self.assertFalse(subscription.renewal_ids)

    def test_each_client_has_its_own(self):
        self._play({}, {"id": "S2", "client": "Client 2", "payer": "Client 2"})
        first, second = self._offer("S1", "S2")
        self.assertIn("Client 1", first)
        self.assertIn("Client 2", second)
        self.assertNotIn("Client 1", second)
        self.assertIn("Page 1 of 1", second)

    def test_language_and_validity(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self._play()
        self.player.clients["Client 1"].lang = "fr_FR"
        (page,) = self._offer("S1", offer_until="2026-12-02")
        self.assertIn("02/12/2026", page)

    def test_members(self):
        """What is counted has the price of a unit, and today's number."""
        unit = {"what": "Members", "price": "20.00", "tax": "20"}
        team = {"name": "Red", "created": "2025-12-01", "archived": None}
        member = {"name": "Ann", "from": "2025-12-02", "to": None, "teams": ["Red"]}
        self._play(
            {
                "pools": [make_pool()],
                "unit": unit,
                "teams": [team],
                "members": [member],
            },
            basis="members",
            events=[RUN],
        )
        (page,) = self._offer("S1")
        self._assert_on(page, "Active members", "20.00", "Included")


@needs_renderer
@tagged("post_install", "-at_install")
class TestOfferOfLicences(PaperMixin, SubscriptionCase):
    """Plans that licences pay for: licences, and their price by the list."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.yearly = create_yearly_plan(
            cls.env, "Yearly", {cls.base: 6, cls.expenses: 4}
        )
        cls.expenses.licence_product_id = cls.env["product.product"].create(
            {"name": "Expenses licence", "type": "service", "list_price": 60}
        )
        # The terms that run are paid, and nothing is left.
        partners = cls.north | cls.reef
        partners.licence_billing = "on_account"
        cls.term = cls._create_term(cls.acme)
        cls.other = cls._create_term(cls.coral)
        partners.licence_billing = "prepaid"
        cls.user = cls._create_user(
            "nora", "standard", cls.north, email="nora@north.test"
        )
        cls.reports = cls.env["ir.actions.report"].with_context(
            force_report_rendering=True
        )

    def _open(self, terms, user=None, **vals):
        wizards = self.env["subscription.renew"].with_user(user or self.user)
        return wizards.create({"subscription_ids": [Command.set(terms.ids)], **vals})

    def _print(self, wizard, user=None):
        self.env.flush_all()
        self.env.invalidate_all()
        action = wizard.action_print_offer()
        reports = self.reports.with_user(user or self.user)
        ids = action["context"]["active_ids"]
        return read_pages(reports._render_qweb_pdf(OFFER, ids)[0])

    def test_offer(self):
        """Printed before there are licences: an offer takes none."""
        wizard = self._open(self.term)
        self.assertTrue(wizard.refusal)
        (page,) = self._print(wizard)
        self._assert_on(
            page,
            "Acme",
            "Users",
            "Expenses",
            "Licences",
            "Price of a licence",
            "60.00",
            "240.00",
            "North",
            "nora@north.test",
            "Nothing has been renewed yet",
        )
        self.assertFalse(self.term.renewal_ids)

    def test_another_number(self):
        """As the wizard has it, for one and for many."""
        wizard = self._open(self.term, seat_choice="other")
        line = wizard.line_ids.filtered(lambda line: line.module_id == self.expenses)
        line.write({"seats_each": 7, "is_changed": True})
        self.assertIn("420.00", self._print(wizard)[0])
        wizard = self._open(self.term | self.other, seat_choice="other")
        line = wizard.line_ids.filtered(
            lambda line: (
                line.module_id == self.expenses and line.partner_id == self.reef
            )
        )
        line.write({"seats_each": 2, "is_changed": True})
        first, second = self._print(wizard)
        self.assertIn("240.00", first)
        self.assertIn("120.00", second)

    def test_left_out(self):
        """What cannot be renewed has no offer; why, is said where nothing can be."""
        self.env["subscription.licence.account"]._give(
            self.north, {self.expenses: 9}, self.env.company
        )
        renew(self.term)
        (page,) = self._print(self._open(self.term | self.other))
        self.assertIn("Coral", page)
        with self.assertRaisesRegex(UserError, "renewed already"):
            self._open(self.term).action_print_offer()

    @mute_logger(*MUTED)
    def test_foreign(self):
        """Nobody prints the offer of a wizard of somebody else, nor for a client of
        somebody else."""
        wizard = self._open(self.term)
        stranger = self._create_user("sven", "standard", self.south)
        with self.assertRaises(AccessError):
            self._print(wizard.with_user(stranger), stranger)
        with self.assertRaises(AccessError):
            self.reports.with_user(stranger)._render_qweb_pdf(OFFER, wizard.ids)
        with self.assertRaises(AccessError):
            self._open(self.term, stranger).action_print_offer()

    def test_form(self):
        """The button stands in the wizard, with the day until which the offer holds."""
        wizards = self.env["subscription.renew"].with_user(self.user)
        wizards = wizards.with_context(default_subscription_ids=self.term.ids)
        with freeze_time(f"{ON} 10:00:00"), Form(wizards) as form:
            self.assertEqual(str(form.offer_until), "2026-12-20")
