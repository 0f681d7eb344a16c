from . import (
    res_company_day,
    sale_subscription_template_term,
    sale_subscription_term,
)
