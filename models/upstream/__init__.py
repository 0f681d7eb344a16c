from . import sale_subscription_line
