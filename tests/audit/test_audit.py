from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import SQL, mute_logger

from ..common.rpc import RpcCase
from ..common.subscription import (
    SubscriptionCase,
    create_plan,
    create_yearly_plan,
    renew,
)

LOG = "subscription.log"
AUDIT = "subscription.audit"


class AuditCase(SubscriptionCase):
    """North's user *staff* looks after Acme, South's user *rival* does not; *boss* has
    every right at the vendor."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.staff = cls._create_user("staff", "standard", cls.north)
        cls.rival = cls._create_user("rival", "standard", cls.south)
        cls.boss = cls._create_user("boss", "admin", cls.vendor)
        cls.boss.group_ids |= cls.env.ref("base.group_system")
        cls.boss.group_ids |= cls.env.ref("base.group_partner_manager")
        cls.ana = cls._create_member("Ana", role=cls.role_administrator)
        cls.ben = cls._create_member("Ben")
        cls.env.flush_all()

    def setUp(self):
        super().setUp()
        self.known = self._get_trail()

    def _get_trail(self, user=None):
        """Return the whole audit trail that ``user`` sees."""
        audit = self.env[AUDIT]
        return (audit.with_user(user) if user else audit).search([])

    def _get_news(self):
        """Return ``[(event, member, details)]`` since the test began, oldest first."""
        news = self._get_trail() - self.known
        return [
            (entry.event, entry.member_name, entry.details or "")
            for entry in reversed(news)
        ]

    def assertNews(self, *expected):
        self.assertEqual(sorted(self._get_news()), sorted(expected))


@tagged("post_install", "-at_install")
class TestAuditTrail(AuditCase):
    def test_seats_tell_who_gave_and_who_freed_them(self):
        seats = (
            self.env["subscription.seat"]
            .with_user(self.staff)
            .create({"pool_id": self.expenses_pool.id, "member_id": self.ben.id})
        )
        seats.with_user(self.boss).action_release()
        given, freed = (self._get_trail() - self.known).sorted("id")
        self.assertEqual(
            (given.event, given.user_id, given.author),
            ("seat_given", self.staff, self.staff.name),
        )
        self.assertEqual(
            (freed.event, freed.user_id, freed.details),
            ("seat_freed", self.boss, "Access removed"),
        )
        self.assertEqual(
            (given.date, freed.date), (seats.granted_at, seats.released_at)
        )
        for entry in given | freed:
            self.assertEqual(entry.member_id, self.ben)
            self.assertEqual(entry.client_id, self.acme)
            self.assertEqual(entry.subscription_id, self.subscription)
            self.assertEqual(entry.managing_partner_id, self.north)
            self.assertEqual(entry.module_id, self.expenses)

    def test_a_seat_that_does_not_count_says_so(self):
        self._create_member("Rita", role=self.role_reports)
        self.assertNews(
            ("added", "Rita", "Reports only"),
            ("seat_given", "Rita", "Does not count against the limit"),
        )

    def test_limits(self):
        pool = self.expenses_pool
        steps = [
            (lambda: pool.write({"seat_limit": 5}), "2 → 5"),
            (lambda: pool.write({"seat_limit": 5}), None),
            (lambda: pool.write({"is_unlimited": True}), "5 → Unlimited"),
            (lambda: pool._apply_term_limits({pool: 1}), "Unlimited → 1"),
            (
                lambda: self.subscription.write(
                    {"seat_pool_ids": [Command.update(pool.id, {"seat_limit": 4})]}
                ),
                "1 → 4",
            ),
        ]
        for change, details in steps:
            with self.subTest(details=details):
                known = self._get_trail()
                change()
                news = self._get_trail() - known
                self.assertEqual(news.mapped("details"), [details] if details else [])
                self.assertLessEqual(news.module_id, self.expenses)
                self.assertLessEqual(news.subscription_id, self.subscription)

    def test_a_module_added_and_dropped_by_hand(self):
        pool = self.env["subscription.seat.pool"].create(
            {
                "subscription_id": self.subscription.id,
                "module_id": self.time.id,
                "seat_limit": 7,
            }
        )
        self.assertNews(("limit", False, "0 → 7"))
        pool.unlink()
        self.assertNews(("limit", False, "0 → 7"), ("limit", False, "7 → 0"))
        self.assertEqual((self._get_trail() - self.known).module_id, self.time)

    def test_a_change_of_plan_with_the_limits_it_changes(self):
        plan = create_plan(self.env, "Large", {self.base: 9, self.expenses: 2})
        self.subscription.template_id = plan
        self.assertNews(
            ("plan", False, f"{self.plan.display_name} → {plan.display_name}"),
            ("limit", False, "3 → 9"),
        )

    @freeze_time("2026-03-15")
    def test_terms_and_renewals(self):
        plan = create_yearly_plan(self.env, "Yearly", {self.base: 3})
        term = self._create_subscription(self.acme, plan, date_start="2026-01-01")
        self.known = self._get_trail()
        renew(term, self.staff, years=2).action_cancel()
        renew(term, self.staff, years=2).sudo()._apply()
        term.date = "2028-06-30"
        news = (self._get_trail() - self.known).with_context(lang="en_US")
        dates = "12/31/2026 → 12/31/2028"
        self.assertEqual(
            [(entry.event, entry.details) for entry in news.sorted("id")],
            [
                ("renewed", dates),
                ("renewal_cancelled", dates),
                ("renewed", dates),
                ("term", dates),
                ("term_dates", "12/31/2028 → 06/30/2028"),
            ],
        )
        self.assertEqual(news.subscription_id, term)
        self.assertEqual(news[-1].author, self.staff.name)
        self.assertFalse(self._get_trail(self.rival) & news)
        self.assertLessEqual(news, self._get_trail(self.staff))

    def test_a_member_comes_changes_leaves_and_returns(self):
        member = self._create_member("Cleo")
        member.role_id = self.role_reports
        member.action_archive()
        member.action_unarchive()
        member.partner_id.active = False
        member.unlink()
        news = [line for line in self._get_news() if "seat" not in line[0]]
        self.assertEqual(
            news,
            [
                ("added", "Cleo", "Standard"),
                ("role", "Cleo", "Standard → Reports only"),
                ("archived", "Cleo", "Has left"),
                ("restored", "Cleo", ""),
                ("archived", "Cleo", "Contact archived or deleted"),
                ("deleted", "Cleo", ""),
            ],
        )

    def test_each_reads_it_in_its_own_language(self):
        """The log keeps codes and values: whoever reads it gets words."""
        self.env["res.lang"]._activate_lang("fr_FR")
        french = self.env["subscription.log"].with_context(lang="fr_FR").env
        member = self._create_member("Cleo")
        pool = self.expenses_pool.with_env(french)
        member.with_env(french).role_id = self.role_reports.id
        member.with_env(french).active = False
        pool.is_unlimited = True
        self.acme.with_env(french).managing_partner_id = False
        news = (self._get_trail() - self.known).sorted("id")
        for lang, words in (
            ("en_US", {"Has left", "Standard → Reports only", "2 → Unlimited"}),
            ("fr_FR", {"2 → Illimité"}),
        ):
            details = set(news.with_context(lang=lang).mapped("details"))
            self.assertLessEqual(words, details)
        nobody = news.filtered(lambda entry: entry.event == "managing_partner")
        self.assertEqual(nobody.details, "North → Nobody")

    def test_words_of_earlier_versions_stay(self):
        entries = self.env["subscription.log"]._log_entries(
            [
                {
                    "event": event,
                    "client_id": self.acme.id,
                    "old_value": old,
                    "new_value": new,
                }
                for event, old, new in (
                    ("archived", False, "Membre archivé"),
                    ("role_edited", "Reports only: takes no seat", "takes a seat"),
                )
            ]
        )
        audit = self.env["subscription.audit"]
        read = audit.browse(4 * entry.id + 2 for entry in entries)
        self.assertEqual(
            read.mapped("details"),
            ["Membre archivé", "Reports only: takes no seat → takes a seat"],
        )

    def test_what_changes_nothing_leaves_no_entry(self):
        self.ben.write({"role_id": self.ben.role_id.id, "active": True})
        self.acme.managing_partner_id = self.north
        self.role_reports.write({"takes_seat": False, "description": "Reads."})
        self.subscription.template_id = self.plan
        self.assertNews()

    def test_a_member_moves_to_another_company(self):
        member = self._create_member("Finn", self.bolt)
        member.client_id = self.coral
        news = (self._get_trail() - self.known).sorted("id")
        self.assertEqual(
            [(entry.event, entry.client_id) for entry in news],
            [("added", self.bolt), ("moved", self.bolt), ("added", self.coral)],
        )

    def test_merged_contacts(self):
        double = self._create_member("Benny", role=self.role_reports)
        self._merge(self.ben.partner_id, double.partner_id)
        news = [line for line in self._get_news() if "seat" not in line[0]]
        self.assertEqual(
            news[-2:],
            [
                ("archived", "Benny", "Contacts merged"),
                ("merged", "Benny", "Ben"),
            ],
        )

    def test_an_edited_role_is_told_to_each_client_that_uses_it(self):
        self._create_member("Rita", role=self.role_reports)
        self._create_member("Ruth", role=self.role_reports)
        self._create_member("Rolf", self.bolt, self.role_reports)
        self._create_member("Rolf", self.coral).active = False
        self.known = self._get_trail()
        self.base_pool.seat_limit = 9
        self.role_reports.takes_seat = True
        news = (self._get_trail() - self.known).filtered_domain(
            [("event", "=", "role_edited")]
        )
        self.assertEqual(news.client_id, self.acme | self.bolt)
        self.assertEqual(len(news), 2)
        self.assertEqual(
            set(news.mapped("details")),
            {"Reports only: takes no seat → takes a seat"},
        )

    def test_a_client_that_moves_to_another_partner(self):
        self.acme.managing_partner_id = self.south
        self.assertNews(("managing_partner", False, "North → South"))
        self.assertFalse(self._get_trail(self.staff).filtered("client_id"))
        self.assertEqual(self._get_trail(self.rival).client_id, self.acme)
        self.acme.managing_partner_id = False
        self.assertIn(("managing_partner", False, "South → Nobody"), self._get_news())

    def test_the_author_is_the_user_also_where_the_program_has_all_rights(self):
        self.ben.with_user(self.staff).sudo().role_id = self.role_reports
        entry = (self._get_trail() - self.known).filtered_domain(
            [("event", "=", "role")]
        )
        self.assertEqual(entry.user_id, self.staff)

    def test_partners_see_their_own_clients_only(self):
        self._create_member("Finn", self.bolt)
        self.assertEqual(self._get_trail(self.staff).client_id, self.acme)
        self.assertEqual(self._get_trail(self.rival).client_id, self.bolt)
        self.assertLessEqual(
            self.acme | self.bolt, self._get_trail(self.boss).client_id
        )
        for model in (AUDIT, LOG):
            entry = self.env[model].search([("client_id", "=", self.acme.id)], limit=1)
            with (
                self.subTest(model=model),
                mute_logger("odoo.addons.base.models.ir_rule"),
            ):
                with self.assertRaises(AccessError):
                    entry.with_user(self.rival).read(["event"])

    def test_the_trail_of_a_subscription_is_its_own_and_its_clients(self):
        other = self._create_subscription(self.acme, self.plan, running=False)
        self._create_member("Finn", self.bolt)
        self.expenses_pool.seat_limit = 3
        other.seat_pool_ids[0].seat_limit = 8
        for subscription in (self.subscription, other):
            action = subscription.with_user(self.staff).action_view_audit()
            trail = self.env[AUDIT].search(action["domain"])
            self.assertEqual(trail.client_id, self.acme)
            self.assertLessEqual(trail.subscription_id, subscription)
            self.assertIn("added", trail.mapped("event"))
        action = self.acme.with_user(self.staff).action_view_audit()
        trail = self.env[AUDIT].search(action["domain"])
        self.assertEqual(trail, self._get_trail().filtered_domain(action["domain"]))
        self.assertEqual(trail.subscription_id, self.subscription | other)

    def test_every_entry_has_an_id_of_its_own_that_stays(self):
        self.ben.active = False
        trail = self._get_trail()
        rows = self.env.execute_query(self.env[AUDIT]._table_query)
        self.assertEqual(len({row[0] for row in rows}), len(rows))
        before = {entry.id: (entry.event, entry.date) for entry in trail}
        self._create_member("Cleo")
        self.env.invalidate_all()
        for entry in self.env[AUDIT].browse(before):
            self.assertEqual((entry.event, entry.date), before[entry.id])

    def test_a_full_read_of_a_screen(self):
        """The list, its groups and its filters, as the web client asks for them."""
        audit = self.env[AUDIT].with_user(self.staff)
        names = ["date", "author", "event", "member_name", "details", "client_id"]
        result = audit.web_search_read([], {name: {} for name in names}, limit=5)
        self.assertTrue(result["records"])
        for group in ("event", "user_id", "client_id", "member_name", "date:day"):
            with self.subTest(group=group):
                self.assertTrue(audit.web_read_group([], [group])["groups"])

    def test_entries_outlive_members_users_and_pools(self):
        passer_by = self._create_user("passer", "admin", self.vendor)
        self.ben.with_user(passer_by).role_id = self.role_reports
        entry = (self._get_trail() - self.known).filtered_domain(
            [("event", "=", "role")]
        )
        name = passer_by.name
        self.ben.unlink()
        passer_by.unlink()
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertFalse(entry.member_id or entry.user_id)
        self.assertEqual((entry.member_name, entry.author), ("Ben", name))

    def test_a_client_with_a_trail_is_archived_not_deleted(self):
        self.coral.managing_partner_id = self.south
        with self.assertRaisesRegex(UserError, "Coral has an audit trail"):
            self.coral.unlink()
        self.coral.active = False
        self.assertTrue(self.env[LOG].search_count([("client_id", "=", self.coral.id)]))

    def test_a_merged_client_hands_its_trail_over(self):
        self._create_member("Finn", self.bolt)
        self._merge(self.acme, self.bolt)
        trail = self.env[LOG].search([("member_name", "=", "Finn")])
        self.assertEqual(trail.client_id, self.acme)


@tagged("post_install", "-at_install")
class TestAuditCost(AuditCase):
    def _get_entries(self, members):
        return [member._prepare_log_entry("restored") for member in members]

    def test_many_entries_take_as_many_queries_as_one(self):
        members = self._create_members(self.bolt, 60)
        counts = {
            size: self._count_queries(
                lambda size=size: self.env[LOG]._log_entries(
                    self._get_entries(members[:size])
                )
            )
            for size in (1, 60, 1, 60)
        }
        self.assertEqual(counts[1], counts[60])

    def test_changing_many_members_logs_once(self):
        log_class = self.env.registry[LOG]
        sizes, original = [], log_class._log_entries

        def spy(model, vals_list):
            sizes.append(len(vals_list))
            return original(model, vals_list)

        self.patch(log_class, "_log_entries", spy)
        members = self._create_members(self.bolt, 60)
        self.assertEqual(sizes, [60])
        changes = {
            "role": lambda: members.write({"role_id": self.role_reports.id}),
            "archive": members.action_archive,
            "restore": members.action_unarchive,
            "delete": members.unlink,
        }
        for name, change in changes.items():
            with self.subTest(change=name):
                sizes.clear()
                change()
                self.assertEqual([size for size in sizes if size], [60])

    def test_giving_seats_writes_no_log(self):
        pool = self.base_pool
        pool.is_unlimited = True
        members = self._create_members(self.acme, 30)
        entries = self.env[LOG].search_count([])
        self.expenses_pool.is_unlimited = True
        entries += 1
        self._grant(self.expenses_pool, members)
        self.assertEqual(self.env[LOG].search_count([]), entries)


@tagged("post_install", "-at_install")
class TestAuditIsClosed(AuditCase, RpcCase):
    """Nobody writes the trail: not the vendor's administrator, not over RPC."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_keys({"staff": cls.staff, "boss": cls.boss})
        cls.ben.role_id = cls.role_reports
        cls.env.flush_all()
        cls.entry = cls.env[LOG].search([("event", "=", "role")], limit=1)

    def _get_picture(self):
        """Return the rows of the log as they are stored, and of the whole trail."""
        self.env.flush_all()
        log = self.env.execute_query(SQL("SELECT * FROM subscription_log ORDER BY id"))
        trail = self.env.execute_query(self.env[AUDIT]._table_query)
        return log, sorted(row[:2] for row in trail)

    def _get_attacks(self, model, entry_id):
        values = {
            "event": "limit",
            "client_id": self.acme.id,
            "date": "2020-01-01 00:00:00",
            "new_value": "999",
        }
        return [
            ("create", {"vals_list": [values]}),
            ("name_create", {"name": "limit"}),
            (
                "load",
                {"fields": ["event", "client_id/.id"], "data": [["limit", "1"]]},
            ),
            ("web_save", {"ids": [], "vals": values, "specification": {}}),
            ("write", {"ids": [entry_id], "vals": {"new_value": "x"}}),
            (
                "web_save",
                {"ids": [entry_id], "vals": {"new_value": "x"}, "specification": {}},
            ),
            ("copy", {"ids": [entry_id]}),
            ("unlink", {"ids": [entry_id]}),
            (
                "unlink",
                {
                    "ids": [entry_id],
                    "context": {"_force_unlink": True, "module_uninstall": True},
                },
            ),
            ("_log_entries", {"vals_list": [values]}),
        ]

    def test_nobody_writes_it(self):
        picture = self._get_picture()
        for model, entry_id in ((LOG, self.entry.id), (AUDIT, 4 * self.entry.id + 2)):
            for method, kwargs in self._get_attacks(model, entry_id):
                for login in ("staff", "boss"):
                    with self.subTest(model=model, method=method, login=login):
                        response = self._call_json(login, model, method, **kwargs)
                        if method == "load" and response.ok:
                            self.assertTrue(response.json()["messages"])
                        else:
                            self.assertIn(response.status_code, (403, 404, 422))
                        self.assertEqual(self._get_picture(), picture)

    def test_nobody_writes_it_even_with_all_rights(self):
        picture = self._get_picture()
        values = {"event": "limit", "client_id": self.acme.id, "date": "2020-01-01"}
        for change in (
            lambda: self.env[LOG].sudo().create(values),
            lambda: self.entry.sudo().write({"new_value": "x"}),
            lambda: self.entry.sudo().unlink(),
            lambda: self.entry.sudo().with_context(_force_unlink=True).unlink(),
        ):
            with self.assertRaisesRegex(UserError, "audit trail writes itself"):
                change()
        self.assertEqual(self._get_picture(), picture)

    def test_no_default_forges_anything(self):
        """Neither a caller's context nor a default that an administrator has set."""
        for name, lie in (("member_name", "lie"), ("member_id", self.ana.id)):
            self.env["ir.default"].set(LOG, name, lie)
        truth = {
            "user_id": self.staff.id,
            "user_name": self.staff.name,
            "old_value": "2",
            "new_value": "4",
            "member_name": False,
            "event": "limit",
            "client_id": self.acme.id,
        }
        lies = {
            **{f"default_{name}": "lie" for name in ("old_value", "member_name")},
            "default_user_id": self.boss.id,
            "default_user_name": "lie",
            "default_date": "2020-01-01 00:00:00",
            "default_event": "plan",
            "default_member_id": self.ana.id,
            "default_create_uid": self.boss.id,
        }
        response = self._call_json(
            "staff",
            "subscription.seat.pool",
            "write",
            ids=self.expenses_pool.ids,
            vals={"seat_limit": 4},
            context=lies,
        )
        self.assertTrue(response.ok, response.text)
        self.env.invalidate_all()
        entry = self.env[LOG].search([], limit=1)
        self.assertNotEqual(str(entry.date), lies["default_date"])
        self.assertFalse(entry.member_id)
        self.assertEqual(entry.create_uid, self.staff)
        (values,) = entry.read([*truth], load=None)
        self.assertEqual(values, dict(truth, id=entry.id))

    def test_everybody_concerned_reads_it(self):
        for login in ("staff", "boss"):
            response = self._call_json(
                login,
                AUDIT,
                "search_read",
                domain=[("client_id", "=", self.acme.id)],
                fields=["author", "details", "event"],
            )
            self.assertTrue(response.ok, response.text)
            self.assertIn(
                "Standard → Reports only",
                [entry["details"] for entry in response.json()],
            )
