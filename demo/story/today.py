"""What has just happened, on the day on which the demo is loaded."""

from datetime import timedelta

from odoo import fields

from .people import SEEN, UNSEEN


class TodayScene:
    """Last touches: who signed in, what was removed just now."""

    def __init__(self, stage):
        self.stage = stage

    def plan(self):
        at, today = self.stage.at, self.stage.today
        at(self.stage.ago(1), self._note_logins, hour=16)
        # By Boulangeries Vasseur's partner, who can still undo it.
        at(today, self._release, hour=5)
        at(today, self._report_sign_ins, hour=6)
        at(today, self._snooze, hour=6)
        at(today, self._name_documents, hour=23)

    def _note_logins(self):
        """Most members have logged in, on the day after they came."""
        unseen = {self.stage.ref(f"member_{name}").id for name in UNSEEN}
        coming = [self.stage.ref(f"client_{one}").id for one in ("wibaut", "ecluse")]
        members = self.stage.env["subscription.member"].search(
            [("id", "not in", list(unseen)), ("client_id", "not in", coming)]
        )
        for member in members:
            member.joined_at = member.create_date + timedelta(days=1)

    def _report_sign_ins(self):
        """Report sign-ins as the vendor's software does, each so many days ago."""
        members = self.stage.by("vendor")["subscription.member"]
        now = fields.Datetime.now()
        known = members.search([("joined_at", "!=", False)], order="id")
        lines = [
            {"member_id": member.id, "at": now - timedelta(days=days, hours=2)}
            for place, member in enumerate(known)
            for days in [SEEN[place % len(SEEN)]]
            if days is not None
        ]
        members.report_sign_ins(lines)

    def _release(self):
        names = ("vasseur_paul_delannoy", "vasseur_valerie_mercier")
        members = [self.stage.ref(f"member_{name}").id for name in names]
        pool = self.stage.pools("vasseur", "time")
        self.stage.by("nord")["subscription.seat"].search(
            [
                ("pool_id", "=", pool.id),
                ("member_id", "in", members),
                ("released_at", "=", False),
            ]
        ).action_release()

    def _snooze(self):
        term = self.stage.ref("subscription_cevennes").with_env(self.stage.by("sud"))
        term._snooze_notices(self.stage.ago(-7))

    def _name_documents(self):
        """Give the invoices names as records of the demo have, so that uninstalling
        takes them away before what they refer to."""
        moves = self.stage.env["account.move"].search(
            [("statement_ids", "!=", False)], order="id"
        )
        for move in moves | moves.reversal_move_ids:
            self.stage.name(f"invoice_{move.id}", move)
