from . import invitation, portal, portal_document, statement_export
