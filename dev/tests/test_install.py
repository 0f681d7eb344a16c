"""Installed beside other apps, uninstalled, installed again, and upgraded from the
first version: databases of their own, with data in them."""

import os
import re
import subprocess

import pytest

from dev import postgres, testing, workspace
from dev.commands import DEPENDENCIES_HAVE_DEMO
from dev.process import run
from dev.project import ADDON, Project, find_root
from helpers import environment, long_run

pytestmark = [
    long_run,
    pytest.mark.skipif(
        not postgres.is_given(), reason="needs the server of `make test`"
    ),
]
APPS = "sale_management,stock,crm,website_sale,hr,project,mass_mailing,l10n_fr_account"
FIRST_VERSION = "d7ec87a97bbc5197539e67df2201d8273f6e51f3"
# What the schema of a database and its settings consist of.
SCHEMA = """
    SELECT 'column', table_name || '.' || column_name
      FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL SELECT 'constraint', conrelid::regclass || ' ' || conname
      FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT 'index', indexname FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT 'sequence', sequencename FROM pg_sequences
    UNION ALL SELECT 'function', proname
      FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT 'setting', key FROM ir_config_parameter
    UNION ALL SELECT 'model', model FROM ir_model
    UNION ALL SELECT 'field', model || '.' || name FROM ir_model_fields
    UNION ALL SELECT 'filter', name FROM ir_filters
    UNION ALL SELECT 'view', name FROM ir_ui_view
    UNION ALL SELECT 'rule', name FROM ir_rule
    UNION ALL SELECT 'user', login FROM res_users
    UNION ALL SELECT 'contact', name FROM res_partner WHERE NOT is_company
"""
# What people leave in a database beside the demo: each kind of record once, and what
# they keep for the addon's models.
MAKE_DATA = f"""
client = env["res.partner"].create({{"name": "New client", "is_company": True}})
env["subscription.member"].create({{"client_id": client.id, "name": "Ann"}})
demo_client = env.ref("{ADDON}.demo_client_vasseur")
env["subscription.member"].create({{"client_id": demo_client.id, "name": "Bob"}})
subscription = env.ref("{ADDON}.demo_subscription_vasseur").copy(
    {{"partner_id": client.id}}
)
subscription.action_start_subscription()
subscription.message_post(body="A word")
env["ir.filters"].create({{"name": "Mine", "model_id": "subscription.member"}})
env["ir.ui.view"].create({{
    "name": "Mine", "model": "subscription.member", "type": "list",
    "arch": "<list><field name='name'/></list>",
}})
env["ir.ui.view"].create({{
    "name": "Mine", "model": "subscription.member", "mode": "extension",
    "inherit_id": env.ref("{ADDON}.subscription_member_view_list").id,
    "arch": "<field name='name' position='after'><field name='id'/></field>",
}})
env.cr.commit()
"""
UNINSTALL = f"""
addon = env["ir.module.module"].search([("name", "=", "{ADDON}")])
addon.button_immediate_uninstall()
"""
# Rows of the first version that an upgrade keeps, with all their columns.
TABLES = (
    "res_partner",
    "res_users",
    "sale_order",
    "sale_subscription",
    "sale_subscription_template",
    "subscription_licence_account",
    "subscription_licence_move",
    "subscription_log",
    "subscription_member",
    "subscription_member_role",
    "subscription_module",
    "subscription_plan_line",
    "subscription_renewal",
    "subscription_renewal_line",
    "subscription_seat",
    "subscription_seat_pool",
    "subscription_team",
    "subscription_team_member_rel",
)
# Where today's demo has contacts, modules and plans that an upgrade adds.
GROWN = {
    *("res_partner", "subscription_module"),
    *("sale_subscription_template", "subscription_plan_line"),
}
# Columns that migrations rename, by table; what an upgrade may write.
RENAMED = {
    "sale_subscription": {"lead_partner_id": "top_partner_id"},
    "subscription_licence_move": {"peer_id": "counterpart_id"},
    "subscription_log": {
        "old_manager_id": "old_managing_partner_id",
        "new_manager_id": "new_managing_partner_id",
    },
}
WRITTEN = {
    *("write_date", "write_uid"),
    # It follows from the periods that are billed now; licences pay for the others.
    "recurring_next_date",
}
# A column that has a value for each company now: who is billed on account, before and
# after.
SPREAD = "licence_billing"
ON_ACCOUNT = f"SELECT id FROM res_partner WHERE {SPREAD} = 'on_account' ORDER BY id"
ON_ACCOUNT_OF_ALL = f"""
    SELECT partner.id FROM res_partner partner
     WHERE NOT EXISTS (SELECT FROM res_company company WHERE
           partner.{SPREAD}->>company.id::text IS DISTINCT FROM 'on_account')
     ORDER BY partner.id
"""
VALUES = {"subscription_log": {"manager": "managing_partner"}}
# Records of an earlier version that the data has no longer, and a rule that changed.
LEAVE_OLD_RECORDS = f"""
model = env.ref("base.model_res_partner")
group = env.ref("{ADDON}.group_standard")
for name, record, noupdate in (
    ("old_group", env["res.groups"].create({{"name": "Old group"}}), False),
    ("old_view", env["ir.ui.view"].create({{
        "name": "Old view", "model": "res.partner", "type": "list",
        "arch": "<list><field name='name'/></list>",
    }}), False),
    ("old_rule", env["ir.rule"].create({{
        "name": "Old rule", "model_id": model.id, "groups": group.ids,
    }}), True),
):
    env["ir.model.data"].create({{
        "module": "{ADDON}", "name": name, "model": record._name,
        "res_id": record.id, "noupdate": noupdate,
    }})
env.ref("{ADDON}.res_partner_rule_visible").domain_force = "[('id', '!=', 0)]"
env.cr.commit()
"""


