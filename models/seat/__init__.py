from . import subscription_seat, subscription_seat_pool, subscription_seat_usage
