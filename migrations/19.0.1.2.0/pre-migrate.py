"""How licences are billed is a setting of each company, and members of a client have
different e-mail addresses: keep what there is.

Record rules are part of the code: this and every later upgrade brings them up to date,
and removes those that are gone. Until now they were left as first installed."""

import json

from odoo.tools import SQL, email_normalize
from odoo.tools.sql import column_exists, create_column, table_columns

PARTNER, BILLING = "res_partner", "licence_billing"
MEMBER = "subscription_member"
INVITATION = "subscription_invitation"
PLAN = "sale_subscription_template"
MODULE = "partner_managed_subscription"


def migrate(cr, version):
    if not version:
        return
    _spread_billing(cr)
    _mark_duplicates(cr)
    _say_who_pays(cr)
    _mark_accountants(cr)
    _update_rules(cr)


def _spread_billing(cr):
    """Give each company what was chosen for all."""
    column = table_columns(cr, PARTNER).get(BILLING)
    if not column or column["udt_name"] == "jsonb":
        return
    cr.execute("SELECT id FROM res_company")
    on_account = {str(company_id): "on_account" for (company_id,) in cr.fetchall()}
    # *Prepaid* is what holds where nothing is chosen, so it needs no value.
    cr.execute(
        SQL(
            "ALTER TABLE %(table)s ALTER COLUMN %(column)s TYPE jsonb"
            " USING CASE %(column)s WHEN 'on_account' THEN %(value)s::jsonb END",
            table=SQL.identifier(PARTNER),
            column=SQL.identifier(BILLING),
            value=json.dumps(on_account),
        )
    )


def _say_who_pays(cr):
    """Plans that take licences are paid by them. What was billed until now goes on: the
    lines that were entered by hand. Seats are included until somebody bills them, so
    that nobody pays twice."""
    if column_exists(cr, PLAN, "paid_by"):
        return
    create_column(cr, PLAN, "paid_by", "varchar")
    cr.execute(
        "UPDATE sale_subscription_template SET paid_by = CASE"
        " WHEN recurring_rule_boundary = 'limited' THEN 'licences' ELSE 'period' END"
    )
    for table in ("subscription_plan_line", "subscription_seat_pool"):
        create_column(cr, table, "is_billed", "boolean")


def _mark_duplicates(cr):
    """Mark who has the address of another member already: nobody new may, and these
    are listed to be merged."""
    if column_exists(cr, MEMBER, "email_normalized"):
        return
    create_column(cr, MEMBER, "email_normalized", "varchar")
    create_column(cr, MEMBER, "is_duplicate", "boolean")
    cr.execute("SELECT id, client_id, email FROM subscription_member ORDER BY id")
    rows, seen = [], set()
    for member_id, client_id, email in cr.fetchall():
        if address := email_normalize(email or ""):
            rows.append((member_id, address, (client_id, address) in seen))
            seen.add((client_id, address))
    if rows:
        cr.execute(
            SQL(
                "UPDATE subscription_member member SET email_normalized = address,"
                " is_duplicate = is_second"
                " FROM unnest(%s::int[], %s::varchar[], %s::boolean[])"
                " AS known (id, address, is_second) WHERE member.id = known.id",
                *(list(column) for column in zip(*rows, strict=True)),
            )
        )


def _mark_accountants(cr):
    """Accountants alone were invited until now, whatever their role has become, and
    their contacts were made for it."""
    if column_exists(cr, INVITATION, "is_accountant"):
        return
    for column in ("is_accountant", "is_contact_new"):
        create_column(cr, INVITATION, column, "boolean")
    cr.execute(
        "UPDATE subscription_invitation SET is_accountant = true, is_contact_new = true"
    )


def _update_rules(cr):
    """Let upgrades write the record rules."""
    cr.execute(
        SQL(
            "UPDATE ir_model_data SET noupdate = false"
            " WHERE module = %s AND model = 'ir.rule'",
            MODULE,
        )
    )
