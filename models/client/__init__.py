# Models first, then their parts.
from . import subscription_member, subscription_member_role, subscription_team
from . import (
    portal_mixin_client,
    res_partner,
    res_partner_link,
    res_partner_manager,
    res_partner_acting,
    res_partner_address,
    res_partner_archive,
    res_partner_employer,
    res_partner_member,
    res_partner_place,
    res_users_member,
    subscription_audit_client,
    subscription_member_administrator,
    subscription_member_audit,
    subscription_member_contact,
    subscription_member_inactive,
    subscription_member_merge,
    subscription_member_address,
    subscription_member_team,
    subscription_team_manage,
)
