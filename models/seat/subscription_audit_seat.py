from odoo import api, fields, models
from odoo.tools import SQL

from .subscription_seat_pool import UNLIMITED


class SubscriptionAudit(models.Model):
    """The seats in the audit trail: who assigned and who released them."""

    _inherit = "subscription.audit"
    _depends = {
        "subscription.seat": [
            "pool_id",
            "member_id",
            "holder_name",
            "takes_seat",
            "is_from_team",
            "granted_at",
            "granted_by_id",
            "released_at",
            "released_by_id",
            "release_reason",
        ],
        "subscription.seat.pool": [
            "subscription_id",
            "module_id",
            "client_id",
            "managing_partner_id",
            "company_id",
        ],
    }

    takes_seat = fields.Boolean(readonly=True)
    is_from_team = fields.Boolean(string="Given by a Team", readonly=True)
    release_reason = fields.Selection(
        lambda self: self.env["subscription.seat"]._get_choices("release_reason"),
        string="Reason",
        readonly=True,
    )

    @api.depends("takes_seat", "is_from_team", "release_reason")
    def _compute_details(self):
        return super()._compute_details()

    def _get_details(self, words):
        if self.event == "seat_freed":
            return dict(self._get_choices("release_reason")).get(self.release_reason)
        if self.event == "seat_given":
            uncounted = self.env._("Does not count against the limit")
            by_team = self.env._("Given by a team")
            facts = (not self.takes_seat, uncounted), (self.is_from_team, by_team)
            return ", ".join(text for is_so, text in facts if is_so) or False
        return super()._get_details(words)

    @api.model
    def _get_words(self):
        # sudo: the names of modules are read with what was done with them.
        modules = self.env["subscription.module"].sudo()
        kinds = self.env["subscription.removal"]._get_choices("kind")
        return {
            **super()._get_words(),
            "limit": {UNLIMITED: self.env._("Unlimited")},
            "removal_undone": {f"undone_{kind}": name for kind, name in kinds},
            "team_modules": {
                f"module_{module.code}": module.name
                for module in modules.with_context(active_test=False).search([])
            },
        }

    @api.model
    def _get_events(self):
        return [
            ("seat_given", self.env._("Seat given")),
            ("seat_freed", self.env._("Seat freed")),
            *super()._get_events(),
        ]

    @api.model
    def _get_sources(self):
        tables = SQL(
            "subscription_seat seat"
            " JOIN subscription_seat_pool pool ON pool.id = seat.pool_id"
        )
        seat = {
            name: SQL.identifier("pool", name)
            for name in (
                *("client_id", "subscription_id", "managing_partner_id"),
                *("company_id", "module_id"),
            )
        } | {
            "member_id": SQL("seat.member_id"),
            "member_name": SQL("seat.holder_name"),
            "takes_seat": SQL("seat.takes_seat"),
        }
        given = {
            "id": SQL("4 * seat.id::bigint"),
            "date": SQL("seat.granted_at"),
            "user_id": SQL("seat.granted_by_id"),
            "event": SQL("'seat_given'"),
            "is_from_team": SQL("seat.is_from_team"),
        }
        freed = {
            "id": SQL("4 * seat.id::bigint + 1"),
            "date": SQL("seat.released_at"),
            "user_id": SQL("seat.released_by_id"),
            "event": SQL("'seat_freed'"),
            "release_reason": SQL("seat.release_reason"),
        }
        return [
            (seat | given, tables),
            (seat | freed, SQL("%s WHERE seat.released_at IS NOT NULL", tables)),
            *super()._get_sources(),
        ]
