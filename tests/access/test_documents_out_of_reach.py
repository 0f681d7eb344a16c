from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common.access import MUTED, SUBSCRIPTION, AccessHttpCase
from ..common.doors import TEXT

FOLLOWER = "mail.followers"
# Odoo asks for the document of these itself, see EXEMPT_ROWS.
OWN_RULES = {"ir.attachment", "res.users.settings.embedded.action"}


@tagged("post_install", "-at_install")
class TestDocumentsOutOfReach(AccessHttpCase):
    """What refers to a document by an id and a model is hidden with the document, also
    from who wrote it, got it or follows it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.known = {
            role: cls._create_rows(cls.roles[role], "acme")
            for role in ("north", "intern")
        }
        cls.known["accountant"] = cls._create_rows(cls.roles["accountant"], "acme")
        cls.rows = {
            "north": cls._create_rows(cls.roles["north"], "bolt"),
            "accountant": cls._create_rows(cls.roles["accountant"], "coral"),
            "intern": cls._create_rows(cls.roles["intern"], "bolt"),
        }
        cls.env.flush_all()

    @classmethod
    def _create_rows(cls, user, client):
        """Return rows about a subscription of ``client``, all of ``user`` itself."""
        env = cls.env(context={"tracking_disable": True})
        document = cls.own[client][SUBSCRIPTION].with_env(env)
        partner = user.partner_id
        pair = {"res_id": document.id, "res_model": SUBSCRIPTION}
        message = document.message_post(body=TEXT, author_id=partner.id)
        template = env["product.template"].create({"name": "Paper"})
        return {
            FOLLOWER: env[FOLLOWER].create({**pair, "partner_id": partner.id}),
            "mail.message": message,
            "mail.activity": document.activity_schedule(
                summary="Call", user_id=user.id, activity_type_id=cls._get_todo().id
            ),
            "mail.scheduled.message": env["mail.scheduled.message"].create(
                {
                    "model": SUBSCRIPTION,
                    "res_id": document.id,
                    "author_id": partner.id,
                    "body": "Later",
                    "scheduled_date": "2099-12-31",
                }
            ),
            "snailmail.letter": env["snailmail.letter"].create(
                {
                    "model": SUBSCRIPTION,
                    "res_id": document.id,
                    "partner_id": cls.clients["acme"].id,
                    "company_id": env.company.id,
                }
            )
            if "snailmail.letter" in env
            else template.browse(),
        }

    @classmethod
    def _get_todo(cls):
        return cls.env.ref("mail.mail_activity_data_todo")

    def _get_models(self, env):
        """Return the models of which ``env`` may read rows that refer to documents."""
        return {
            model
            for model in env.registry
            if not env[model]._abstract
            and not env[model]._transient
            and env[model]._get_reference_pairs()
            and env[model].has_access("read")
        } - OWN_RULES

    def test_every_model_has_rows_here(self):
        """A new model that refers to documents is tried as well, or is in a document's
        own hands, like the files of a product."""
        with self._as("north") as env:
            models = self._get_models(env)
        files = {"product.document", "quotation.document"}
        self.assertEqual(models - files - set(self.rows["north"]), set())

    @mute_logger(*MUTED)
    def test_hidden_with_the_document(self):
        for role in ("north", "accountant"):
            for model, row in self.rows[role].items():
                with self.subTest(role, model=model), self._as(role) as env:
                    if not env[model].has_access("read"):
                        continue
                    self.env.invalidate_all()
                    self._check_hidden(env[model], row)

    def _check_hidden(self, records, row):
        domain = [("id", "in", row.ids)]
        self.assertFalse(records.search(domain))
        self.assertFalse(records.search_count(domain))
        self.assertFalse(records.search_read(domain, ["display_name"]))
        self.assertFalse(records.formatted_read_group(domain, ["id"]))
        with self.assertRaises(AccessError):
            records.browse(row.ids).read(["display_name"])
        with self.assertRaises(AccessError):
            records.browse(row.ids).export_data(["id"])

    def test_shown_with_the_document(self):
        for role in ("north", "accountant"):
            for model in (FOLLOWER, "mail.message", "mail.activity"):
                with self.subTest(role, model=model), self._as(role) as env:
                    row = self.known[role][model]
                    self.assertEqual(
                        env[model].search([("id", "=", row.id)]).id, row.id
                    )
                    self.assertTrue(env[model].browse(row.id).read(["display_name"]))

    def test_others_see_what_they_saw(self):
        """An intern may not read subscriptions, and is in Odoo's hands."""
        with self._as("intern") as env:
            for model in (FOLLOWER, "mail.message", "mail.activity"):
                row = self.rows["intern"][model]
                self.assertEqual(env[model].search([("id", "=", row.id)]).id, row.id)

    @mute_logger(*MUTED)
    def test_over_rpc(self):
        for model, row in self.rows["north"].items():
            with self.subTest(model=model):
                domain = [["id", "in", row.ids]]
                answer = self._call_json(
                    "north",
                    model,
                    "search_read",
                    domain=domain,
                    fields=["display_name"],
                )
                self.assertEqual(answer.json() if answer.ok else [], [])
                answer = self._call_json("north", model, "read", row.ids, fields=["id"])
                self.assertEqual(answer.status_code, 403)

    def test_a_row_that_is_its_own_document(self):
        """Odoo lets the pages that go with quotations refer to themselves."""
        row = self.known["north"][FOLLOWER]
        self.env.cr.execute(
            "UPDATE mail_followers SET res_id = id, res_model = %s WHERE id = %s",
            [FOLLOWER, row.id],
        )
        self.env.invalidate_all()
        with self._as("north") as env:
            self.assertEqual(env[FOLLOWER].search([("id", "=", row.id)]).id, row.id)
            self.assertTrue(env[FOLLOWER].browse(row.id).read(["res_model"]))

    def test_a_document_that_is_gone(self):
        """A row that is left behind is no reason to fail."""
        row = self.rows["north"][FOLLOWER]
        self.env.cr.execute(
            "UPDATE mail_followers SET res_id = 2000000000 WHERE id = %s", [row.id]
        )
        self.env.invalidate_all()
        with self._as("north") as env:
            self.assertFalse(env[FOLLOWER].search([("id", "=", row.id)]))
