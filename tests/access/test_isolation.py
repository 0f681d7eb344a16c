import json

from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from ..common.access import ACCOUNT, MEMBER, MOVE, MUTED, RECORDS, RENEWAL, SUBSCRIPTION
from ..common.doors import BY_ID, BY_NAME, METHODS, ODOOS_OWN, REFERENCE_DOORS
from ..common.isolation import FOREIGN, PARTNER, TRICKS, Attempt, IsolationCase
from ..common.rpc import create_key
from ..common.subscription import ADDON
from .test_access import get_table

USER = "res.users"
# Models of which partners see the records of their own clients only.
CLIENT_MODELS = [
    model
    for model, cells in get_table().items()
    if cells["north"][0] and not cells["north"][1]
]
# Questions whose answers would tell something of others, whose records are hidden.
ORACLES = (
    (PARTNER, "managing_partner_id.email"),
    (PARTNER, "managing_partner_id"),
    (PARTNER, "managed_partner_ids.name"),
    (PARTNER, "membership_ids.client_id.name"),
    (MEMBER, "partner_id.membership_ids.client_id.name"),
    ("subscription.member.role", "member_ids.name"),
    ("product.template", "seller_ids.partner_id.name"),
    ("res.company", "partner_id.managed_partner_ids.name"),
    (PARTNER, "managing_partner_id.licence_account_ids.display_name"),
    (PARTNER, "licence_account_ids.managing_partner_id.email"),
    (ACCOUNT, "managing_partner_id.managed_partner_ids.name"),
    (MOVE, "counterpart_id.managed_partner_ids.name"),
    (MOVE, "counterpart_id.licence_account_ids.display_name"),
    (SUBSCRIPTION, "top_partner_id.managed_partner_ids.name"),
    (SUBSCRIPTION, "renewal_ids.move_ids.account_id.partner_id.name"),
    (RENEWAL, "user_id.partner_id.parent_id.name"),
)
# Where Odoo lets anybody search by the ids of records that they may not see.
BLIND = {"res.company", "res.groups", "product.template", "product.product"}
# What our public methods are called with, beside the records of others. Those that any
# record has are doors of their own, see above.
EVERYWHERE = {
    *("create", "write", "unlink", "default_get", "onchange", "message_subscribe"),
    *("copy_data", "export_data", "fields_get", "get_bindings"),
}
# Tried in `test_links.py`, with records of its own; the last two are about no client.
ELSEWHERE = {
    ("account.journal", "action_share"),
    ("account.move", "action_share"),
    ("portal.share", "action_send_mail"),
    ("sale.order", "action_share"),
    ("ir.actions.report", "get_wkhtmltopdf_state"),
    ("subscription.module", "action_create_licence_product"),
}
# Fields that hold secrets. Nobody reads them, asks for them or exports them.
SECRETS = (
    ("subscription.invitation", "token_hash"),
    ("res.users", "password"),
    ("res.users", "totp_secret"),
    ("res.users.apikeys", "key"),
    (PARTNER, "signup_type"),
)
RESTRICTED = ("north", "south", "reef", "accountant")
# Tokens of links: the vendor's users give these away, and Odoo lets them.
TOKENS = (
    ("account.move", "access_token"),
    ("sale.order", "access_token"),
    ("ir.attachment", "access_token"),
)


def get_public_methods(env):
    """Return the model and name of every method of ours that anybody can call."""
    return {
        (model, name)
        for model, model_class in env.registry.items()
        for parent in model_class.__mro__
        if parent.__module__.startswith(f"odoo.addons.{ADDON}.")
        for name, method in vars(parent).items()
        if not name.startswith("_")
        and callable(method)
        and not getattr(method, "_api_private", False)
        and not env[model]._abstract
        and name not in EVERYWHERE
        and (model, name) not in ELSEWHERE
    }


