from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common.access import (
    ACCOUNT,
    MOVE,
    MUTED,
    RENEW,
    RENEWAL,
    STAFF,
    SUBSCRIPTION,
    TRANSFER,
)
from ..common.isolation import FOREIGN, PARTNER, SNOOZE
from .test_isolation_names import SweepCase

# What somebody asks over RPC about records of its own, to learn of those that are not.
QUESTIONS = (
    (SUBSCRIPTION, [("renewal_ids.user_id.login", "ilike", "south")]),
    (SUBSCRIPTION, [("renewal_ids.user_id.partner_id.parent_id", "ilike", "south")]),
    (SUBSCRIPTION, [("renewal_ids.move_ids.account_id.balance", ">", -1)]),
    (SUBSCRIPTION, [("top_partner_id.licence_account_ids.balance", ">", -1)]),
    (PARTNER, [("managing_partner_id.phone", "ilike", "7946")]),
    (ACCOUNT, [("managing_partner_id.licence_account_ids.balance", ">", -1)]),
    (ACCOUNT, [("managing_partner_id.phone", "ilike", "7946")]),
    (MOVE, [("counterpart_id.licence_account_ids.balance", ">", -1)]),
    (RENEWAL, [("move_ids.partner_id.phone", "ilike", "7946")]),
    (RENEWAL, [("subscription_id.top_partner_id.phone", "ilike", "7946")]),
    (f"{RENEWAL}.line", [("renewal_id.move_ids.quantity", "!=", 0)]),
)
# A question that passes over the rules; Odoo takes none from outside.
UNCHECKED = [("managing_partner_id", "any!", [("phone", "ilike", "7946")])]
# What terms, stocks of licences and notices are kept in.
TERM_MODELS = (
    *(PARTNER, SUBSCRIPTION, RENEWAL, f"{RENEWAL}.line", ACCOUNT, MOVE),
    *("subscription.notice", "subscription.notice.line"),
    *(RENEW, f"{RENEW}.line", f"{RENEW}.result"),
    *(TRANSFER, f"{TRANSFER}.line", SNOOZE),
)


@tagged("post_install", "-at_install")
class TestIsolationTerms(SweepCase):
    """Terms, stocks and notices, and the wizards on them."""

    @mute_logger(*MUTED)
    def test_whatever_can_be_read_and_asked(self):
        for role in ("north", "reef", "accountant", "client"):
            with self.subTest(role=role), self._sweep(role, FOREIGN[role][2]) as env:
                self._open_wizards(env, role)
                for model in TERM_MODELS:
                    if env[model].has_access("read"):
                        found = self._check_model(env[model])
                        self.assertTrue(found or self._may_be_empty(role, model), model)

    def _may_be_empty(self, role, model):
        """Tell whether ``role`` may have no record: it opened no such wizard."""
        is_wizard = self.env[model]._transient
        return model == f"{RENEW}.result" or is_wizard and role not in STAFF

    def _open_wizards(self, env, role):
        """Let ``role`` open each wizard on what is its own."""
        if role not in ("north", "reef"):
            return
        own = self.own[FOREIGN[role][0]]
        terms = (own[SUBSCRIPTION] | own[RENEWAL].subscription_id).ids
        manager = self.clients[FOREIGN[role][0]].managing_partner_id
        for model, vals in (
            (RENEW, {"subscription_ids": [Command.set(terms)]}),
            (SNOOZE, {"subscription_ids": [Command.set(terms)]}),
            (TRANSFER, {"partner_id": manager.id}),
        ):
            self.assertTrue(env[model].create(vals).read())

    def test_questions_would_tell(self):
        """Each of these questions has an answer, for who may know it."""
        for model, domain in QUESTIONS:
            with self.subTest(model=model, domain=domain):
                self.assertTrue(self.env[model].search_count(domain), domain)

    @mute_logger(*MUTED)
    def test_questions_about_the_partner_above(self):
        """What a reseller and an accountant know of a partner is its name."""
        answers = []
        for role in ("reef", "accountant"):
            with self._as(role) as env, self.assertRaisesRegex(ValueError, "any!"):
                env[PARTNER].search_count(UNCHECKED)
            for model, domain in QUESTIONS:
                if role == "reef" and model != MOVE and "move_ids" in str(domain):
                    continue  # its own ledger
                with self._as(role) as env:
                    if self._ask(env[model], domain):
                        answers.append((role, model, domain))
        self.assertFalse(answers)

    def _ask(self, records, domain):
        try:
            return records.search_count(domain)
        except AccessError:
            return 0

    @mute_logger(*MUTED)
    def test_rows_of_other_peoples_wizards(self):
        """Nobody looks into the wizard of somebody else, or adds to it."""
        terms = self.own["bolt"][RENEWAL].subscription_id
        theirs = {
            RENEW: {"subscription_ids": [Command.set(terms.ids)]},
            TRANSFER: {"partner_id": self.south.id},
        }
        for model, vals in theirs.items():
            wizard = self.env[model].with_user(self.roles["south"]).create(vals)
            self.env.flush_all()
            parent = "renew_id" if model == RENEW else "transfer_id"
            row = {parent: wizard.id, "module_id": self.expenses.id}
            for call in (
                lambda env, model=model, row=row: env[f"{model}.line"].create(row),
                lambda env, model=model, row=row: env[f"{model}.line"].onchange(
                    row, [], dict.fromkeys(env[f"{model}.line"]._fields, {})
                ),
                lambda env, wizard=wizard: env[wizard._name].browse(wizard.id).read(),
                lambda env, wizard=wizard: (
                    env[wizard._name].browse(wizard.id).line_ids.read()
                ),
            ):
                with (
                    self.subTest(model=model),
                    self._as("north") as env,
                    self.assertRaises(AccessError),
                ):
                    call(env)

    @mute_logger(*MUTED)
    def test_readers_act_on_nothing(self):
        """An accountant renews, cancels and snoozes nothing of its own client's."""
        for role in ("accountant", "client"):
            for call in (
                lambda env: self._get_term(env).action_cancel_renewal(),
                lambda env: self._get_term(env).renewal_ids.action_cancel(),
                lambda env: self._get_term(env).action_wake_notices(),
                lambda env: self._get_term(env)._snooze_notices("2099-12-31"),
                lambda env: env[RENEWAL]._schedule({self._get_term(env): {}}),
                lambda env: env[RENEW].create(
                    {"subscription_ids": [Command.set(self._get_term(env).ids)]}
                ),
                lambda env: env[TRANSFER].create({"partner_id": self.north.id}),
            ):
                with (
                    self.subTest(role=role),
                    self._as(role) as env,
                    self.assertRaises(AccessError),
                ):
                    call(env)

    def _get_term(self, env):
        return env[SUBSCRIPTION].browse(self.own["acme"][RENEWAL].subscription_id.id)
