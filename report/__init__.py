from . import (
    account_move,
    ir_actions_report,
    ir_actions_report_einvoice,
    subscription_settings_mixin,
    subscription_statement,
)
