from . import (
    sale_subscription,
    sale_subscription_template,
    subscription_module,
    subscription_plan_line,
)
