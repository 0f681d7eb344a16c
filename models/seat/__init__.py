# Models first, then their parts.
from . import subscription_seat, subscription_seat_pool, subscription_seat_usage
from . import (
    res_partner_add_members,
    res_partner_plan_members,
    res_partner_seat,
    sale_subscription_seat,
    subscription_audit_filter,
    subscription_audit_seat,
    subscription_member_access,
    subscription_member_invited,
    subscription_member_list,
    subscription_member_restore,
    subscription_member_seat,
    subscription_module_seat,
    subscription_seat_pool_grant,
    subscription_seat_pool_message,
    subscription_seat_pool_number,
    subscription_seat_pool_usage,
    subscription_seat_text,
    subscription_team_seat,
)
