"""A vendor, its partners and their clients, and how tests build more of them."""

from contextlib import contextmanager

from odoo import Command
from odoo.tests import TransactionCase, new_test_user

ADDON = "partner_managed_subscription"


def create_company(env, name, **vals):
    """Create a company that can be a partner or a client."""
    return env["res.partner"].create({"name": name, "is_company": True, **vals})


def create_module(env, name):
    """Create a module of the vendor's software."""
    return env["subscription.module"].create({"name": name, "code": name.lower()})


def create_plan(env, name, limits, **vals):
    """Create a plan.

    :param dict limits: ``{module: seats}``, None where unlimited
    """
    lines = [
        Command.create(
            {
                "module_id": module.id,
                "seat_limit": limit or 0,
                "is_unlimited": limit is None,
                # Contracted seats are billed by their number.
                **({"is_billed": False} if limit is None else {}),
            }
        )
        for module, limit in limits.items()
    ]
    return env["sale.subscription.template"].create(
        {"name": name, "plan_line_ids": lines, **vals}
    )


def create_yearly_plan(env, name, limits, **vals):
    """Create a plan whose terms last a year."""
    yearly = {"recurring_rule_type": "years", "recurring_rule_boundary": "limited"}
    return create_plan(env, name, limits, **yearly, **vals)


def create_subscription(env, client, plan, *, running=True, **vals):
    """Create a subscription of ``client`` with the pools of ``plan``."""
    pricelist = env["product.pricelist"].search([], limit=1)
    subscription = env["sale.subscription"].create(
        {
            "partner_id": client.id,
            "template_id": plan.id,
            "pricelist_id": pricelist.id
            or pricelist.create({"name": "Public prices"}).id,
            **vals,
        }
    )
    if running:
        subscription.action_start_subscription()
    return subscription


def get_request(term, years=1, choice="same", *, from_today=False, numbers=None):
    """Return what renewing ``term`` that way asks of ``_schedule``."""
    return term._prepare_term_request(years, choice, numbers, from_today=from_today)


def renew(terms, user=None, **options):
    """Renew ``terms`` as ``user``, each as :func:`get_request` says.

    :return: their renewals
    """
    terms = terms.with_user(user) if user else terms
    requests = {term: get_request(term, **options) for term in terms}
    return terms.env["subscription.renewal"]._schedule(requests)[0]


def create_members(env, client, count, role=None, **vals):
    """Create ``count`` members of ``client``; they take base seats like any."""
    if role:
        vals["role_id"] = role.id
    return env["subscription.member"].create(
        [
            {"client_id": client.id, "name": f"{client.name} {number}", **vals}
            for number in range(1, count + 1)
        ]
    )


def create_merge(target, source):
    """Create the wizard that merges the contact ``source`` into ``target``."""
    return target.env["base.partner.merge.automatic.wizard"].create(
        {
            "partner_ids": [Command.set((target | source).ids)],
            "dst_partner_id": target.id,
            "state": "selection",
        }
    )


def make_accountant(env, user, *clients):
    """Make ``user`` an accountant of ``clients``, whose invitations it accepted."""
    role = env.ref(f"{ADDON}.role_accountant")
    members = env["subscription.member"].create(
        [
            {
                "client_id": client.id,
                "partner_id": user.partner_id.id,
                "role_id": role.id,
            }
            for client in clients
        ]
    )
    env["subscription.invitation"].create(
        [
            {
                "client_id": member.client_id.id,
                "company_id": env.company.id,
                "name": member.name,
                "email": f"{user.login}@users.test",
                "member_id": member.id,
                "invited_by_id": env.uid,
                "sent_at": "2026-01-01",
                "expires_at": "2026-01-31",
                "accepted_at": "2026-01-02",
                "accepted_by_id": user.id,
                "token_hash": f"accepted {member.id}",
            }
            for member in members
        ]
    )
    return members


