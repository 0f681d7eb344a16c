# Odoo runs the members of this package whose names begin with `test_`, so each module
# is imported here by name.
from . import test_demo, test_layers, test_migration, test_views
from .access import (
    test_access,
    test_apps,
    test_bus,
    test_control,
    test_discuss,
    test_documents_out_of_reach,
    test_guard,
    test_guard_control,
    test_isolation,
    test_isolation_http,
    test_isolation_names,
    test_isolation_terms,
    test_links,
    test_multi_company,
    test_odd_values,
    test_shared,
    test_sweep,
    test_sweep_http,
    test_totals,
)
from .core import (
    test_changes,
    test_field_labels,
    test_import_unchanged,
    test_seen_tours,
    test_seen_values,
    test_seen_values_concurrency,
)
from .audit import test_audit, test_audit_readers, test_history
from .client import (
    test_administrators,
    test_archive,
    test_copy,
    test_defaults,
    test_employer,
    test_hierarchy,
    test_inactive,
    test_managing_partner,
    test_member,
    test_member_address,
    test_member_lines,
    test_member_lines_random,
    test_member_same_address,
    test_paths,
    test_person,
    test_settings,
    test_sign_in,
    test_team,
)
from .invitation import (
    test_expiry,
    test_invitation_page,
    test_invitation_tours,
    test_invite,
)
from .accountant import (
    test_acceptance,
    test_accountant_says_nothing,
    test_accountant_screens,
    test_invitation,
    test_invitation_concurrency,
    test_portal_accountant,
    test_staff_accountant,
)
from .plan import test_plan, test_plan_screen, test_plan_unchanged, test_pricelist
from .plan import test_module_sum
from .plan import (
    test_module_sum,
    test_plan,
    test_plan_screen,
    test_plan_unchanged,
    test_pricelist,
)
from .term import (
    test_company_day,
    test_far_dates,
    test_plan_duration,
    test_term,
    test_term_dates,
    test_term_state,
    test_term_tours,
    test_term_views,
)
from .seat import (
    test_add_members,
    test_add_members_concurrency,
    test_clicks,
    test_clock,
    test_concurrency,
    test_grant_plan,
    test_http_workers,
    test_left,
    test_lock_order,
    test_member_team_text,
    test_pool_state,
    test_property,
    test_query_count,
    test_refusal,
    test_removal,
    test_removal_offer,
    test_restore,
    test_seat_doors,
    test_seat_insert,
    test_team_concurrency,
    test_team_doors,
    test_team_module,
    test_team_property,
    test_tours,
    test_usage_date,
)
from .licence import (
    test_licence,
    test_licence_accept,
    test_licence_access,
    test_licence_companies,
    test_licence_concurrency,
    test_licence_count,
    test_licence_dates,
    test_licence_property,
    test_licence_raise,
    test_licence_rights,
    test_licence_sale,
    test_licence_transfer,
    test_taking,
)
from .renewal import (
    test_new_client,
    test_new_client_concurrency,
    test_new_client_tours,
    test_renew_terms,
    test_renew_tours,
    test_renew_wizard,
    test_renewal,
    test_renewal_concurrency,
    test_renewal_job,
    test_self_renewal,
    test_subscription_form,
)
from .live import (
    test_live,
    test_live_browser,
    test_live_end,
    test_live_request,
    test_live_scope,
    test_live_two_browsers,
)
from .notice import (
    test_alert,
    test_alert_choice,
    test_alert_concurrency,
    test_alert_digest,
    test_notice,
    test_notice_access,
    test_notice_concurrency,
    test_notice_days,
    test_notice_failure,
    test_notice_legal,
    test_notice_letter,
    test_notice_merge,
    test_notice_snooze,
)
from .billing import (
    test_billing_concurrency,
    test_billing_property,
    test_billing_property_counted,
    test_billing_screens,
    test_cases,
    test_close,
    test_coterminate,
    test_counting,
    test_counting_moments,
    test_customer_ranks,
    test_document_mentions,
    test_engine,
    test_export,
    test_member_effect,
    test_move_batch,
    test_move_number,
    test_next_invoice,
    test_one_of_hundred,
    test_presence,
    test_presence_concurrency,
    test_presence_property,
    test_queue,
    test_reconciliation,
    test_renew_price,
    test_scenarios,
    test_zone,
)
from .einvoice import (
    test_einvoice,
    test_einvoice_import,
    test_einvoice_missing,
    test_einvoice_pdf,
    test_proof,
    test_proof_finds,
    test_proof_random,
    test_xml,
)
from .delivery import (
    test_delivery,
    test_delivery_concurrency,
    test_delivery_failure,
    test_mailbox,
    test_portal_mailbox,
)
from .portal import (
    test_portal_flow_tours,
    test_portal_history,
    test_portal_home,
    test_portal_invoice,
    test_portal_module,
    test_portal_page_tours,
    test_portal_reader,
)
from .request import (
    test_request,
    test_request_concurrency,
    test_request_rights,
    test_request_tours,
)
from .portal import test_portal_access, test_portal_request
from .revenue import (
    test_revenue,
    test_revenue_dashboard,
    test_revenue_licences,
    test_revenue_property,
)
from .report import (
    test_document_http,
    test_invoice_document,
    test_paper,
    test_partner_summary,
    test_printing,
    test_printing_http,
    test_renewal_offer,
    test_statement_document,
)
from .portal import (
    test_portal_inactive,
    test_portal_member,
    test_portal_member_add,
    test_portal_team,
)
from .portal import (
    test_portal_alert,
    test_portal_live,
    test_portal_removal,
    test_portal_team_module,
)
from .portal import test_portal_removal, test_portal_team_module
from .dashboard import test_dashboard, test_dashboard_export, test_dashboard_tours
from .portal import test_portal_alert
from .portal import test_portal_alert, test_portal_removal, test_portal_team_module
from .dashboard import test_dashboard, test_dashboard_export, test_dashboard_tours
