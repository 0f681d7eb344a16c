from . import (
    invitation,
    portal,
    portal_client,
    portal_delivery,
    portal_document,
    portal_live,
    statement_export,
)
