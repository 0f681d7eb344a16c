# Models first, then their parts.
from . import (
    subscription_module,
    subscription_module_sum_mixin,
    subscription_plan_line,
)
from . import res_partner_plan, sale_subscription, sale_subscription_template
from . import res_company_pricelist, sale_subscription_pricelist
