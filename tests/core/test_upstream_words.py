"""What upstream says in English alone is said in the language of who reads it."""

from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from ..common.subscription import SubscriptionCase

REASON = "sale.subscription.close.reason"


@tagged("post_install", "-at_install")
class TestUpstreamWords(SubscriptionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("fr_FR")
        cls.french = cls.subscription.with_context(lang="fr_FR")

    def test_reasons_for_closing_are_french(self):
        reasons = self.env[REASON].search([]).with_context(lang="fr_FR")
        upstream = self.env["ir.model.data"].search(
            [("module", "=", "subscription_oca"), ("model", "=", REASON)]
        )
        self.assertGreaterEqual(len(upstream), 5)
        for reason in reasons.browse(upstream.mapped("res_id")):
            english = reason.with_context(lang="en_US")
            with self.subTest(reason=reason.name):
                self.assertEqual(english.display_name, reason.name)
                self.assertNotEqual(reason.display_name, reason.name)

    def test_a_reason_of_the_vendor_stays(self):
        reason = self.env[REASON].create({"name": "Moved abroad"})
        french = reason.with_context(lang="fr_FR")
        self.assertEqual(french.display_name, "Moved abroad")
        self.assertIn(reason.id, [id_ for id_, _name in french.name_search("abroad")])

    def test_reasons_are_found_as_they_are_shown(self):
        reason = self.env.ref("subscription_oca.close_reason_expensive")
        for lang, text in (("fr_FR", "trop cher"), ("en_US", "too EXPENSIVE")):
            model = reason.with_context(lang=lang).browse()
            with self.subTest(lang):
                found = [id_ for id_, _name in model.name_search(text)]
                self.assertEqual(found, reason.ids)

    def test_pauses_are_noted_in_the_language_of_the_user(self):
        self.french.action_pause(paused_until="2099-03-01")
        self.assertTrue(self.subscription.is_paused)
        [note] = self.subscription.message_ids[:1]
        self.assertIn("01/03/2099", note.body)
        self.assertNotIn("Paused", note.body)
        self.french.action_resume()
        self.assertFalse(self.subscription.is_paused)
        self.assertFalse(self.subscription.paused_until)
        self.assertNotIn("Resumed", self.subscription.message_ids[:1].body)

    def test_what_cannot_be_paused_or_resumed_is_refused(self):
        with self.assertRaisesRegex(UserError, "not paused"):
            self.subscription.action_resume()
        self.subscription.action_pause()
        with self.assertRaisesRegex(UserError, "paused already"):
            self.subscription.action_pause()
        self.subscription.action_resume(automatic=True)
        self.assertIn("by itself", self.subscription.message_ids[:1].body)
        self.subscription._close()
        with self.assertRaisesRegex(UserError, "closed"):
            self.subscription.action_pause()

    def test_a_pause_ends_after_today(self):
        """Whichever way its day is set, and whatever is sent for it."""
        today = self.subscription.company_id._get_today()
        for day in (today, today - timedelta(days=1), "2001-01-01", "soon", 7, [8]):
            with self.subTest(day=day), self.assertRaises(UserError):
                self.subscription.action_pause(paused_until=day)
        with self.assertRaises(ValidationError):
            self.subscription.write({"is_paused": True, "paused_until": today})
        dialog = self.env["sale.subscription.pause.wizard"].with_context(
            active_id=self.subscription.id
        )
        with self.assertRaises(ValidationError):
            dialog.create({"paused_until": today}).button_confirm()
        row = [str(self.subscription.id), "True", str(today)]
        imported = self.subscription.load([".id", "is_paused", "paused_until"], [row])
        self.assertTrue(imported["messages"])
        self.assertFalse(self.subscription.is_paused)
        self.subscription.action_pause(paused_until=str(today + timedelta(days=1)))
        self.assertTrue(self.subscription.is_paused)

    def test_the_job_says_that_it_resumed(self):
        company = self.subscription.company_id
        day = company._get_today() + timedelta(days=1)
        self.subscription.action_pause(paused_until=day)
        with patch.object(self.registry["res.company"], "_get_today", return_value=day):
            self.assertEqual(self.env["sale.subscription"]._resume_paused(), 1)
        self.assertFalse(self.subscription.is_paused)
        self.assertIn("by itself", self.subscription.message_ids[:1].body)

    def test_the_dialog_is_french(self):
        action = self.french.action_open_pause_wizard()
        self.assertNotEqual(action["name"], "Pause the subscription")
        dialog = self.env[action["res_model"]].with_context(lang="fr_FR")
        label = dialog.fields_get(["paused_until"])["paused_until"]["string"]
        self.assertEqual(label, "Reprise prévue le")
