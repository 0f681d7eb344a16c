# Models first, then their parts.
from . import subscription_licence_account, subscription_licence_move
from . import (
    res_partner_licence,
    res_users_licence,
    payment_transaction_licence,
    sale_order,
    sale_order_accept,
    sale_order_line,
    sale_subscription_extension,
    sale_subscription_licence,
    sale_subscription_taking,
    subscription_licence_account_ledger,
    subscription_licence_account_message,
    subscription_licence_account_transfer,
    subscription_module_licence,
    subscription_seat_pool_licence,
)
