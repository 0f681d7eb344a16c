import json
from tempfile import TemporaryFile

from odoo.http import Controller, request, route

from .files import send_file


class DashboardExport(Controller):
    """The dashboard as a file."""

    @route(
        "/subscription/dashboard/export",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def export_dashboard(self, filters="{}", company_ids=None):
        """Send what the dashboard shows.

        :param str filters: what it is asked for, as JSON; what is not to be had is left
            out, as on the screen
        :param str company_ids: ids of the companies that are looked at, with commas
            between
        :raise AccessError: when the user may not export, or a company is not its own
        """
        ids = self._read_company_ids(company_ids)
        if ids:
            # Odoo refuses those that are not the user's.
            request.update_context(allowed_company_ids=ids)
        subscriptions = request.env["sale.subscription"]
        file = TemporaryFile()  # noqa: SIM115
        kind = subscriptions._write_dashboard(self._read_filters(filters), file)
        return send_file(file, subscriptions._get_dashboard_file_name(), kind)

    def _read_filters(self, text):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return {}

    def _read_company_ids(self, text):
        parts = (text or "").split(",")
        return [int(one) for one in parts if one.isascii() and one.isdecimal()]
