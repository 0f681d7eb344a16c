# Models first, then their parts.
from . import subscription_renewal, subscription_renewal_line
from . import (
    res_company_renewal,
    res_partner_new_client,
    res_partner_renewal,
    sale_subscription_renewal,
    sale_subscription_self_renewal,
    sale_subscription_self_renewal_run,
    sale_subscription_state,
    sale_subscription_template_first,
    sale_subscription_template_renewal,
    subscription_module_renewal,
    subscription_renewal_plan,
    subscription_renewal_schedule,
    subscription_renewal_start,
)
