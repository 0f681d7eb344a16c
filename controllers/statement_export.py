from tempfile import TemporaryFile

from werkzeug.exceptions import BadRequest, NotFound

from odoo.exceptions import ValidationError
from odoo.http import Controller, request, route

from .files import send_file

FORMATS = ("csv", "xlsx")


class StatementExport(Controller):
    """Whom statements bill, as a file."""

    @route(
        "/subscription/statement/export/<string:file_format>",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def export_statements(
        self,
        file_format,
        statement_ids=None,
        client_id=None,
        partner_id=None,
        month=None,
        company_ids=None,
    ):
        """Send the billed holders of what the user may read.

        :param statement_ids: ids of statements, with commas between
        :param month: any day of it, as year-month-day
        :param company_ids: ids of the companies that are looked at, by default all of
            the user
        :raise AccessError: when one of these is out of reach
        """
        if file_format not in FORMATS:
            raise NotFound
        if company_ids:
            # Odoo refuses those that are not the user's.
            request.update_context(allowed_company_ids=self._read_ids(company_ids))
        asked = {
            "statements": self._read("subscription.statement", statement_ids),
            "client": self._read("res.partner", client_id),
            "partner": self._read("res.partner", partner_id),
            "month": self._read_month(month),
        }
        statements = request.env["subscription.statement"]
        file = TemporaryFile()  # noqa: SIM115
        # Written before it is sent: an error on the way is told as one, and who reads
        # slowly holds no transaction.
        domain = statements._get_export_domain(**asked)
        statements._write_export(domain, file_format, file)
        name = f"{statements._get_export_name(**asked)}.{file_format}"
        return send_file(file, name, statements._get_export_type(file_format))

    def _read(self, model, text):
        """Return the records of ``model`` whose ids ``text`` gives, None without any.

        :raise AccessError: when the user may not read one of them
        """
        if not text:
            return None
        records = request.env[model].browse(self._read_ids(text))
        records.check_access("read")
        # A record that is missing raises as well.
        records.fetch(["display_name"])
        return records

    def _read_ids(self, text):
        try:
            return [int(one) for one in text.split(",")]
        except ValueError as error:
            raise BadRequest from error

    def _read_month(self, text):
        if not text:
            return None
        try:
            return request.env["subscription.statement"]._read_day(text)
        except ValidationError as error:
            raise BadRequest(str(error)) from error
