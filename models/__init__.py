# A folder calls and inherits what stands above it here, and knows nothing of what
# stands below: see docs/architecture.md. The guards against upstream come last, since
# they must see each call first.
from . import (
    core,
    access,
    audit,
    client,
    invitation,
    accountant,
    plan,
    term,
    seat,
    licence,
    renewal,
    notice,
    billing,
    einvoice,
    delivery,
    request,
    live,
    upstream,
    dashboard,
    revenue,
)
