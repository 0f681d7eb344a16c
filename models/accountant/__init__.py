# Models first, then their parts.
from . import subscription_invitation
from . import (
    ir_http,
    mail_accountant,
    portal_mixin_accountant,
    res_partner_accountant,
    res_users_accountant,
    sale_subscription_accountant,
    subscription_invitation_accept,
    subscription_invitation_mail,
    subscription_member_accountant,
    subscription_member_link,
)
