# The model first, then who tells of changes, and where access ends.
from . import subscription_live_channel
from . import (
    bus_bus_live,
    ir_http_live,
    res_company_live,
    res_groups_live,
    res_partner_live,
    res_users_live,
    sale_subscription_live,
    subscription_invitation_live,
    subscription_member_live,
    subscription_member_role_live,
    subscription_request_live,
    subscription_seat_live,
    subscription_seat_pool_live,
    subscription_seat_usage_live,
)