@tagged("post_install", "-at_install")
class TestIsolation(IsolationCase):
    """South has a reseller as well, Cove, with licences."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cove = cls._create_partner("Cove", managing_partner_id=cls.south.id)
        cls.env[ACCOUNT]._give(
            cove, {cls.expenses: 3}, cls.env.company, from_vendor=True
        )
        cls.env.flush_all()

    @mute_logger(*MUTED)
    def test_reading(self):
        for model in CLIENT_MODELS:
            for role in ("north", "reef", "accountant", "client"):
                with self._as(role) as env:
                    t = Attempt(self, role, env(context=TRICKS))
                    for number, door in enumerate(BY_ID + BY_NAME):
                        with self.subTest(model=model, role=role, door=number):
                            self._check_closed(t, door, model)

    def _check_closed(self, t, door, model):
        self.env.invalidate_all()
        try:
            answer = door(t, model)
        except (AccessError, UserError) as error:
            self._check_tells_nothing(t.words, str(error))
            return
        self._check_tells_nothing(t.words, json.dumps(answer, default=str))
        if door in BY_ID:
            self.assertFalse(any(answer) if isinstance(answer, list) else answer)

    @mute_logger(*MUTED)
    def test_references(self):
        """Nobody points to, takes, moves or names what is somebody else's."""
        for label, door in REFERENCE_DOORS.items():
            for role in FOREIGN:
                if (label, role) in ODOOS_OWN:
                    continue
                with self.subTest(door=label, role=role):
                    answer = self._try(role, door)
                    self._check_tells_nothing(FOREIGN[role][2], answer)
                    self.assertNotEqual(answer, "true")

    @mute_logger(*MUTED)
    def test_oracles(self):
        """No question about what is hidden has an answer."""
        for model, path in ORACLES:
            for role in ("north", "reef", "accountant"):
                question = Domain.OR(
                    [(path, "ilike", word)] for word in FOREIGN[role][2]
                )
                with self._as(role) as env, self.subTest(model=model, path=path):
                    try:
                        self.assertFalse(env[model].search_count(question))
                    except AccessError:
                        continue  # the question itself is refused

    def test_oracles_would_tell(self):
        """Each of these questions has an answer, for who may know it."""
        # Nobody but a partner manages clients, unless the vendor is one as well.
        self.vendor.is_managing_partner = True
        self.dune.managing_partner_id = self.vendor
        for model, path in ORACLES:
            with self.subTest(model=model, path=path):
                words = {word for role in FOREIGN.values() for word in role[2]}
                question = Domain.OR([(path, "ilike", word)] for word in words)
                self.assertTrue(self.env[model].search_count(question), path)

    @mute_logger(*MUTED)
    def test_relations(self):
        """No record of any model can be found by the records of others it points to."""
        for role in ("north", "accountant"):
            with self._as(role) as env:
                foreign = self.own[FOREIGN[role][1]]
                relations = self._get_relations(env)
                known = 0
                for model, field in relations:
                    with self.subTest(role=role, model=model, field=field.name):
                        domain = [(field.name, "in", foreign[field.comodel_name].ids)]
                        found = env[model].with_context(**TRICKS).search(domain)
                        self.assertFalse(found)
                    known += bool(self.env[model].search_count(domain))
                # Many of them are there, for who may see them.
                self.assertGreater(known, 20)

    def _get_relations(self, env):
        """Return the readable fields that point to records of clients."""
        return [
            (model, field)
            for model in env.registry
            if not env[model]._abstract
            and env[model].has_access("read")
            and model not in BLIND
            for field in env[model]._fields.values()
            if field.type in ("many2one", "one2many", "many2many")
            and field.store
            and field.comodel_name in CLIENT_MODELS
            and env[model]._has_field_access(field, "read")
        ]

    def test_every_public_method_has_a_line(self):
        """A new method that anybody can call needs arguments to be tried with."""
        self.assertEqual(get_public_methods(self.env), set(METHODS))

    @mute_logger(*MUTED)
    def test_public_methods(self):
        """What anybody can call does nothing to the records of others."""
        for (model, method), arguments in METHODS.items():
            for role in FOREIGN:
                # pylint: disable-next=dangerous-default-value
                def call(t, model=model, method=method, arguments=arguments):
                    kwargs = arguments(t) if callable(arguments) else arguments
                    records = t.theirs(model)
                    if hasattr(getattr(records, method), "_api_model"):
                        records = t[model]
                    return getattr(records, method)(**kwargs)

                with self.subTest(model=model, method=method, role=role):
                    answer = self._try(role, call)
                    self._check_tells_nothing(FOREIGN[role][2], answer)

    @mute_logger(*MUTED)
    def test_secrets(self):
        """Nobody reads a secret, asks whether it starts with an a, or exports it."""
        self._create_secrets()
        for model, name in SECRETS + TOKENS:
            records = self._get_keepers(model, name)
            self.assertTrue(records, f"{model} has no {name}")
            is_token = (model, name) in TOKENS
            for role in RESTRICTED if is_token else self.roles:
                with self.subTest(model=model, field=name, role=role):
                    self._check_secret(records.with_user(self.roles[role]), name)

    def _create_secrets(self):
        """Leave a secret of each kind."""
        create_key(self.roles["north"])
        self.roles["north"].sudo().totp_secret = "JBSWY3DPEHPK3PXP"
        self.acme.signup_prepare()
        for model in ("account.move", "sale.order"):
            for own in self.own.values():
                own[model]._portal_ensure_token()
        for own in self.own.values():
            own["ir.attachment"].generate_access_token()
        self.env.flush_all()

    def _get_keepers(self, model, name):
        """Return records of which the database keeps the secret ``name``."""
        query = SQL(
            "SELECT id FROM %s WHERE %s IS NOT NULL LIMIT 5",
            SQL.identifier(self.env[model]._table),
            SQL.identifier(name),
        )
        rows = self.env.execute_query(query)
        return self.env[model].browse(row[0] for row in rows)

    def _check_secret(self, records, name):
        errors = [AccessError, UserError]
        field = records._fields.get(name)
        if not field or not field._description_searchable:
            errors.append(ValueError)  # Odoo knows no such field, or no column of it
        for ask in (
            lambda: any(values[name] for values in records.read([name])),
            lambda: records.search([(name, "!=", False)]),
            lambda: records.search([], order=name),
            lambda: records._read_group([(name, "!=", False)], [name]),
            lambda: any(map(any, records.export_data([name])["datas"])),
        ):
            try:
                answer = ask()
            except tuple(errors):
                continue
            self.assertFalse(answer)

    def test_others_keep_what_they_had(self):
        """The rules of this module are none of the business of anybody else."""
        rules = self.env["ir.rule"].search([]).filtered(self._is_ours)
        self.assertTrue(rules)
        for role in ("intern", "sales", "billing", "public"):
            before = self._count_visible(role)
            self.assertTrue(any(map(sum, before.values())) or role == "public", role)
            with self.subTest(role=role), self._undone():
                rules.active = False
                self.env.flush_all()
                self.assertEqual(self._count_visible(role), before)

    def _is_ours(self, record):
        return record.get_external_id()[record.id].startswith(f"{ADDON}.")

    def _count_visible(self, role):
        """Return how many records of each model ``role`` may read and write."""
        counts = {}
        for model in RECORDS:
            records = self.env[model].with_user(self.roles[role])
            if records.has_access("read"):
                found = records.with_context(active_test=False).search([])
                counts[model] = len(found), len(found._filtered_access("write"))
        return counts

    @mute_logger(*MUTED)
    def test_every_rule_is_needed(self):
        """Without its rule, each model shows what is somebody else's."""
        rules = self.env["ir.rule"].search([]).filtered(self._is_ours)
        # What holds for all models that have no rule would hide some of it as well.
        rule_class = self.env.registry["ir.rule"]
        self.patch(rule_class, "_get_shared_domain", lambda *args: Domain.TRUE)
        self.patch(self.env.registry["base"], "_is_row_of_document", lambda self: False)
        untested = []
        for rule in rules:
            xmlid = rule.get_external_id()[rule.id]
            model = rule.model_id.model
            # The rule of contacts restricts users as well, who are contacts. Those of
            # authors are in test_isolation_names.
            if xmlid.endswith(("_company", "_author")) or model not in {
                *CLIENT_MODELS
            } - {USER}:
                continue
            with self.subTest(rule=xmlid), self._as("north") as env:
                t = Attempt(self, "north", env)
                mode = "read" if rule.perm_read else "write"
                # Lines of notices are restricted twice.
                same = rules.filtered(
                    lambda other, rule=rule, mode=mode: (
                        other.model_id == rule.model_id
                        and other[f"perm_{mode}"]
                        and "company" not in other.name
                    )
                )
                same.sudo().active = False
                self.env.invalidate_all()
                if t[model].has_access(mode):
                    self.assertTrue(t.theirs(model)._filtered_access(mode))
                else:
                    untested.append(xmlid)
        # Nobody has the right to write invitations, whoever's they are.
        self.assertEqual(untested, [f"{ADDON}.subscription_invitation_rule_managed"])
