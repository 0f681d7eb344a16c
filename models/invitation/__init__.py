# Models first, then their parts.
from . import subscription_invitation
from . import (
    res_partner_invitation,
    res_partner_login,
    sale_subscription_invitation,
    subscription_invitation_accept,
    subscription_invitation_expire,
    subscription_invitation_mail,
    subscription_invitation_make,
    subscription_member_invitation,
    subscription_member_invite,
    subscription_member_placeholder,
)
