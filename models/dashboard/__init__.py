from . import (
    sale_subscription_dashboard,
    sale_subscription_dashboard_export,
    sale_subscription_dashboard_filters,
    sale_subscription_dashboard_partners,
    sale_subscription_dashboard_prices,
    sale_subscription_dashboard_renewals,
    sale_subscription_dashboard_seats,
    sale_subscription_dashboard_steps,
    sale_subscription_dashboard_stock,
    sale_subscription_dashboard_tiles,
    sale_subscription_dashboard_usage,
    sale_subscription_dashboard_warnings,
)
