from . import (
    base,
    base_names,
    base_references,
    ir_attachment,
    ir_default,
    ir_rule,
    mail_thread,
    res_partner_name,
    res_users,
)
