from . import base, ir_attachment, ir_rule, mail_thread, res_partner_name, res_users
