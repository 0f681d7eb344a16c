from . import (
    base_partner_merge,
    subscription_invitation_send,
    subscription_member_remove,
    subscription_notice_snooze,
    subscription_seat_grant,
    subscription_seat_preview,
    subscription_seat_release,
    subscription_seat_usage_date,
)
