from . import ir_http, subscription_invitation
