from . import (
    invitation,
    portal,
    portal_client,
    portal_delivery,
    portal_document,
    portal_member,
    portal_member_add,
    portal_member_inactive,
    portal_team,
    statement_export,
)
