from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..common.access import AccessCase

MOVE = "account.move"
TEXT = "A word of somebody"


@tagged("post_install", "-at_install")
class TestAccountantSaysNothing(AccessCase):
    """Who reads a document as an accountant leaves no trace on it."""

    def _get_doors(self, record):
        """Return the ways to say something about ``record``, by name."""
        env, user = record.env, record.env.user
        about = {"model": record._name, "res_id": record.id}
        activity = {
            "res_model_id": env["ir.model"].sudo()._get_id(record._name),
            "res_id": record.id,
            "activity_type_id": env.ref("mail.mail_activity_data_todo").id,
            "user_id": user.id,
        }
        return {
            "post": lambda: record.message_post(body=TEXT),
            "note": lambda: env["mail.message"].create({**about, "body": TEXT}),
            "later": lambda: env["mail.scheduled.message"].create(
                {
                    **about,
                    "body": TEXT,
                    "author_id": user.partner_id.id,
                    "scheduled_date": "2099-01-01 00:00:00",
                }
            ),
            "schedule": lambda: record.activity_schedule(
                "mail.mail_activity_data_todo", user_id=user.id
            ),
            "activity": lambda: env["mail.activity"].create(activity),
            "follow": lambda: record.message_subscribe(user.partner_id.ids),
        }

    def _get_traces(self, record):
        record = record.sudo()
        scheduled = self.env["mail.scheduled.message"].sudo()
        about = [("model", "=", record._name), ("res_id", "=", record.id)]
        return (
            record.message_ids.ids,
            record.activity_ids.ids,
            record.message_partner_ids.ids,
            scheduled.search_count(about),
        )

    def _check_refused(self, record):
        """Check that the accountant is refused at each door of ``record``, which it
        reads, and leaves no trace."""
        before = self._get_traces(record)
        for name in self._get_doors(record):
            with (
                self.subTest(model=record._name, door=name),
                self._as("accountant") as env,
            ):
                mine = env[record._name].browse(record.id)
                mine.check_access("read")
                with self.assertRaises(AccessError):
                    self._get_doors(mine)[name]()
        self.assertEqual(self._get_traces(record), before)

    def test_an_accountant_says_nothing(self):
        own = self.own["acme"]
        for model in (MOVE, "sale.subscription"):
            self._check_refused(self.env[model].browse(own[model].id))
        self._check_refused(self.acme)

    def test_who_may_post_still_does(self):
        """The staff of the partner, about the same invoice."""
        for name in ("post", "note", "schedule", "activity", "follow"):
            with self.subTest(door=name), self._as("north") as env:
                record = env[MOVE].browse(self.own["acme"][MOVE].id)
                before = self._get_traces(record)
                self._get_doors(record)[name]()
                self.assertNotEqual(self._get_traces(record), before)
