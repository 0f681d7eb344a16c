from . import (
    res_partner,
    subscription_member,
    subscription_member_role,
    subscription_team,
)
