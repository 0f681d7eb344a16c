from . import (
    sale_order,
    sale_order_line,
    subscription_licence_account,
    subscription_licence_move,
)
