from . import (
    invitation,
    portal,
    portal_client,
    portal_delivery,
    portal_document,
    portal_removal,
    portal_team_module,
    statement_export,
)
