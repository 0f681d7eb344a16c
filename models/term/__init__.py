from . import sale_subscription_term
