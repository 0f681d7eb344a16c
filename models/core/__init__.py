# Models first, then their parts.
from . import (
    subscription_protected_fields_mixin,
    subscription_locking_mixin,
    subscription_immutable_mixin,
)
from . import base, res_company, res_config_settings