@pytest.fixture(scope="module")
def work():
    """The checkout of this tool, set up."""
    with workspace.ready(Project(find_root())) as made:
        yield made


@pytest.fixture
def database(work, request):
    """A copy of the template, dropped at the end."""
    name = f"pms_{work.project.mark}_{request.node.name[:30]}_{os.getpid()}"
    with work.alone():
        work.copy(work.template(), name)
    yield name
    work.drop(name)


@pytest.fixture
def call(work, database):
    """Run Odoo on the database, and fail when it warns of anything."""

    def call(*args, script=""):
        options = {"log": database, **({"input": script} if script else {})}
        command = ["shell"] if script else []
        said = work.run_odoo(*command, "-d", database, *args, **options)
        assert problems(said) == [], said[-3000:]
        return said

    return call


def problems(log):
    """List the lines of a log that warn of something, and what follows them."""
    return re.findall(r"^.* (?:WARNING|ERROR|CRITICAL) .*$|^Traceback.*$", log, re.M)


def install(work, database, call, *args):
    """Install the addon with demo data."""
    work.query(database, *DEPENDENCIES_HAVE_DEMO)
    call("-i", ADDON, "--with-demo", "--stop-after-init", *args)
    loaded = "SELECT demo FROM ir_module_module WHERE name = %s"
    assert work.query(database, (loaded, [ADDON])) == [[True]]


def test_every_menu_opens_beside_other_apps(work, database, call):
    """And what those let every employee read stays closed to partners."""
    call("-i", f"{APPS},{ADDON}", "--stop-after-init")
    suite = testing.suites(work.project)[1]
    files = ("tests/access/test_apps.py", "tests/test_views.py")
    paths = [str(suite.base / file) for file in files]
    command = testing.pytest_command(
        work, testing.Selection(suite, paths, ()), database, "-q"
    )
    env = {**environment(), **work.environment}
    said = run(command, check=False, env=env, cwd=work.project.root)
    assert said.returncode == 0, said.stdout[-5000:]


def test_uninstalled_nothing_stays_and_it_can_be_installed_again(work, database, call):
    before = read_schema(work, database)
    install(work, database, call)
    call(script=MAKE_DATA)
    call(script=UNINSTALL)
    after = read_schema(work, database)
    assert after - before == {("contact", "Ann")}, "a client's member is its contact"
    assert before - after == set()
    left = "SELECT model, name FROM ir_model_data WHERE module = %s"
    assert work.query(database, (left, [ADDON])) == []
    install(work, database, call)


def read_schema(work, database):
    return {tuple(row) for row in work.query(database, SCHEMA)}


def test_upgrade_from_the_first_version_keeps_everything(
    work, database, call, tmp_path
):
    unpack_first_version(work, tmp_path / ADDON)
    folders = [*work.odoo.addons, workspace_oca(work), tmp_path]
    old = f"--addons-path={','.join(map(str, folders))}"
    install(work, database, call, old)
    before = {table: read_rows(work, database, table) for table in TABLES}
    on_account = work.query(database, ON_ACCOUNT)
    call(old, script=LEAVE_OLD_RECORDS)
    call("-u", ADDON, "--stop-after-init")
    for table, rows in before.items():
        assert rows, table
        found = read_rows(work, database, table, list(rows[0]))
        if table in GROWN:
            found = [row for row in found if row in rows]
        assert found == rows, table
    assert on_account
    assert work.query(database, ON_ACCOUNT_OF_ALL) == on_account
    verify_old_records_are_gone(work, database)


def workspace_oca(work):
    """Return the folder with what the addon builds on."""
    return workspace.venv.site_packages(work.project) / "odoo" / "addons"


def unpack_first_version(work, target):
    """Unpack the addon as it was, or skip the test where git has no history of it."""
    git = ["git", "-C", str(work.project.root)]
    known = [*git, "cat-file", "-e", f"{FIRST_VERSION}^{{commit}}"]
    if subprocess.run(known, capture_output=True, check=False).returncode:
        pytest.skip(f"no history: commit {FIRST_VERSION[:7]} is not in this checkout")
    target.mkdir(parents=True)
    archive = subprocess.run(
        [*git, "archive", FIRST_VERSION], capture_output=True, check=True
    )
    subprocess.run(["tar", "x", "-C", target], input=archive.stdout, check=True)


def read_rows(work, database, table, columns=None):
    """Return the rows of a table as dictionaries, by the names of today."""
    renamed = {} if columns else RENAMED.get(table, {})
    if not columns:
        sql = "SELECT column_name FROM information_schema.columns WHERE table_name = %s"
        found = {name for (name,) in work.query(database, (sql, [table]))}
        columns = found - WRITTEN - {SPREAD}
    listed = ", ".join(f'"{name}"::text' for name in sorted(columns))
    rows = work.query(database, f'SELECT {listed} FROM "{table}" ORDER BY {listed}')
    values = {} if not renamed else VALUES.get(table, {})
    names = [renamed.get(name, name) for name in sorted(columns)]
    found = [
        dict(zip(names, (values.get(value, value) for value in row), strict=True))
        for row in rows
    ]
    return sorted(found, key=lambda row: str(sorted(row.items())))


def verify_old_records_are_gone(work, database):
    old = (
        "SELECT name FROM ir_model_data WHERE module = %s AND starts_with(name, 'old_')"
    )
    assert work.query(database, (old, [ADDON])) == []
    sql = (
        "SELECT domain_force FROM ir_rule WHERE name IN ('Old rule', %s)"
        " ORDER BY domain_force"
    )
    name = "res.partner: the contacts of partners and accountants"
    assert work.query(database, (sql, [name])) == [["user._get_contact_domain()"]]
