from . import demo, controllers, models, wizard, report
from .hooks import uninstall_hook
