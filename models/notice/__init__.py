from . import (
    res_company_notice,
    sale_subscription_notice,
    subscription_notice,
    subscription_notice_line,
    subscription_snooze,
)
