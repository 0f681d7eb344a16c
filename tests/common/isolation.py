"""Who tries to reach the records of another client, and how to see that they stay."""

import json

from odoo.exceptions import AccessError, UserError
from odoo.models import BaseModel

from .access import ACCOUNT, MEMBER, POOL, RENEWAL, SUBSCRIPTION, AccessCase

LINE = "sale.subscription.line"
PARTNER = "res.partner"
SNOOZE = "subscription.notice.snooze"
# Whose client each role tries to reach, and the words it must never be shown.
FOREIGN = {
    "north": ("acme", "bolt", ("bolt", "south", "dune")),
    "reef": ("coral", "acme", ("acme", "bolt", "south", "dune")),
    "accountant": ("acme", "coral", ("coral", "reef", "dune")),
    "client": ("acme", "bolt", ("bolt", "south", "coral")),
    "public": ("acme", "bolt", ("bolt", "south", "acme", "coral")),
}
# What a caller may add to any call.
TRICKS = {
    "active_test": False,
    "uid": 1,
    "su": True,
    "tracking_disable": True,
    "usage_date": "2026-01-31",
    "reconciliation_date": "2026-01-31",
}


class Attempt:
    """The environment of a role, its own records and those that it tries to reach."""

    def __init__(self, case, role, env):
        own, foreign, self.words = FOREIGN[role]
        self.env = env
        self.own, self.foreign = case.own[own], case.own[foreign]
        self.own_client = case.clients[own].id
        self.client = case.clients[foreign].id
        self.manager = case.clients[foreign].managing_partner_id.id

    def __getitem__(self, model):
        return self.env[model]

    def mine(self, model):
        return self.env[model].browse(self.own[model].ids)

    def theirs(self, model):
        # None of models whose records belong to nobody.
        return self.env[model].browse(
            self.foreign[model].ids if model in self.foreign else ()
        )

    def own_id(self, model):
        return self.own[model].id

    def id(self, model):
        return self.foreign[model].id

    def show(self, model, values, *names):
        """Return what ``onchange`` makes of ``values``."""
        return self.env[model].onchange(values, [], dict.fromkeys(names, {}))

    def name(self, model, values, name, *, context=()):
        """Return the name that ``onchange`` shows of what ``values`` refer to."""
        spec = {name: {"fields": {"display_name": {}}}}
        return self.env[model].with_context(**dict(context)).onchange(values, [], spec)


class IsolationCase(AccessCase):
    def _try(self, role, call):
        """Return in words what ``call`` answers ``role`` or raises; undo it."""
        try:
            with self._as(role) as env:
                self.env.invalidate_all()
                answer = call(Attempt(self, role, env(context=TRICKS)))
                answer = answer.ids if isinstance(answer, BaseModel) else answer
                self.env.flush_all()
                self._verify_unchanged(role)
        except (AccessError, UserError) as error:
            return f"refused: {error}"
        return json.dumps(answer, default=str)

    def _get_state(self, role):
        """Return what is known of the records that ``role`` tries to reach."""
        foreign = FOREIGN[role][1]
        client = self.clients[foreign]
        state = {
            model: self.own[foreign][model].exists().read(names)
            for model, names in (
                (PARTNER, ["name", "parent_id"]),
                (MEMBER, ["name", "client_id", "active", "team_ids", "partner_id"]),
                ("subscription.team", ["client_id", "member_ids"]),
                (POOL, ["seat_limit", "subscription_id"]),
                ("subscription.seat", ["released_at", "member_id"]),
                (LINE, ["sale_subscription_id"]),
                (ACCOUNT, ["balance", "partner_id", "move_ids"]),
                (RENEWAL, ["state", "subscription_id"]),
                ("account.move", ["subscription_id"]),
            )
        }
        subscription = self.own[foreign][SUBSCRIPTION]
        state["client"] = client.read(["managing_partner_id", "management_path"])
        state["subscription"] = subscription.read(
            [
                *("partner_id", "stage_id", "seat_pool_ids", "activity_ids"),
                *("renewal_ids", "notice_snoozed_until"),
                *("sale_subscription_line_ids", "message_ids", "message_partner_ids"),
            ]
        )
        state["attachments"] = self.env["ir.attachment"].search_count(
            [("res_model", "=", SUBSCRIPTION), ("res_id", "=", subscription.id)]
        )
        state["children"] = client.child_ids.ids
        state["members"] = client.subscription_member_ids.ids
        return state

    def _verify_unchanged(self, role):
        self.env.invalidate_all()
        self.assertEqual(self._get_state(role), self.states[role])

    def _check_tells_nothing(self, words, answer):
        for word in words:
            self.assertNotIn(word, answer.lower())

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.states = {role: cls._get_state(cls, role) for role in FOREIGN}
