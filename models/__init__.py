# A folder calls and inherits what stands above it here, and knows nothing below.
from . import (
    core,
    access,
    audit,
    client,
    accountant,
    plan,
    term,
    upstream,
    seat,
    licence,
    renewal,
    notice,
    dashboard,
)
