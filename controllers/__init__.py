from . import (
    invitation,
    portal,
    portal_access,
    portal_client,
    portal_delivery,
    portal_document,
    portal_request,
    statement_export,
)
