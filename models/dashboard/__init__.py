from . import sale_subscription_dashboard