class SubscriptionCase(TransactionCase):
    """The vendor sells through North and South; North has the reseller Reef.

    Acme is a client of North, Bolt of South, Coral of Reef, Dune of the vendor itself.
    Acme's subscription is running, with three users and two seats of Expenses.
    """

    # When terms begin unless told otherwise.
    TERM_START = "2026-01-01"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=True))
        cls.env["res.lang"]._activate_lang("en_US")
        # Whatever language the database was made in.
        cls.env["ir.default"].set("res.partner", "lang", "en_US")
        cls.env.ref("base.public_partner").lang = "en_US"
        # Whatever the country of the database, whose zone it would have.
        cls.env.company.term_tz = "UTC"
        cls.vendor = cls.env.company.partner_id
        cls.vendor.write(
            {"name": "Vendor", "email": "hello@vendor.test", "phone": "+1 555 0100"}
        )
        cls.north = cls._create_partner("North", phone="+44 20 7946 0001")
        cls.south = cls._create_partner("South")
        cls.reef = cls._create_partner("Reef", managing_partner_id=cls.north.id)
        cls.acme = cls._create_client("Acme", cls.north)
        cls.bolt = cls._create_client("Bolt", cls.south)
        cls.coral = cls._create_client("Coral", cls.reef)
        cls.dune = cls._create_client("Dune", cls.env["res.partner"])
        cls.base = cls.env.ref(f"{ADDON}.module_base")
        cls.expenses = create_module(cls.env, "Expenses")
        cls.time = create_module(cls.env, "Time")
        for role in ("administrator", "standard", "reports", "time", "accountant"):
            setattr(cls, f"role_{role}", cls.env.ref(f"{ADDON}.role_{role}"))
        cls.plan = create_plan(cls.env, "Plus", {cls.base: 3, cls.expenses: 2})
        cls.subscription = cls._create_subscription(cls.acme, cls.plan)
        cls.base_pool = cls._get_pool(cls.subscription, cls.base)
        cls.expenses_pool = cls._get_pool(cls.subscription, cls.expenses)

    @classmethod
    def _create_partner(cls, name, **vals):
        """Create a company that manages clients."""
        vals = {"email": f"{name.lower()}@partners.test", **vals}
        return create_company(cls.env, name, is_managing_partner=True, **vals)

    @classmethod
    def _create_client(cls, name, manager, **vals):
        return create_company(cls.env, name, managing_partner_id=manager.id, **vals)

    @classmethod
    def _create_contact(cls, name, company, **vals):
        return cls.env["res.partner"].create(
            {"name": name, "parent_id": company.id, **vals}
        )

    @classmethod
    def _create_subscription(cls, client, plan, **vals):
        return create_subscription(cls.env, client, plan, **vals)

    @classmethod
    def _create_term(cls, client, start=None, plan=None, **vals):
        """Create a running subscription of the plan ``yearly`` of the class."""
        vals = {"date_start": start or cls.TERM_START, **vals}
        return cls._create_subscription(client, plan or cls.yearly, **vals)

    @classmethod
    def _create_terms(cls, count, manager=None, **vals):
        """Create new clients of ``manager``, North by default, with a term each."""
        terms = cls.env["sale.subscription"]
        for number in range(1, count + 1):
            client = cls._create_client(f"Client {number:04}", manager or cls.north)
            terms |= cls._create_term(client, **vals)
        return terms

    @classmethod
    def _create_members(cls, client, count, role=None, **vals):
        return create_members(cls.env, client, count, role, **vals)

    @classmethod
    def _create_member(cls, name, client=None, role=None, **vals):
        """Create one member, of Acme unless told otherwise."""
        client = client or cls.acme
        return cls._create_members(client, 1, role, **{"name": name, **vals})

    @classmethod
    def _make_accountant(cls, user, *clients):
        """Make ``user`` an accountant of ``clients``, whose invitations it accepted."""
        return make_accountant(cls.env, user, *clients)

    @classmethod
    def _create_user(cls, login, group, company, **vals):
        """Create a user of ``company`` with one of the groups of this module."""
        groups = group if "." in group else f"{ADDON}.group_{group}"
        vals = {"email": f"{login}@users.test", "parent_id": company.id, **vals}
        vals.setdefault("lang", "en_US")
        return new_test_user(cls.env, login, groups, **vals)

    @classmethod
    def _create_user_of_each_role(cls):
        """Return ``{role: user}``: of the vendor, of North's staff, an accountant."""
        return {
            "admin": cls._create_user("vera", "admin", cls.vendor),
            "standard": cls._create_user("nora", "standard", cls.north),
            "accountant": cls._create_user("alma", "accountant", cls.dune),
        }

    @classmethod
    def _get_pool(cls, subscription, module):
        return subscription.seat_pool_ids.filtered(lambda p: p.module_id == module)

    def _grant(self, pool, members, **options):
        """Give seats the way every door does."""
        return self.env["subscription.seat.pool"]._grant({pool: members}, **options)

    @contextmanager
    def _undone(self):
        """Begin with nothing read, as a request does, and undo what is done inside."""
        self.env.flush_all()
        self.env.invalidate_all()
        with self.cr.savepoint(flush=False) as savepoint:
            try:
                yield
            finally:
                savepoint.rollback()
                self.env.transaction.clear()

    def _count_queries(self, call):
        """Return how many queries ``call`` needs, from an empty cache, with what is
        done before it is committed."""
        self.env.flush_all()
        self.env.cr.flush()
        self.env.invalidate_all()
        self.env.transaction.clear()
        before = self.cr.sql_log_count
        call()
        self.env.flush_all()
        self.env.cr.flush()
        return self.cr.sql_log_count - before

    def _merge(self, target, source):
        """Merge the contact ``source`` into ``target``."""
        create_merge(target, source).action_merge()
        self.env.flush_all()
        self.env.invalidate_all()

    def _get_seats(self, domain=()):
        """Return all seats, past ones included, in the order they were given."""
        self.env.flush_all()
        return self.env["subscription.seat"].search([*domain], order="id")

    def _get_seated(self, pool):
        """Return the members who hold a counted seat of ``pool``."""
        return self._get_seats(
            [
                ("pool_id", "=", pool.id),
                ("released_at", "=", False),
                ("takes_seat", "=", True),
            ]
        ).member_id
