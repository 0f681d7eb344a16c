from . import (
    sale_subscription_close_reason,
    sale_subscription_fields,
    sale_subscription_line,
    sale_subscription_pause,
    sale_subscription_pause_wizard,
    sale_subscription_stage,
    sale_subscription_template_upstream,
    sale_subscription_upstream,
)
