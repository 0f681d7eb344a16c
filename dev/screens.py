"""What `make screenshots` takes: roles, forms, dialogs and pages, as data.

Menus are not listed: whatever menu a role has is taken, in each of its views. Pages of
the portal are found by their links. Listed is what no menu and no link leads to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

LANGUAGES = {"en": "en_US", "fr": "fr_FR"}
WIDTHS = (1400, 390)
# The menu below which everything is ours.
ROOT_MENU = "partner_managed_subscription.menu_root"

Domain = list[Any]


@dataclass(frozen=True)
class Role:
    """Who looks: the name of a folder, and a login of the demo."""

    name: str
    login: str
    is_portal: bool = False


ROLES = (
    Role("vendor", "vendor"),
    Role("partner", "nord"),
    Role("reseller", "littoral"),
    Role("accountant", "accountant"),
    Role("client", "client", is_portal=True),
    Role("member", "member", is_portal=True),
)


@dataclass(frozen=True)
class Form:
    """A record's form, taken by each role that finds the record; each tab of it too.

    ``calls`` are methods whose dialog is taken, ``actions`` windows that open for the
    record, ``clicks`` buttons that ask first: by name, and one that a role is not
    offered is left out.
    """

    name: str
    model: str
    domain: Domain
    action: str = ""
    order: str = "id"
    calls: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    clicks: tuple[str, ...] = ()
    has_tabs: bool = False


@dataclass(frozen=True)
class Blank:
    """The form of a record that is not there yet."""

    name: str
    model: str
    action: str


@dataclass(frozen=True)
class Submitted:
    """A page of the portal that answers a form, and changes nothing: a confirmation, or
    a refusal.

    ``path`` is a page that has been taken, as ``get_pattern`` writes it; ``fill`` says
    what to type or choose, by selector, and ``button`` what to press.
    """

    name: str
    path: str
    fill: tuple[tuple[str, str | bool], ...] = ()
    button: str = ""


def _of(client: str) -> Domain:
    return [("client_id.name", "ilike", client)]


def _subscription(name: str, client: str, **more: Any) -> Form:
    action = "sale_subscription_managed_action"
    return Form(
        f"subscription-{name}", "sale.subscription", _of(client), action, **more
    )


FORMS = (
    _subscription(
        "ending",
        "Vasseur",
        calls=(
            "action_renew",
            "action_add_users",
            "action_add_module",
            "action_remove_inactive",
            "action_snooze_notices",
            "action_coterminate",
            "action_change_billing",
            "action_close_subscription",
            "action_invite_administrator",
            "action_invite_accountant",
            "action_view_next_invoice",
            "action_view_seats",
            "action_view_members",
            "action_view_audit",
            "action_view_notices",
            "action_view_statements",
            "action_view_deliveries",
            "action_view_requests",
        ),
        has_tabs=True,
    ),
    _subscription("full", "Élan Forêt", calls=("action_open_pause_wizard",)),
    _subscription("paused", "Oyats"),
    _subscription("over", "Opaline"),
    _subscription("not-started", "Wibaut"),
    _subscription("ended", "Voilerie"),
    _subscription("ended-long-ago", "Remparts"),
    _subscription("renewed", "Camille", clicks=("action_cancel_renewal",)),
    _subscription("unlimited", "Coopérative"),
    _subscription("on-account", "Brise-Lames"),
    _subscription("ending-of-competitor", "Cévennes"),
    Form(
        "client",
        "res.partner",
        [("name", "=", "Boulangeries Vasseur & Fils")],
        "res_partner_client_action",
        calls=(
            "action_renew",
            "action_view_members",
            "action_view_audit",
            "action_view_seats",
            "action_view_removals",
            "action_view_deliveries",
            "action_view_requests",
        ),
        actions=("subscription_client_move_action",),
        has_tabs=True,
    ),
    Form(
        "partner",
        "res.partner",
        [("name", "=", "Nordelis Conseil")],
        "res_partner_managing_action",
        calls=("action_view_managed", "action_view_licences"),
        has_tabs=True,
    ),
    Form(
        "reseller",
        "res.partner",
        [("name", "=", "Littoral Services Numériques")],
        "res_partner_managing_action",
        has_tabs=True,
    ),
    Form(
        "member-administrator",
        "subscription.member",
        [("name", "=", "Sophie Vasseur")],
        "subscription_member_action",
        has_tabs=True,
    ),
    Form(
        "member",
        "subscription.member",
        [("name", "=", "Karim Benali")],
        "subscription_member_action",
        calls=("action_add_to_modules", "action_remove_access", "action_invite"),
        clicks=("action_archive",),
    ),
    Form(
        "member-left",
        "subscription.member",
        [("active", "=", False)],
        "subscription_member_action",
    ),
    Form(
        "team",
        "subscription.team",
        [("name", "=", "Fournil")],
        "subscription_team_action",
        has_tabs=True,
    ),
    Form(
        "pool",
        "subscription.seat.pool",
        [*_of("Vasseur"), ("is_base", "=", True)],
        calls=("action_add_users", "action_remove_access"),
    ),
    Form("seat", "subscription.seat", _of("Vasseur"), "subscription_seat_action"),
    Form(
        "invitation",
        "subscription.invitation",
        [("is_accountant", "=", False)],
        "subscription_invitation_member_action",
        order="id desc",
    ),
    Form("removal", "subscription.removal", [], "subscription_removal_action"),
    Form(
        "request-waiting",
        "subscription.request",
        [("state", "=", "waiting")],
        "subscription_request_action",
        calls=("action_refuse",),
    ),
    Form(
        "request-refused",
        "subscription.request",
        [("state", "=", "refused")],
        "subscription_request_action",
    ),
    Form(
        "stock",
        "subscription.licence.account",
        [],
        "subscription_licence_account_action",
        actions=("subscription_licence_transfer_action",),
    ),
    Form("renewal", "subscription.renewal", [], "subscription_renewal_action"),
    Form("notice", "subscription.notice", [], "subscription_notice_action"),
    Form(
        "statement",
        "subscription.statement",
        [*_of("Vasseur"), ("state", "=", "valid")],
        "subscription_statement_action",
        order="date_first desc, id",
        has_tabs=True,
    ),
    Form(
        "invoice",
        "account.move",
        [("move_type", "=", "out_invoice"), ("state", "=", "posted")],
        "account_move_document_action",
        order="invoice_date desc, id",
        calls=("action_view_statements", "action_view_deliveries"),
    ),
    Form(
        "delivery",
        "subscription.delivery",
        [],
        "subscription_delivery_action",
        order="id desc",
    ),
    Form(
        "delivery-bounced",
        "subscription.delivery",
        [("state", "=", "bounced")],
        "subscription_delivery_action",
    ),
    Form(
        "billing-problem",
        "subscription.billing.problem",
        [],
        "subscription_billing_problem_action",
    ),
    Form(
        "billing-run",
        "subscription.billing.run",
        [],
        "subscription_billing_run_action",
        order="id desc",
    ),
    Form(
        "plan",
        "sale.subscription.template",
        [("code", "=", "BUS")],
        "sale_subscription_template_action",
        has_tabs=True,
    ),
    Form(
        "module",
        "subscription.module",
        [("code", "=", "tbox")],
        "subscription_module_action",
    ),
    Form(
        "role",
        "subscription.member.role",
        [],
        "subscription_member_role_action",
    ),
)

BLANKS = (
    Blank("new-subscription", "sale.subscription", "sale_subscription_managed_action"),
    Blank("new-client-form", "res.partner", "res_partner_client_action"),
    Blank("new-partner-form", "res.partner", "res_partner_managing_action"),
    Blank("new-member", "subscription.member", "subscription_member_action"),
    Blank("new-team", "subscription.team", "subscription_team_action"),
    Blank(
        "new-plan", "sale.subscription.template", "sale_subscription_template_action"
    ),
    Blank("new-module", "subscription.module", "subscription_module_action"),
)

# The first page of the portal, where links lead on from, and what is followed.
PORTAL_START = "/my"
PORTAL_FOLLOWED = ("/my/subscription", "/my/access")
# Files and what ends the session: no pages.
PORTAL_LEFT_OUT = ("/export/", "/statements/", "/logout", "/live")

SUBMITTED = (
    Submitted(
        "members-add-checked",
        "/my/subscription/N/members/add",
        fill=(
            (
                "textarea[name=people]",
                "Nora Lefort <nora.lefort@vasseur.example>\n"
                "Karim Benali <karim.benali@vasseur.example>\nno address",
            ),
        ),
        button="form[action$='/preview'] [type=submit]",
    ),
    Submitted(
        "members-add-refused",
        "/my/subscription/N/members/add",
        button="form[action$='/preview'] [type=submit]",
    ),
    Submitted(
        "member-role",
        "/my/subscription/N/members/N",
        fill=(("select[name=role_id]", "*"),),
        button="form[action$='/role'] [type=submit]",
    ),
    Submitted(
        "member-remove",
        "/my/subscription/N/members/N",
        button="form[action$='/remove'] [type=submit]",
    ),
    Submitted(
        "members-inactive-refused",
        "/my/subscription/N/members/inactive",
        button="form[action$='/remove'] [type=submit]",
    ),
    Submitted(
        "members-inactive-checked",
        "/my/subscription/N/members/inactive",
        fill=(("input[name=member_ids]", True),),
        button="form[action$='/remove'] [type=submit]",
    ),
    Submitted(
        "module-add-checked",
        "/my/subscription/N/module/N/add",
        fill=(("input[name=member_id]", True),),
        button="form[method=post] [type=submit]",
    ),
    Submitted(
        "module-add-refused",
        "/my/subscription/N/module/N/add",
        button="form[method=post] [type=submit]",
    ),
    Submitted(
        "team-archive",
        "/my/subscription/N/teams/N",
        button="form[action$='/archive'] [type=submit]",
    ),
    Submitted(
        "accountant-refused",
        "/my/subscription/N/accountants",
        fill=(("#name", "Robin"), ("#email", "no address")),
        button="form[action$='/invite'] [type=submit]",
    ),
    Submitted(
        "mailbox-refused",
        "/my/subscription/N/billing",
        fill=(("#mailbox", "no address"),),
        button="form[action$='/mailbox'] [type=submit]",
    ),
)
