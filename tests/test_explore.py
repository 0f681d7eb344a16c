import json
from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged, HttpCase
from odoo.tools import mute_logger
from .common_access import RECORDS, AccessCase, RolledBack

@tagged("post_install", "-at_install")
class TestExplore(AccessCase, HttpCase):
    @mute_logger("odoo.sql_db", "odoo.models", "odoo.addons.base.models.ir_rule", "odoo.models.unlink", "odoo.http")
    def test_x(self):
        self.addCleanup(self.env.invalidate_all)
        bolt = self.own["bolt"]; acme = self.own["acme"]
        self.bolt.write({"email": "secretmail@bolt.test", "name": "SecretBolt"})
        bolt["res.partner"].write({"name":"SecretContact", "email":"secretmail2@bolt.test"})
        bolt["subscription.member"].name = "SecretMember"
        env = self.env(user=self.roles["north"])
        def run(label, f):
            try:
                with self.env.cr.savepoint():
                    try:
                        r = f()
                        self.env.flush_all()
                        txt = json.dumps(r, default=str) if not isinstance(r,str) else r
                    except Exception as e:
                        txt = f"{type(e).__name__}: {e}"
                    leak = "secret" in txt.lower().replace("top-secret","")
                    print("LEAK" if leak else "ok  ", label, "::", txt[:260].replace("\n"," | "))
                    raise RolledBack
            except RolledBack: pass
            self.env.invalidate_all()
        M=lambda m: env[m]
        def show(*pairs):
            def f():
                for rec, name in pairs: print("      ", rec, name, rec.sudo().with_env(self.env)[name])
            return f
        def after(w, *pairs):
            def f():
                r = w(); self.env.flush_all(); self.env.invalidate_all()
                return [str(rec.with_env(self.env)[name]) + " " + name for rec, name in pairs]
            return f
        b=self.bolt
        self.env.flush_all(); self.env.invalidate_all()
        run("partner o2m", after(lambda: self.reef.with_env(env).write({"managed_partner_ids": [Command.link(self.bolt.id)]}), (b,"managing_partner_id"), (b, "management_path")))
        run("partner o2m set", after(lambda: self.reef.with_env(env).write({"managed_partner_ids": [Command.set(self.bolt.ids)]}), (b,"managing_partner_id"), (b, "management_path")))
        run("partner child", after(lambda: self.acme.with_env(env).write({"child_ids": [Command.link(bolt["res.partner"].id)]}), (bolt["res.partner"], "parent_id")))
        run("partner child upd", after(lambda: self.acme.with_env(env).write({"child_ids": [Command.update(bolt["res.partner"].id, {"name": "hacked"})]}), (bolt["res.partner"], "name")))
        run("partner child del", after(lambda: self.acme.with_env(env).write({"child_ids": [Command.delete(bolt["res.partner"].id)]}), (bolt["res.partner"], "name")))
        run("partner members link", after(lambda: self.acme.with_env(env).write({"subscription_member_ids": [Command.link(bolt["subscription.member"].id)]}), (bolt["subscription.member"], "client_id")))
        run("partner pools", after(lambda: acme["sale.subscription"].with_env(env).write({"seat_pool_ids": [Command.link(bolt["subscription.seat.pool"].id)]}), (bolt["subscription.seat.pool"], "subscription_id")))
        run("sub lines", after(lambda: acme["sale.subscription"].with_env(env).write({"sale_subscription_line_ids": [Command.link(bolt["sale.subscription.line"].id)]}), (bolt["sale.subscription.line"], "sale_subscription_id")))
        run("role members", after(lambda: M("subscription.member.role").browse(acme["subscription.member.role"].id).write({"member_ids": [Command.link(bolt["subscription.member"].id)]})))
        run("line move", after(lambda: acme["sale.subscription.line"].with_env(env).write({"sale_subscription_id": bolt["sale.subscription"].id}), (acme["sale.subscription.line"], "sale_subscription_id"), (bolt["sale.subscription"], "recurring_total")))
        run("activity move", after(lambda: acme["mail.activity"].with_env(env).write({"res_id": bolt["sale.subscription"].id}), (acme["mail.activity"], "res_id"), (acme["mail.activity"],"res_name")))
        run("load", lambda: (M("subscription.member").load(["client_id/.id","partner_id/.id"], [[str(self.acme.id), str(bolt["res.partner"].id)]]), M("subscription.member").search_read([], ["name"], limit=1, order="id desc")))
        run("default_get", lambda: M("subscription.member").with_context(default_name="z", default_partner_id=bolt["res.partner"].id, default_client_id=self.acme.id).create({}).read(["name"]))
        run("default_get2", lambda: M("subscription.team").with_context(default_name="z", default_client_id=self.bolt.id).create({}).read(["name"]))
        run("post partner", lambda: (lambda mid: [mid.partner_ids.ids, mid.notified_partner_ids.ids, M("mail.notification").search_read([("mail_message_id","=",mid.id)],[]), M("mail.message").browse(mid.id).read(["partner_ids"])])(acme["sale.subscription"].with_env(env).message_post(body="x", partner_ids=[self.bolt.id])))
        from odoo.addons.mail.tools.discuss import Store
        def store():
            m = acme["sale.subscription"].with_env(env).message_post(body="x", partner_ids=[self.bolt.id]); self.env.flush_all(); self.env.invalidate_all()
            return Store().add(m).get_result()
        run("post store", store)
        def store():
            acme["sale.subscription"].with_env(env).message_subscribe([self.bolt.id]); self.env.flush_all(); self.env.invalidate_all()
            return Store().add(acme["sale.subscription"].with_env(env), request_list=["followers","suggestedRecipients"], as_thread=True).get_result()
        run("follow store", store)
        run("followers subs", after(lambda: acme["sale.subscription"].with_env(env).message_subscribe([self.bolt.id]), (acme["sale.subscription"], "message_partner_ids")))
        run("suggest", lambda: acme["sale.subscription"].with_env(env)._message_get_suggested_recipients(additional_partners=self.bolt, no_create=False))
        run("find mails", lambda: [(p.id, p.name, p.email) for p in acme["sale.subscription"].with_env(env)._partner_find_from_emails_single(["secretmail@bolt.test"], no_create=False)])
        run("find mails nocreate", lambda: [(p.id, p.name, p.email) for p in acme["sale.subscription"].with_env(env)._partner_find_from_emails_single(["secretmail@bolt.test"], no_create=True)])
        run("invite_by_email / channel invite store", lambda: M("res.partner").search_for_channel_invite("secretmail@bolt.test"))
        run("cycle msg2", lambda: self.bolt.with_env(env).write({"managing_partner_id": self.bolt.id}))
        run("res.partner create manager foreign", lambda: M("res.partner").create({"name":"x","is_company":True,"managing_partner_id": self.bolt.id}))
        run("res.partner create parent foreign", lambda: M("res.partner").create({"name":"x","parent_id": self.bolt.id}))
        run("res.partner onchange parent", lambda: M("res.partner").onchange({"parent_id": self.bolt.id}, [], {"parent_id": {"fields": {"display_name": {}}}, "display_name": {}, "commercial_company_name":{}}))
        run("res.partner onchange manager", lambda: M("res.partner").onchange({"name":"x","managing_partner_id": self.bolt.id}, [], {"managing_partner_id": {"fields": {"display_name": {}}}, "management_path": {}, "member_count": {}, "subscription_contact_text": {}}))
        run("res.partner create company_name vat dup", lambda: M("res.partner").onchange({"name":"SecretBolt","email":"secretmail@bolt.test"}, [], {"same_vat_partner_id": {"fields": {"display_name": {}}}, "same_company_registry_partner_id": {}}))
        run("subscription with partner = contact foreign, onchange []", lambda: M("sale.subscription").onchange({"partner_id": self.bolt.id}, [], {"partner_id":{"fields": {"display_name": {}}}}))
        run("sub: other m2o", lambda: {n: f.comodel_name for n,f in env["sale.subscription"]._fields.items() if f.type=="many2one" and f.comodel_name in ("res.partner","res.users","account.move","sale.order", "res.partner.bank")})
        run("sub sale_order", after(lambda: acme["sale.subscription"].with_env(env).write({"sale_order_id": bolt["sale.order"].id}), (acme["sale.subscription"], "sale_order_id")))
        run("sub sale_order read", lambda: (acme["sale.subscription"].with_env(env).write({"sale_order_id": bolt["sale.order"].id}), acme["sale.subscription"].with_env(env).read(["sale_order_id"])))
        run("sub invoices", after(lambda: acme["sale.subscription"].with_env(env).write({"invoice_ids": [Command.link(bolt["account.move"].id)]}), (bolt["account.move"], "subscription_id")))
        run("sub crm_team/ user", lambda: (acme["sale.subscription"].with_env(env).write({"user_id": self.roles["south"].id}), acme["sale.subscription"].with_env(env).read(["user_id"])))
        run("user by m2o", lambda: [self.env.flush_all(), M("res.users").search_read([("login","=","south")])])
        run("debug access error", lambda: self.bolt.with_env(env(context=dict(env.context))).read(["name"]))
        run("message author", lambda: acme["sale.subscription"].with_env(env).message_post(body="x", author_id=self.bolt.id).read(["author_id","email_from"]))
        run("mail.message create author", lambda: M("mail.message").create({"model":"sale.subscription","res_id":acme["sale.subscription"].id,"body":"x","author_id":self.bolt.id}).read(["author_id","email_from"]))
        run("mail.message create partner_ids", lambda: M("mail.message").create({"model":"sale.subscription","res_id":acme["sale.subscription"].id,"body":"x","partner_ids":[Command.set(self.bolt.ids)]}).read(["partner_ids"]))
        run("message move", after(lambda: acme["mail.message"].with_env(env).write({"res_id": bolt["sale.subscription"].id}), (acme["mail.message"],"res_id")))
        run("message record_name", lambda: M("mail.message").onchange({"model":"res.partner","res_id":self.bolt.id}, [], {"record_name": {}}))
        run("message ref record_name2", lambda: M("mail.message").create({"model":"res.partner","res_id":self.bolt.id}).read(["record_name"]))
        run("activity create res_partner", lambda: M("mail.activity").create({"res_model_id": self.env["ir.model"]._get_id("res.partner"), "res_id": self.bolt.id}).read(["res_name"]))
        run("sched msg", lambda: M("mail.scheduled.message").onchange({"model":"res.partner","res_id":self.bolt.id,"partner_ids":[[6,0,self.bolt.ids]]}, [], {"partner_ids":{"fields":{"display_name":{}}}}))
        run("note: volumes", lambda: M("res.users.settings.volumes").create({"user_setting_id": env.user.res_users_settings_id.id, "partner_id": self.bolt.id}).read(["partner_id"]))
        run("snailmail", lambda: M("snailmail.letter").create({"model":"sale.subscription","res_id": acme["sale.subscription"].id,"partner_id": self.bolt.id, "company_id": 1}).read([]))
        run("channel", lambda: M("discuss.channel")._create_group(partners_to=[self.bolt.id]).read(["name","display_name"]))
        run("m2o names of res.partner writable", lambda: [(n, [k for k,f in env[n]._fields.items() if f.type=="many2one" and f.comodel_name=="res.partner" and f.store and not f.related]) for n in env.registry if env[n]._auto and env[n].has_access("create") and any(f.type=="many2one" and f.comodel_name=="res.partner" and f.store and not f.related for f in env[n]._fields.values())])
        run("self write user", lambda: self.roles["north"].with_env(env).write({"name":"x"}))
        run("self parent", lambda: self.roles["north"].with_env(env).write({"parent_id": self.bolt.id}))
        run("self partner_id", lambda: self.roles["north"].with_env(env).write({"partner_id": bolt["res.partner"].id}))
        run("self contact", lambda: self.roles["north"].partner_id.with_env(env).write({"parent_id": self.bolt.id}))
        run("contact of own company", lambda: M("res.partner").create({"name":"x", "parent_id": self.north.id}).management_path)
