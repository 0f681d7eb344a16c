from . import (
    invitation,
    portal,
    portal_delivery,
    portal_document,
    statement_export,
)
