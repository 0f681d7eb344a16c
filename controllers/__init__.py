from . import (
    invitation,
    portal_client,
    portal_accountant,
    portal_delivery,
    portal_document,
    portal_history,
    portal_home,
    portal_invoice,
    portal_module,
    statement_export,
)
