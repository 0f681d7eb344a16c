"""Pages from HTML by WeasyPrint, without a database and without a network.

WeasyPrint is optional: :func:`load` says whether it can be used.
"""

import functools
import logging
import mimetypes
import re
import threading
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import lxml.html
from lxml import etree

from odoo.tools import file_open

_logger = logging.getLogger(__name__)

ADDON = "partner_managed_subscription"
STYLES = [f"{ADDON}/static/src/report/{name}.css" for name in ("page", "paper")]
# What a page may show: a template could name any file of an addon otherwise.
STATIC = re.compile(r"/([a-z]\w*)/(static/.+)")
STATIC_TYPES = (
    *(".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg"),
    *(".ttf", ".otf", ".woff", ".woff2"),
)
# What each thread of the server keeps.
KEPT = threading.local()
IMAGE = re.compile(r"/web/(?:image|content)/(\d+)(?:-\w+)?(?:/[^/]*)?")


class Attachment(NamedTuple):
    """A file inside a PDF."""

    name: str
    content: bytes
    description: str = ""
    # As PDF/A-3 wants it: "Data" or "Alternative" for the XML of an invoice.
    relationship: str = "Unspecified"


@functools.cache
def load():
    """Return the module ``weasyprint``, None where it or its libraries are absent.

    It is imported when the first page is asked for: it takes half a second.
    """
    try:
        import weasyprint
        from weasyprint.urls import URLFetcher  # noqa: F401
    # OSError: the Python package is there, Pango is not.
    except (ImportError, OSError) as error:
        _logger.info("Documents are printed by wkhtmltopdf: %s", error)
        return None
    # It tells each step of each page.
    logging.getLogger("weasyprint.progress").setLevel(logging.WARNING)
    return weasyprint


@functools.cache
def _make_fetcher_class():
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class Fetcher(URLFetcher):
        """Gives a page what lies in it, in an addon's static files, or among the images
        that its reader may see. Asks no server, and opens no other file."""

        def __init__(self, base_url, read_image):
            super().__init__(allowed_protocols=["data"], allow_redirects=False)
            self.base_url = base_url.rstrip("/")
            self.read_image = read_image

        def fetch(self, url, headers=None):
            """:raise ValueError: for any other address; the page is made without"""
            if url.lower().startswith("data:"):
                return super().fetch(url)
            path = self._get_path(url)
            if match := IMAGE.fullmatch(path):
                content, mimetype = self.read_image(int(match[1]))
            elif STATIC.fullmatch(path):
                content, mimetype = read_static(path)
            else:
                raise ValueError(f"Not for a page: {url[:200]}")
            return URLFetcherResponse(url, content, {"Content-Type": mimetype})

        def _get_path(self, url):
            """Return the path of ``url`` on this server, empty on another one."""
            if not url.startswith(f"{self.base_url}/"):
                return ""
            return unquote(urlsplit(url.removeprefix(self.base_url)).path)

    return Fetcher


def read_static(path):
    """Return content and type of a static file.

    :raise ValueError: when it is none, or of another kind than images and fonts
    """
    parts = path.split("/")
    if not STATIC.fullmatch(path) or ".." in parts:
        raise ValueError(f"Not a static file: {path}")
    mimetype = mimetypes.guess_type(path)[0] or "application/octet-stream"
    with file_open(path[1:], "rb", filter_ext=STATIC_TYPES) as file:
        return file.read(), mimetype


@functools.cache
def _read_styles():
    texts = []
    for name in STYLES:
        with file_open(name) as file:
            texts.append(file.read())
    return "\n".join(texts)


def _refuse_image(attachment_id):
    """:raise ValueError: always; a style shows no attachment of anybody"""
    raise ValueError(f"No image for a style: {attachment_id}")


def _get_style(base_url, size):
    """Return the style of pages of ``size``, and the fonts that it brings.

    Made once: WeasyPrint never frees all of it, and a job that prints thousands of
    pages would grow by half a megabyte each. Each thread has its own, since Pango's
    fonts are not shared by threads.
    """
    from weasyprint.text.fonts import FontConfiguration

    if not hasattr(KEPT, "styles"):
        KEPT.styles = {}
    key = base_url, size
    if key not in KEPT.styles:
        fonts = FontConfiguration()
        sheet = load().CSS(
            string=f"{_read_styles()}\n@page {{ size: {size}; }}",
            font_config=fonts,
            base_url=base_url,
            url_fetcher=_make_fetcher_class()(base_url, _refuse_image),
        )
        KEPT.styles[key] = sheet, fonts
    return KEPT.styles[key]


def prepare(html):
    """Return the HTML of a report as the page's own: the addon's style instead of
    Odoo's, no scripts, footers before what they stand below.

    :param html: what Odoo rendered, with its ``div`` of the classes header, article
        and footer
    :return: the HTML, and its articles as elements
    """
    parser = lxml.html.HTMLParser(encoding="utf-8")
    root = lxml.html.document_fromstring(html, parser=parser)
    for node in root.xpath("//script | //link | //base | //head//style | //title"):
        node.drop_tree()
    articles = root.xpath(_by_class("article"))
    # What runs along the pages must come before the first of them.
    for footer in root.xpath(_by_class("footer")):
        if articles and footer.getparent() is articles[0].getparent():
            articles[0].addprevious(footer)
    title = etree.Element("title")
    root.insert(0, title)
    title.text = next((node.text_content().strip() for node in root.iter("h1")), "")
    return lxml.html.tostring(root, encoding="unicode"), articles


def _by_class(name):
    return f"//div[contains(concat(' ', normalize-space(@class), ' '), ' {name} ')]"


def render(
    html, base_url, read_image, *, size="A4", variant=None, attachments=(), xmp=()
):
    """Return the PDF of ``html``.

    :param base_url: the address of this server: what is below it is read from disk
    :param read_image: function that returns content and type of the image of an id
    :param str size: the size of the paper as CSS says it
    :param str variant: as WeasyPrint names it, like ``"pdf/a-3b"``
    :param attachments: the files to put into it, each an :class:`Attachment`
    :param xmp: further metadata, each an RDF description as bytes
    """
    weasyprint = load()
    fetcher = _make_fetcher_class()(base_url, read_image)
    sheet, fonts = _get_style(base_url, size)
    page = weasyprint.HTML(string=html, base_url=base_url, url_fetcher=fetcher)
    return page.write_pdf(
        stylesheets=[sheet],
        font_config=fonts,
        finisher=functools.partial(_finish, xmp=xmp),
        pdf_variant=variant,
        attachments=[_make_attachment(weasyprint, item) for item in attachments],
    )


def _make_attachment(weasyprint, item):
    return weasyprint.Attachment(
        string=item.content,
        name=item.name,
        description=item.description,
        relationship=item.relationship,
    )


def _finish(_document, pdf, *, xmp):
    """Mend what WeasyPrint writes, and add the descriptions ``xmp``."""
    # It lists each attachment of a PDF/A-3 twice.
    if files := pdf.catalog.get("AF"):
        files[:] = dict.fromkeys(files)
    # What it is given it writes behind the RDF: readers look into that alone.
    end = b"</rdf:RDF>"
    for item in pdf.objects if xmp else ():
        extra = getattr(item, "extra", {})
        if extra.get("Type") == "/Metadata":
            content = item.stream[0]
            item.stream[0] = content.replace(end, b"".join(xmp) + end, 1)
