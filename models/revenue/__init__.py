# Models first, then their parts.
from . import (
    subscription_revenue_mixin,
    subscription_revenue,
    subscription_revenue_line,
)  # isort: skip
from . import (
    sale_subscription_revenue,
    subscription_licence_move_revenue,
    subscription_licence_move_upgrade,
    subscription_statement_revenue,
)
