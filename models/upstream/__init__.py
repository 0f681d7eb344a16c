from . import sale_subscription_line, sale_subscription_upstream
