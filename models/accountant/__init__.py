from . import (
    ir_actions_accountant,
    ir_http,
    mail_accountant,
    portal_mixin_accountant,
    res_partner_accountant,
    res_users_accountant,
    sale_subscription_accountant,
    subscription_invitation_accountant,
    subscription_member_accountant,
    subscription_member_link,
)
