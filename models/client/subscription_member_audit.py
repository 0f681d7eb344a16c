from odoo import models


class SubscriptionMember(models.Model):
    """What the audit trail says of members."""

    _inherit = "subscription.member"

    def _prepare_log_entry(self, event, **values):
        """Return the entry of the audit trail on what happened to this member."""
        return {
            "event": event,
            "client_id": self.client_id.id,
            "member_id": self.id,
            "member_name": self.name,
            **values,
        }

    def _log_event(self, event, **values):
        """Note in the audit trail what happened to each of these members."""
        self.env["subscription.log"]._log_entries(
            [member._prepare_log_entry(event, **values) for member in self]
        )

    def _log_added(self):
        """Note in the audit trail that these members were added, and with what role."""
        self.env["subscription.log"]._log_entries(
            [
                member._prepare_log_entry("added", new_value=member.role_id.code)
                for member in self
            ]
        )

    def _log_standing(self, standing):
        """Note in the audit trail who has another role or client than in ``standing``.

        :param dict standing: ``{member: (client, role)}``
        """
        moved = self.filtered(lambda member: member.client_id != standing[member][0])
        recast = self.filtered(lambda member: member.role_id != standing[member][1])
        entries = [
            member._prepare_log_entry("moved", client_id=standing[member][0].id)
            for member in moved
        ] + [
            member._prepare_log_entry(
                "role",
                old_value=standing[member][1].code,
                new_value=member.role_id.code,
            )
            for member in recast
        ]
        self.env["subscription.log"]._log_entries(entries)
        moved._log_added()
