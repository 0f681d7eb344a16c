# The others inherit from these.
from . import subscription_computed_mixin, subscription_locking_mixin
from . import (
    ir_http,
    res_company,
    res_config_settings,
    res_partner,
    res_users,
    sale_subscription,
    sale_subscription_line,
    sale_subscription_template,
    subscription_audit,
    subscription_invitation,
    subscription_log,
    subscription_member,
    subscription_member_role,
    subscription_module,
    subscription_plan_line,
    subscription_seat,
    subscription_seat_pool,
    subscription_seat_usage,
    subscription_team,
)
