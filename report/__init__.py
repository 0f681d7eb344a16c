from . import (
    account_move,
    ir_actions_report,
    subscription_settings_mixin,
    subscription_statement,
)
