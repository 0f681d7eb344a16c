# Models first, then their parts.
from . import (
    subscription_computed_mixin,
    subscription_locking_mixin,
    subscription_sealed_mixin,
)
from . import base, res_company, res_config_settings
