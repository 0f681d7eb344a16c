from . import (
    invitation,
    portal,
    portal_client,
    portal_delivery,
    portal_document,
    statement_export,
)
