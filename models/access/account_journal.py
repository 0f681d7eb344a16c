import json

from odoo import api, models


class AccountJournal(models.Model):
    """What the dashboard of Odoo's accounting shows of a journal. It asks the database
    for the invoices and activities of everybody."""

    _inherit = "account.journal"

    @api.depends_context("uid")
    def _kanban_dashboard_graph(self):
        """Show restricted users no graph, as for journals that have none."""
        if not self._is_user_restricted():
            return super()._kanban_dashboard_graph()
        self.kanban_dashboard_graph = False
        return None

    @api.depends_context("uid")
    def _get_json_activity_data(self):
        """Leave out the activities that restricted users may not read."""
        result = super()._get_json_activity_data()
        if self._is_user_restricted():
            for journal in self:
                data = self._hide_activities(json.loads(journal.json_activity_data))
                journal.json_activity_data = json.dumps(data)
        return result

    @api.model
    def _hide_activities(self, data):
        rows = data["activities"]
        activities = self.env["mail.activity"].browse(row["id"] for row in rows)
        known = set(activities._filtered_access("read").ids)
        return {**data, "activities": [row for row in rows if row["id"] in known]}
