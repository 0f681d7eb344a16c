from werkzeug.wsgi import FileWrapper

from odoo.http import content_disposition, request


def send_file(file, name, mime_type):
    """Return the response that sends ``file``, written to its end, and closes it."""
    size = file.tell()
    file.seek(0)
    response = request.make_response(
        FileWrapper(file),
        [
            ("Content-Type", mime_type),
            ("Content-Length", size),
            ("Content-Disposition", content_disposition(name)),
            ("X-Content-Type-Options", "nosniff"),
        ],
    )
    response.call_on_close(file.close)
    return response
