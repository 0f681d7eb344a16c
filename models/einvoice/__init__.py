from . import (
    account_edi_xml_einvoice,
    account_move_einvoice,
    account_move_send_einvoice,
    res_company_einvoice,
    res_partner_einvoice,
    sale_subscription_einvoice,
    subscription_billing_problem_einvoice,
    subscription_settings_mixin_einvoice,
)
