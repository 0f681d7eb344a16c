from . import (
    res_company,
    res_config_settings,
    subscription_computed_mixin,
    subscription_locking_mixin,
    subscription_sealed_mixin,
)
