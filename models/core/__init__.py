# Models first, then their parts.
from . import (
    subscription_immutable_mixin,
    subscription_letter_mixin,
    subscription_locking_mixin,
    subscription_protected_fields_mixin,
    subscription_seen_values_mixin,
    subscription_settings_mixin,
    subscription_worded_name_mixin,
)
from . import (
    base,
    ir_http,
    mail_mail,
    mail_template,
    res_company,
    res_config_settings,
    res_lang,
    subscription_letter_queue,
)
