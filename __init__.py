from . import controllers, models, wizard, report
from .hooks import uninstall_hook
