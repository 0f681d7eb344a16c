from . import subscription_renewal, subscription_renewal_line
