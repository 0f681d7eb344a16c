from odoo.tests import tagged
from odoo.tools import mute_logger
from .common_access import *
from odoo.addons.partner_managed_subscription.tests import test_access as ta
@tagged("post_install", "-at_install")
class TestExplore(ta.TestAccessTable):
    test_table = None
    test_every_model_has_a_line = None
    @mute_logger(*ta.MUTED)
    def test_gen(self):
        import cProfile, pstats
        p=cProfile.Profile(); p.enable()
        for model in RECORDS:
            for c in SIDES["north"]: self._get_letters("north", model, c)
        p.disable()
        pstats.Stats(p).sort_stats("cumtime").print_stats(45)
