from odoo.tests import Form, tagged

from ..common.tour import TourCase
from .test_removal import RemovalCase

OFFER = "subscription_offer_undo"


@tagged("post_install", "-at_install")
class TestRemovalOffer(RemovalCase):
    """Where something is removed on a screen, *Undo* is offered at once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.staff = cls._create_user("nora", "standard", cls.north)

    def _open_release(self, members):
        wizard = self.env["subscription.seat.release"].with_user(self.staff)
        wizard = wizard.with_context(
            default_client_id=self.acme.id,
            default_pool_ids=self.expenses_pool.ids,
            default_member_ids=members.ids,
        )
        return Form(wizard).save()

    def _get_offered(self, action):
        self.assertEqual(action["tag"], OFFER)
        return self.env["subscription.removal"].browse(action["params"]["removal_ids"])

    def test_each_screen_offers_it(self):
        """What is offered is what was removed, and pressing it gives that back."""
        ann = self.ann.with_user(self.staff)
        remove = self.env["subscription.member.remove"].with_user(self.staff)
        remove = remove.with_context(default_client_id=self.acme.id)
        for name, act, member in (
            ("wizard", lambda: self._open_release(self.ann).action_release(), self.ann),
            ("seats", lambda: ann._get_seats_in_use().action_release(), self.ann),
            ("archive", ann.action_archive, self.ann),
            ("inactive", lambda: Form(remove).save().action_remove(), self.dan),
        ):
            with self.subTest(name), self._undone():
                held = self._get_modules(member)
                # An older one of the same member, which can be undone as well.
                self._archive(member)
                member.active = True
                if self.expenses in held:
                    self._do_grant(self.expenses_pool, member)
                removal = self._get_offered(act())
                self.assertEqual(removal, self._get_last())
                self.assertEqual(removal._get_members(), member)
                self.assertFalse(self._get_modules(member) & self.expenses)
                action = removal.with_user(self.staff).action_undo()
                self.assertIn("Given back to", action["params"]["message"])
                self.assertEqual(self._get_modules(member), held)

    def test_several_clients_at_once(self):
        eve = self._create_member("Eve", client=self.coral)
        members = (self.ann | eve).with_user(self.staff)
        removals = self._get_offered(members.action_archive())
        self.assertEqual(removals.client_id, self.acme | self.coral)
        action = removals.with_user(self.staff).action_undo()
        self.assertEqual(action["params"]["message"].count("Given back"), 2)
        self.assertTrue(self.ann.active and eve.active)

    def test_nothing_removed(self):
        seats = self.ann._get_seats_in_use()
        seats._release("access")
        self.assertFalse(seats.with_user(self.staff).action_release())
        self.ann.active = False
        self.assertFalse(self.ann.with_user(self.staff).action_archive())


@tagged("post_install", "-at_install")
class TestRemovalOfferTour(RemovalCase, TourCase):
    """As the staff of the partner, in a real browser, in English and French."""

    def test_undo_at_once(self):
        staff = self._create_user("nora", "standard", self.north)
        self.env["res.lang"]._activate_lang("fr_FR")
        for lang in ("en_US", "fr_FR"):
            with self.subTest(lang), self._undone():
                staff.lang = lang
                self.env.flush_all()
                path = f"/odoo/subscription-members/{self.ann.id}"
                self.start_tour(path, "subscription_undo_at_once", login="nora")
                self.env.invalidate_all()
                self.assertTrue(self.ann.active)
                self.assertIn(self.expenses, self._get_modules(self.ann))
                undone = self.env["subscription.removal"].search(
                    [("undone_by_id", "=", staff.id)]
                )
                self.assertEqual(len(undone), 2)
