from . import invitation, portal
