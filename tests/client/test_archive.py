from odoo import Command
from odoo.exceptions import RedirectWarning
from odoo.tests import Form, tagged

from ..common.subscription import SubscriptionCase


@tagged("post_install", "-at_install")
class TestArchive(SubscriptionCase):
    """A company that is needed stays, and the refusal leads on."""

    def _archive(self, partner, user=None):
        """Archive ``partner`` as a list does, and return what refuses it."""
        partner = partner.with_user(user) if user else partner
        try:
            with self.cr.savepoint():
                partner.action_archive()
        except RedirectWarning as warning:
            return warning.args
        return ()

    def test_a_partner_with_clients(self):
        message, action, label = self._archive(self.south)[:3]
        self.assertIn("South manages Bolt", message)
        self.assertEqual(label, "Move them to another partner")
        self.assertEqual(action["res_model"], "subscription.client.move")
        wizard = Form(self.env[action["res_model"]].with_context(**action["context"]))
        self.assertEqual(wizard.partner_id, self.south)
        self.assertEqual(wizard.client_ids[:], self.bolt)
        wizard.new_partner_id = self.north
        wizard.save().action_move()
        self.assertEqual(self.bolt.managing_partner_id, self.north)
        self.assertFalse(self._archive(self.south))
        self.assertFalse(self.south.active)

    def test_by_every_door(self):
        doors = {
            "write": lambda: self.south.write({"active": False}),
            "web_save": lambda: self.south.web_save({"active": False}, {}),
            "import": lambda: self.env["res.partner"].load(
                [".id", "active"], [[str(self.south.id), "0"]]
            ),
        }
        for door, call in doors.items():
            with self.subTest(door=door), self.cr.savepoint() as savepoint:
                try:
                    call()
                except RedirectWarning as warning:
                    self.assertIn("Bolt", warning.args[0])
                savepoint.rollback()
                self.env.invalidate_all()
                self.assertTrue(self.south.active)

    def test_archived_clients_keep_nobody(self):
        self.bolt.active = False
        self.assertFalse(self._archive(self.south))
        self.assertFalse(self._archive(self.south), "again")

    def test_a_client_whose_term_runs(self):
        message, action, _label = self._archive(self.acme)[:3]
        self.assertIn("the term of", message)
        self.assertEqual(action["res_model"], "sale.subscription")
        found = self.env["sale.subscription"].search(action["domain"])
        self.assertEqual(found, self.subscription)
        self.subscription.close_subscription()
        self.assertFalse(self._archive(self.acme))

    def test_a_client_that_has_not_started(self):
        self._create_subscription(self.bolt, self.plan, running=False)
        self.assertFalse(self._archive(self.bolt))

    def test_staff_moves_clients_of_its_own(self):
        """Partner's staff moves clients to its reseller, and nobody else's."""
        staff = self._create_user("sam", "standard", self.north)
        moves = self.env["subscription.client.move"].with_user(staff)
        values = {"partner_id": self.north.id, "new_partner_id": self.reef.id}
        moves.create(
            {**values, "client_ids": [Command.set(self.acme.ids)]}
        ).action_move()
        self.assertEqual(self.acme.managing_partner_id, self.reef)

    def test_nothing_to_move(self):
        wizard = self.env["subscription.client.move"].create(
            {
                "partner_id": self.north.id,
                "new_partner_id": self.south.id,
                "client_ids": [Command.clear()],
            }
        )
        with self.assertRaisesRegex(Exception, "Choose the companies"):
            wizard.action_move()
