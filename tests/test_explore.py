from odoo.tests import tagged
from odoo.tools import mute_logger
from . import test_access
from .common_access import *
from odoo.addons.partner_managed_subscription.tests.test_access import MUTED, TestAccessTable as T
@tagged("post_install", "-at_install")
class TestExplore(T):
    test_table = None
    test_every_model_has_a_line = None
    @mute_logger(*MUTED)
    def test_gen(self):
        out=[]
        import time; t=time.time()
        for model in RECORDS:
            row={}
            for role, sides in SIDES.items():
                try:
                    row[role]="/".join(self._get_letters(role, model, c) or "-" for c in sides)
                except Exception as e:
                    row[role]="ERR"; print("ERR", model, role, type(e), str(e)[:300].replace("\n"," "))
            if not row["north"]==row["south"]==row["reef"]: print("DIFF", model, row)
            out.append(f"{model:31} "+" ".join(f"{row[r]:{w}}" for r,w in (("admin",9),("north",9),("accountant",10),("client",6),("member",6),("internal",8),("public",3))).rstrip())
        head=f"{'model':31} "+" ".join(f"{r:{w}}" for r,w in (("admin",9),("standard",9),("accountant",10),("client",6),("member",6),("internal",8),("public",3))).rstrip()
        open("/tmp/acc3/table.txt","w").write("\n".join([head]+out)+"\n")
        print("TIME", time.time()-t)
