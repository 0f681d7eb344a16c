# Models first, then their parts.
from . import subscription_request, subscription_request_letter  # isort: skip
from . import (
    res_company_request,
    res_partner_request,
    res_users_request,
    sale_subscription_request,
    subscription_audit_request,
    subscription_member_request,
    subscription_module_request,
    subscription_notice_request,
    subscription_request_answer,
    subscription_request_ask,
    subscription_request_close,
    subscription_request_member,
    subscription_request_preview,
    subscription_request_tell,
    subscription_request_words,
    subscription_seat_pool_request,
    subscription_settings_mixin_request,
)
