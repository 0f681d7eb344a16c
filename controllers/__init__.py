from . import invitation, portal, portal_document
