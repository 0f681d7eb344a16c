# Models first, then their parts.
from . import subscription_alert
from . import subscription_notice, subscription_notice_line, subscription_snooze
from . import (
    ir_ui_menu_notice,
    res_company_alert,
    res_company_notice,
    res_partner_alert,
    res_partner_notice,
    sale_subscription_notice,
    sale_subscription_self_renewal_notice,
    subscription_notice_due,
    subscription_notice_insert,
    subscription_notice_message,
    subscription_notice_send,
    subscription_notice_alert,
    subscription_renewal_notice,
)
