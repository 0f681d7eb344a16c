from odoo import fields, models

from odoo.addons.base.models.report_paperformat import PAPER_SIZES

from . import paper

# The reports of Odoo that print an invoice on the layout which the invoice asks for.
INVOICE_REPORTS = {"account.report_invoice", "account.report_invoice_with_payments"}


class IrActionsReport(models.Model):
    """Reports that WeasyPrint renders: this addon's, and its invoices. All others keep
    wkhtmltopdf.

    Odoo goes its usual way, attachments and overrides of other addons included. Only
    the two steps that meet wkhtmltopdf differ where the context names
    ``paper_ids``, the records of the page.
    """

    _inherit = "ir.actions.report"

    is_paged = fields.Boolean(
        string="Paged Layout",
        help="Rendered by WeasyPrint where it is installed: page numbers, table heads"
        " on each page, real text. The template must be made for it.",
    )

    def _get_paged(self, report, records):
        """Return those of ``records`` which ``report`` prints by WeasyPrint."""
        if not paper.load():
            return records.browse()
        if report.report_name in INVOICE_REPORTS:
            return records.filtered(lambda move: move._is_billed_by_period())
        return records if report.is_paged else records.browse()

    def _get_paper_options(self, report, records):
        """Return what :func:`paper.render` shall do besides: ``variant`` and
        ``attachments`` of the PDF of ``records``. To be overridden."""
        return {}

    def _is_paging(self):
        """Return whether the call that is under way is to end in a page of ours."""
        return self.env.context.get("paper_ids") is not None

    # ------------------------------------------------------------- the way of a report

    def _render_qweb_pdf_prepare_streams(self, report_ref, data, res_ids=None):
        """Render one by one what is paged: each has its own count of pages, and Odoo
        need not find out where one ends and the next begins."""
        report = self._get_report(report_ref)
        records = self.env[report.model].browse(dict.fromkeys(res_ids or []))
        if not records and report.is_paged and paper.load():
            return self._render_streams(report_ref, data, res_ids, paper_ids=[])
        paged = self._get_paged(report, records)
        if not paged:
            return self._render_streams(report_ref, data, res_ids)
        streams = self._render_others(report_ref, data, (records - paged).ids)
        for res_id in paged.ids:
            streams |= self._render_streams(
                report_ref, data, [res_id], paper_ids=[res_id]
            )
        return {res_id: streams[res_id] for res_id in records.ids}

    def _render_others(self, report_ref, data, res_ids):
        """Render by wkhtmltopdf what is printed along with pages: each by its id."""
        streams = self._render_streams(report_ref, data, res_ids) if res_ids else {}
        if False not in streams:
            return dict(streams)
        # Odoo could not tell where in the PDF one ends and the next begins.
        return {
            res_id: self._render_streams(report_ref, data, [res_id])[res_id]
            for res_id in res_ids
        }

    def _render_streams(self, report_ref, data, res_ids, paper_ids=None):
        """Go on with what Odoo and the other addons do, with pages or without."""
        going = super(IrActionsReport, self.with_context(paper_ids=paper_ids))
        return going._render_qweb_pdf_prepare_streams(report_ref, data, res_ids)

    def get_wkhtmltopdf_state(self):
        """A page needs no wkhtmltopdf."""
        return "ok" if self._is_paging() else super().get_wkhtmltopdf_state()

    def _prepare_html(self, html, report_model=False):
        """Leave the HTML in one piece: running headers and footers are CSS."""
        if not self._is_paging():
            return super()._prepare_html(html, report_model=report_model)
        body, articles = paper.prepare(html)
        res_ids = [
            int(article.get("data-oe-id") or 0)
            for article in articles
            if article.get("data-oe-model") == report_model
        ]
        return [body], res_ids, "", "", {}

    def _run_wkhtmltopdf(self, bodies, report_ref=False, **options):
        """Render the one body of :meth:`_prepare_html` where it is a page."""
        if not self._is_paging():
            return super()._run_wkhtmltopdf(bodies, report_ref=report_ref, **options)
        report = self._get_report(report_ref)
        records = self.env[report.model].browse(self.env.context["paper_ids"])
        # sudo: whoever prints need not read the settings of the system.
        base_url = self.env["ir.config_parameter"].sudo().get_param("web.base.url")
        return paper.render(
            bodies[0],
            base_url or "http://odoo.invalid",
            self._read_image,
            size=report._get_paper_size(options.get("landscape")),
            **self._get_paper_options(report, records),
        )

    def _get_paper_size(self, landscape=False):
        """Return the size of the report's paper, as CSS says it.

        Its margins are those that wkhtmltopdf needs for headers: ours are in the CSS.
        """
        paper_format = self.get_paperformat()
        sizes = {size["key"]: size for size in PAPER_SIZES}
        size = sizes.get(paper_format.format, sizes["A4"])
        width, height = size.get("width"), size.get("height")
        if paper_format.format == "custom":
            width, height = paper_format.page_width, paper_format.page_height
        if not (width and height):
            width, height = sizes["A4"]["width"], sizes["A4"]["height"]
        if landscape or paper_format.orientation == "Landscape":
            width, height = height, width
        return f"{width}mm {height}mm"

    def _read_image(self, attachment_id):
        """Return content and type of an image that the user may see.

        :raise ValueError: when there is none
        """
        # No sudo, even where the portal prints with it: whoever writes a note could
        # have any attachment printed otherwise.
        attachment = self.env["ir.attachment"].sudo(False).browse(attachment_id)
        attachment = attachment.exists()
        if attachment.has_access("read"):
            if (attachment.mimetype or "").startswith("image/"):
                return attachment.raw, attachment.mimetype
        raise ValueError(f"No image for this user: {attachment_id}")
