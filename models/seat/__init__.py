# Models first, then their parts.
from . import (
    subscription_removal,
    subscription_seat,
    subscription_seat_pool,
    subscription_seat_usage,
)
from . import (
    res_partner_seat,
    sale_subscription_seat,
    subscription_audit_seat,
    subscription_member_restore,
    subscription_member_seat,
    subscription_member_team,
    subscription_module_seat,
    subscription_removal_undo,
    subscription_seat_pool_grant,
    subscription_seat_pool_message,
    subscription_seat_pool_number,
    subscription_seat_pool_team,
    subscription_seat_pool_usage,
    subscription_team_change,
    subscription_team_claim,
    subscription_team_seat,
)
