from tempfile import TemporaryFile

from werkzeug.exceptions import NotFound

from odoo.exceptions import ValidationError
from odoo.http import request

from ..models.core.table_files import MIME_TYPES, WRITERS
from .files import send_file
from .portal_client import ClientPortal, clean_text, client_page, is_id

# Entries of each company that the page of companies shows.
LATEST = 5
FILTERS = ("text", "member", "event", "first", "last", "company")


class HistoryPortal(ClientPortal):
    """What was done to a client, by whom, and who may."""

    def _get_tabs(self, client):
        tabs = {
            "history": (70, request.env._("Audit trail"), "/history"),
            "companies": (80, request.env._("Companies"), "/companies"),
        }
        own = {
            key: (sequence, label, self._get_url(client, path))
            for key, (sequence, label, path) in tabs.items()
        }
        return {**super()._get_tabs(client), **own}

    @client_page("/history", "/history/page/<int:page>")
    def subscription_history(self, client, page=1, **values):
        form = self._read_history_filters(values)
        error = ""
        try:
            domain = self._get_history_domain(client, form)
        except ValidationError as refusal:
            error, domain = str(refusal), [("id", "=", 0)]
        audit = self._get_audit(client)
        url = self._get_url(client, "/history")
        entries, total, pager = self._find_page(audit, domain, url, page, args=form)
        return self._render_client(
            client,
            "portal_history",
            "history",
            error=error,
            form=form,
            entries=entries,
            events=audit._get_choices("event"),
            companies=self._get_companies(client),
            pager=pager,
            total=total,
        )

    @client_page("/history/export/<string:file_format>")
    def subscription_history_export(self, client, file_format, **values):
        if file_format not in WRITERS:
            raise NotFound
        try:
            domain = self._get_history_domain(
                client, self._read_history_filters(values)
            )
        except ValidationError as error:
            raise NotFound from error
        audit = self._get_audit(client)
        file = TemporaryFile()  # noqa: SIM115
        rows = audit._iter_export(domain)
        WRITERS[file_format](file, audit._get_export_heads(), rows)
        day = audit.env.company._get_today()
        name = request.env._(
            "Audit trail - %(client)s - %(day)s", client=client.name, day=day
        )
        name = f"{name.replace('/', '-')}.{file_format}"
        return send_file(file, name, MIME_TYPES[file_format])

    @client_page("/companies")
    def subscription_companies(self, client, **_values):
        vendor = client._get_vendor()
        return self._render_client(
            client,
            "portal_companies",
            "companies",
            acting=[
                (company, self._get_acts(client, company))
                for company in client._get_acting_companies()
            ],
            former=[
                (entry, self._get_acts(client, entry.old_managing_partner_id))
                for entry in client._get_former_managers()
            ],
            vendor=vendor,
            other_text=request.env._(
                "Ask %(vendor)s for one. Your partner goes on looking after you until"
                " that is answered.",
                vendor=vendor.name,
            ),
        )

    # ------------------------------------------------------------------ finding

    def _get_audit(self, client):
        """Return the audit trail as superuser, with the days of the company that sells
        to ``client``."""
        company = client.company_id or request.env.company
        # sudo: users of the portal read nothing but what its pages show.
        return request.env["subscription.audit"].sudo().with_company(company)

    def _get_companies(self, client):
        """Return the companies that the entries can be filtered by."""
        former = client._get_former_managers().old_managing_partner_id
        return client | client._get_acting_companies() | former

    def _get_acts(self, client, company):
        """Return what ``company`` did for ``client``: how often, when and what last."""
        audit = self._get_audit(client)
        domain = [("client_id", "=", client.id), *audit._get_company_domain(company)]
        [(count, last)] = audit._read_group(domain, [], ["__count", "date:max"])
        entries = audit.search(domain, limit=LATEST)
        return {"count": count, "last": last, "entries": entries}

    def _read_history_filters(self, values):
        """Return what is asked for, empty values left out."""
        read = {name: clean_text(values.get(name, "")) for name in FILTERS}
        return {name: text for name, text in read.items() if text}

    def _get_history_domain(self, client, form):
        """Return the domain of the entries of ``client`` that ``form`` asks for.

        :raise NotFound: when it names another company or a kind that there is not
        :raise ValidationError: when a day is none
        """
        audit = self._get_audit(client)
        events = dict(audit._get_choices("event"))
        if form.get("event", "") not in {"", *events}:
            raise NotFound
        asked = audit._get_filter_domain(
            text=form.get("text"),
            member=form.get("member"),
            event=form.get("event"),
            first=self._read_day(form.get("first")),
            last=self._read_day(form.get("last")),
            company=self._read_company(client, form.get("company")),
        )
        return [("client_id", "=", client.id), *asked]

    def _read_day(self, text):
        return request.env["subscription.audit"]._read_day(text) if text else None

    def _read_company(self, client, text):
        if not text:
            return None
        found = self._get_companies(client).filtered(
            lambda one: is_id(text) and one.id == int(text)
        )
        if not found:
            raise NotFound
        return found
