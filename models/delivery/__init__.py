# Models first, then their parts.
from . import subscription_mailbox_mixin, subscription_delivery  # isort: skip
from . import (
    account_move_delivery,
    account_move_send_delivery,
    mail_thread_delivery,
    res_company_delivery,
    res_partner_delivery,
    sale_subscription_delivery,
    subscription_audit_delivery,
    subscription_delivery_add,
    subscription_delivery_bounce,
    subscription_delivery_job,
    subscription_delivery_message,
    subscription_delivery_problem,
    subscription_delivery_send,
    subscription_settings_mixin_delivery,
    subscription_statement_delivery,
)
