from . import subscription_audit, subscription_log
