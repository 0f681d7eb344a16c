"""Each figure of the dashboard against plain reckoning, and who sees it."""

import random
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from odoo.tests import freeze_time, tagged

from ..common.dashboard import SUBSCRIPTION, TODAY, DashboardCase
from ..common.seed import draw_seed
from ..common.subscription import ADDON, create_module, create_yearly_plan, renew

MONTHS = (3, 6, 12, 24)
ODD = (
    None,
    True,
    -1,
    10**30,
    1.5,
    6.0,
    float("nan"),
    "",
    "x",
    [],
    [1],
    {},
    {"x": 1},
    2**31,
)
# How many queries the dashboard of a role may take.
MOST_QUERIES = {"admin": 35, "north": 34}
PARTNERS = {"North", "South", "Reef", "Acme", "Bolt", "Coral", "Vendor"}
# What accountants of clients see as well.
SHARED = ["seats", "seats_short", "seats_free"]


@tagged("post_install", "-at_install")
@freeze_time("2026-03-15")
class TestDashboard(DashboardCase):
    # ------------------------------------------------------------------ roles

    def test_each_role_has_its_sections(self):
        trade = ["renewals", "seats", "stock", "seats_short", "seats_free"]
        for role, names in {
            "admin": [*trade, "partners", "revenue"],
            "north": [*trade, "partners"],
            "south": trade,
            "reef": trade,
            "accountant": SHARED,
            "intern": [],
        }.items():
            with self.subTest(role):
                sections = self._get_sections(role)
                self.assertEqual(list(sections), names)

    def test_partners_see_nothing_of_each_other(self):
        """Neither names, nor figures that others move."""
        before = self._get_sections("south")
        self._give(self.reef, 5)
        self._give_seats(self.terms["ending"], ("2026-02-01", None))
        renew(self.terms["ending"])
        self.assertEqual(self._get_sections("south"), before)
        for role, theirs in {
            "south": ("North", "Reef", "Coral", "Ending"),
            "reef": ("North", "South", "Bolt", "Ending"),
            "north": ("South", "Bolt"),
        }.items():
            text = str(self._get_dashboard(role))
            for name in theirs:
                self.assertNotIn(f"'{name}'", text, role)

    # ------------------------------------------------------------------ filters

    def test_filters_offer_what_the_user_may_see(self):
        for role, names in {
            "admin": {"North", "South", "Reef"},
            "north": {"Reef"},
            "reef": set(),
            "accountant": set(),
        }.items():
            with self.subTest(role):
                choices = self._get_dashboard(role)["filters"]["choices"]
                found = {one["name"] for one in choices["partner"]}
                self.assertEqual(found & PARTNERS, names)
                self.assertEqual([one["id"] for one in choices["months"]], [*MONTHS])

    def test_foreign_ids_are_left_out(self):
        """The answer is that without a filter, whoever is asked for."""
        for partner in (self.south, self.bolt, self.acme, self.north, self.vendor):
            with self.subTest(partner.name):
                asked = self._get_dashboard("north", partner=partner.id)
                self.assertFalse(asked["filters"]["values"]["partner"])
                self.assertEqual(asked, self._get_dashboard("north"))
        asked = self._get_dashboard("north", partner=self.reef.id)
        self.assertEqual(asked["filters"]["values"]["partner"], self.reef.id)
        self.assertNotEqual(asked, self._get_dashboard("north"))

    def test_odd_filters_are_left_out(self):
        plain = self._get_dashboard("north")
        model = self.env[SUBSCRIPTION].with_user(self.users["north"])
        for value in ODD:
            self.assertEqual(model.get_dashboard(value), plain)
            for name in ("partner", "module", "months"):
                with self.subTest(name=name, value=str(value)):
                    self.assertEqual(model.get_dashboard({name: value}), plain)

    def test_a_reseller_and_a_module_narrow_everything(self):
        self._give(self.north, 3, self.time)
        self._give(self.reef, 3, self.time)
        sections = self._get_sections("north", partner=self.reef.id)
        self.assertNotIn("partners", sections)
        clients = {one["client"] for one in self._get_values(sections["seats_free"])}
        self.assertEqual(clients, {"Coral"})
        modules = {one["module"] for one in self._get_values(sections["stock"])}
        self.assertEqual(modules, {"Expenses", "Time"})
        sections = self._get_sections(
            "north", partner=self.reef.id, module=self.time.id
        )
        self.assertFalse(sections["seats_free"]["rows"])
        [stock] = self._get_values(sections["stock"])
        self.assertEqual((stock["module"], stock["balance"]), ("Time", 3))

    # ------------------------------------------------------------------ renewals

    def _reckon_renewals(self, terms, months, module=None):
        """Return ``{label: (renewed, to renew)}`` term by term."""
        first = TODAY.replace(day=1)
        figures = {}
        for number in range(-1, months):
            start = first + relativedelta(months=number)
            label = "Earlier" if number < 0 else start.strftime("%b %Y")
            end = start + relativedelta(months=1)
            ending = [
                term
                for term in terms
                if (number < 0 and term.date < end) or start <= term.date < end
            ]
            figures[label] = tuple(
                sum(
                    self._reckon_licences(term, module)
                    for term in ending
                    if (term.renewal_state == "renewed") == renewed
                )
                for renewed in (True, False)
            )
        return figures

    def _reckon_licences(self, term, module):
        if term.renewal_id:
            lines = term.renewal_id.line_ids
            return sum(
                line.licences for line in lines if module in (None, line.module_id)
            )
        return sum(
            pool.seat_limit * round(term.term_years)
            for pool in term.seat_pool_ids
            if module in (None, pool.module_id) and pool.module_id.is_licensed
        )

    def test_renewals_are_added_up_by_the_month_of_the_end(self):
        two = create_yearly_plan(
            self.env,
            "Two years",
            {self.base: 3, self.expenses: 7, self.time: 4},
            recurring_rule_count=2,
        )
        self._give(self.north, 100, self.time)
        other = self._create_term(
            self._create_client("Other", self.north), "2024-05-20", two
        )
        mine = [
            term for state, term in self.terms.items() if state not in ("south", "reef")
        ] + [self.terms["reef"], other]
        for months in MONTHS:
            for module in (None, self.expenses, self.time):
                with self.subTest(months=months, module=module and module.name):
                    chart = self._get_sections(
                        "north", months=months, module=module and module.id
                    )["renewals"]
                    found = {
                        one["month"]: (one["renewed"], one["waiting"])
                        for one in self._get_values(chart)
                    }
                    reckoned = self._reckon_renewals(mine, months, module)
                    if reckoned["Earlier"] == (0, 0):
                        reckoned.pop("Earlier")
                    if not any(map(any, reckoned.values())):
                        reckoned = {}
                    self.assertEqual(found, reckoned)

    def test_bars_open_what_they_are_made_of(self):
        rows = self._get_sections("north")["renewals"]["rows"]
        seen = set()
        for row in rows:
            for name, action in row.get("actions", {}).items():
                found = self._find(action, "north")
                seen.add((found._name, name))
                licences = (
                    found.mapped("licences")
                    if name == "renewed"
                    else found.mapped("licences_to_renew")
                )
                self.assertEqual(sum(licences), row["values"][name], row["values"])
        self.assertEqual(len(seen), 2)

    def test_what_nobody_wants_to_renew_is_left_out(self):
        term = self.terms["ending"]
        before = self._sum_waiting()
        term.renewal_choice = "none"
        self.assertEqual(self._sum_waiting(), before - term.licences_to_renew)
        term.renewal_choice = "by_hand"
        self.assertEqual(self._sum_waiting(), before)
        term.action_refuse_renewal()
        self.assertEqual(self._sum_waiting(), before - term.licences_to_renew)

    def _sum_waiting(self):
        chart = self._get_sections("north")["renewals"]
        return sum(one["waiting"] for one in self._get_values(chart))

    def _set_prices(self):
        """Sell Expenses for 10, for 8 from 10 licences on."""
        product = self.env["product.product"].create(
            {"name": "Licence", "list_price": 10, "type": "service"}
        )
        self.expenses.licence_product_id = product
        pricelist = self.terms["ending"].pricelist_id
        self.env["product.pricelist.item"].create(
            {
                "pricelist_id": pricelist.id,
                "applied_on": "0_product_variant",
                "product_id": product.id,
                "min_quantity": 10,
                "compute_price": "fixed",
                "fixed_price": 8,
            }
        )
        return pricelist.currency_id

    def test_money_is_that_of_renewals_and_of_todays_prices(self):
        currency = self._set_prices()
        self._get_pool(self.terms["running"], self.expenses).seat_limit = 12
        renewal = renew(self.terms["ending"])
        self.assertTrue(renewal.amount)
        chart = self._get_sections("north")[f"renewal_money_{currency.name.lower()}"]
        values = self._get_values(chart)
        self.assertAlmostEqual(sum(one["renewed"] for one in values), renewal.amount)
        # Ended and Reef's: five each. Running: twelve.
        waiting = 2 * 5 * 10 + 12 * 8
        self.assertAlmostEqual(sum(one["waiting"] for one in values), waiting)
        self.assertEqual(chart["columns"][1]["currency_id"], currency.id)

    # ------------------------------------------------------------------ seats

    def _draw_periods(self, draw, count):
        start = date(2024, 1, 1)
        periods = []
        for _number in range(count):
            given = start + timedelta(hours=draw.randrange(24 * 800))
            freed = given + timedelta(hours=1 + draw.randrange(24 * 500))
            periods.append((given, freed if freed < TODAY else None))
        return periods

    def test_seats_in_use_are_those_at_the_end_of_each_month(self):
        draw = random.Random(draw_seed())
        periods = {
            state: self._draw_periods(draw, 5)
            for state in ("ended", "running", "reef", "south")
        }
        for state, drawn in periods.items():
            self._give_seats(self.terms[state], *drawn)
        theirs = {
            "north": ("ended", "running", "reef"),
            "reef": ("reef",),
            "admin": tuple(periods),
        }
        for role, states in theirs.items():
            for months in MONTHS:
                with self.subTest(role=role, months=months):
                    self._check_line(role, months, [periods[one] for one in states])

    def _check_line(self, role, months, periods):
        section = self._get_sections(role, months=months, module=self.expenses.id)
        rows = section["seats"]["rows"]
        first = TODAY.replace(day=1)
        days = [
            first - relativedelta(months=number) for number in reversed(range(months))
        ]
        reckoned = [
            sum(
                given < day and (freed is None or freed >= day)
                for drawn in periods
                for given, freed in drawn
            )
            for day in [*days, TODAY + timedelta(days=1)]
        ]
        self.assertEqual([row["values"]["used"] for row in rows], reckoned)
        for row, used in list(zip(rows, reckoned, strict=True))[:: months // 3]:
            usages = self._find(row["action"], role)
            self.assertEqual(sum(usages.mapped("used")), used)

    def test_days_end_where_the_company_is(self):
        self.env.company.term_tz = "Pacific/Auckland"
        self._give_seats(self.terms["running"], ("2026-02-28 10:59:59", None))
        self._give_seats(self.terms["ended"], ("2026-02-28 11:00:00", None))
        rows = self._get_sections("north", module=self.expenses.id)["seats"]["rows"]
        self.assertEqual([row["values"]["used"] for row in rows[-2:]], [1, 2])

    def test_lists_of_clients_have_the_most_urgent(self):
        over = self._get_pool(self.terms["ending"], self.expenses)
        full = self._get_pool(self.terms["running"], self.expenses)
        self._give_seats(self.terms["ending"], *[("2026-02-01", None)] * 4)
        self._give_seats(self.terms["running"], *[("2026-02-01", None)] * 5)
        sections = self._get_sections("north", module=self.expenses.id)
        short = self._get_values(sections["seats_short"])
        self.assertEqual(
            [(one["client"], one["used"], one["state"]) for one in short],
            [("Running", 5, full.state), ("Ending", 4, over.state)][
                : 2 if over.state == "warning" else 1
            ],
        )
        free = self._get_values(sections["seats_free"])
        self.assertEqual(
            [one["available"] for one in free],
            sorted((one["available"] for one in free), reverse=True),
        )
        for name in ("seats_short", "seats_free"):
            section = sections[name]
            found = self._find(section["action"], "north")
            self.assertEqual(len(found), len(section["rows"]))
            for row in section["rows"]:
                self.assertIn(self._find(row["action"], "north"), found)

    # ------------------------------------------------------------------ stocks

    def test_stocks_run_out_at_the_present_rate(self):
        account = self._get_account(self.north)
        since = TODAY - relativedelta(months=12)
        moves = account.move_ids.filtered(
            lambda move: (
                move.date.date() > since
                and (
                    move.kind in ("renewal", "raise", "returned")
                    or (move.kind == "allocated" and move.quantity < 0)
                )
            )
        )
        used = -sum(moves.mapped("quantity"))
        self.assertTrue(used)
        days = (TODAY - since).days
        [stock] = self._get_values(self._get_sections("north")["stock"])
        self.assertEqual(stock["balance"], account.balance)
        self.assertAlmostEqual(stock["monthly"], used / days * 365 / 12, places=2)
        last = TODAY + timedelta(days=int(account.balance / (used / days)))
        self.assertEqual(stock["runs_out"], last)

    def test_a_cancelled_renewal_does_not_use_licences(self):
        before = self._get_values(self._get_sections("north")["stock"])
        renewal = renew(self.terms["ending"])
        used = self._get_values(self._get_sections("north")["stock"])
        self.assertGreater(used[0]["monthly"], before[0]["monthly"])
        renewal.action_cancel()
        self.assertEqual(self._get_values(self._get_sections("north")["stock"]), before)

    def test_stocks_without_use_or_billed_later_do_not_run_out(self):
        self._give(self.north, 3, self.time)
        self._give(self.reef, 3, self.time)
        # Both use so many that they run out soon.
        for state in ("south", "running"):
            pool = self._get_pool(self.terms[state], self.expenses)
            pool.seat_limit = 40
        self.south.licence_billing = "on_account"
        stocks = self._get_values(self._get_sections("admin")["stock"])
        by_key = {(one["partner"], one["module"]): one for one in stocks}
        self.assertIsNone(by_key["Reef", "Time"]["runs_out"])
        self.assertIsNone(by_key["South", "Expenses"]["runs_out"])
        self.assertTrue(by_key["North", "Expenses"]["runs_out"])
        self.assertEqual(
            stocks, sorted(stocks, key=lambda one: str(one["runs_out"] or "9"))
        )

    def test_licences_of_different_modules_are_not_added_up(self):
        self._give(self.north, 3, self.time)
        tiles = {one["name"]: one for one in self._get_dashboard("north")["tiles"]}
        tile = tiles["licences"]
        self.assertIsNone(tile["value"])
        self.assertEqual(
            [(one["label"], one["value"]) for one in tile["details"]],
            [("Time", 3), ("Expenses", self._get_balance(self.north))],
        )

    # ------------------------------------------------------------------ partners

    def test_partners_are_compared_by_what_each_has(self):
        self._give_seats(self.terms["running"], ("2026-02-01", None))
        for role in ("admin", "north"):
            section = self._get_sections(role)["partners"]
            ours = (self.north, self.reef) + ((self.south,) if role == "admin" else ())
            rows = {row["id"]: row for row in section["rows"]}
            self.assertLessEqual({one.id for one in ours}, set(rows))
            if role == "north":
                self.assertEqual(set(rows), {self.north.id, self.reef.id})
            for partner in ours:
                with self.subTest(role=role, partner=partner.name):
                    self._check_partner(partner, rows[partner.id], role)

    def _check_partner(self, partner, row, role):
        terms = self.env[SUBSCRIPTION].search(
            [("managing_partner_id", "=", partner.id)]
        )
        values = row["values"]
        self.assertEqual(values["partner"], partner.name)
        self.assertEqual(
            values["clients"], len(terms.filtered("renewal_state").client_id)
        )
        for name, states in (
            ("to_renew", ["ending", "ended"]),
            ("ended", ["ended"]),
        ):
            found = terms.filtered_domain([("renewal_state", "in", states)])
            self.assertEqual(values[name], len(found.client_id))
            if found:
                shown = self._find(row["actions"][name], role)
                self.assertEqual(shown.client_id.ids, found.client_id.ids)
        pools = terms.seat_pool_ids.filtered(
            lambda pool: pool.is_running and not pool.is_unlimited
        )
        self.assertEqual(values["used"], sum(pools.mapped("used")))
        self.assertEqual(values["seats"], sum(pools.mapped("seat_limit")))
        self.assertEqual(values["stock"], f"{self._get_balance(partner):g} · Expenses")

    # ------------------------------------------------------------------ tiles

    def test_tiles_follow_the_filters_and_open_what_they_count(self):
        for filters in ({}, {"partner": self.reef.id}, {"module": self.expenses.id}):
            tiles = self._get_dashboard("north", **filters)["tiles"]
            tile = {one["name"]: one for one in tiles}["renew"]
            terms = (
                self.env[SUBSCRIPTION]
                .with_user(self.users["north"])
                .search([*tile["domain"], ("renewal_state", "in", ["ending", "ended"])])
            )
            self.assertEqual(tile["value"], len(terms.client_id), filters)
        self.assertEqual(
            self._get_dashboard("north", partner=self.reef.id)["tiles"][0]["value"], 1
        )

    def test_requests_and_notices_that_failed_are_counted(self):
        self.assertFalse(
            {"requests", "notices"}
            & {one["name"] for one in self._get_dashboard("north")["tiles"]}
        )
        self.env["subscription.notice"].sudo().create(
            {
                "kind": "renewal",
                "audience": "partner",
                "addressee_id": self.north.id,
                "partner_id": self.north.id,
                "company_id": self.env.company.id,
                "state": "failed",
                "failure": "address",
            }
        )
        tiles = {one["name"]: one for one in self._get_dashboard("north")["tiles"]}
        self.assertEqual(tiles["notices"]["value"], 1)
        for role in ("south", "reef"):
            names = {one["name"] for one in self._get_dashboard(role)["tiles"]}
            self.assertNotIn("notices", names)

    # ------------------------------------------------------------------ queries

    def test_it_asks_as_often_whatever_there_is(self):
        """Of each role, so that no question is asked twice."""
        self._set_prices()
        for role, most in MOST_QUERIES.items():
            with self.subTest(role):
                few = self._count_dashboard_queries(role)
                self._create_terms(10)
                self._create_modules(role, 4)
                # Not what is kept between requests.
                self._get_dashboard(role)
                self.env.invalidate_all()
                # What else of the process is read anew now and then is one query.
                with self.assertQueryCount(min(most, few + 1)):
                    self._get_dashboard(role)

    def _create_modules(self, role, count):
        """Create a client with modules that have a price each, and stocks of them."""
        modules = [create_module(self.env, f"{role} {n}") for n in range(count)]
        for module in modules:
            module.licence_product_id = self.env["product.product"].create(
                {"name": module.name, "list_price": 10, "type": "service"}
            )
            self._give(self.north, 10, module)
        plan = create_yearly_plan(self.env, role, dict.fromkeys(modules, 2))
        self._create_term(self._create_client(role, self.north), plan=plan)

    def _count_dashboard_queries(self, role):
        # Not what is kept between requests.
        self._get_dashboard(role)
        return self._count_queries(lambda: self._get_dashboard(role))

    # ------------------------------------------------------------------ first steps

    def _get_steps(self, role):
        dashboard = self._get_dashboard(role)
        if dashboard["steps"]:
            self.assertFalse(dashboard["sections"])
        return [
            (step["action"]["action"].split(".")[1], step["done"])
            for step in dashboard["steps"]
        ]

    def test_first_steps_of_a_partner_end_with_its_first_client(self):
        lake = self._create_partner("Lake")
        self.users["lake"] = self._create_user("lena", "standard", lake)
        stock, client = (
            "subscription_licence_account_action",
            "subscription_new_client_action",
        )
        self.assertEqual(self._get_steps("lake"), [(stock, False), (client, False)])
        self._give(lake, 20)
        self.assertEqual(self._get_steps("lake"), [(stock, True), (client, False)])
        self._create_term(self._create_client("Pike", lake))
        self.assertEqual(self._get_steps("lake"), [])

    def test_first_steps_of_the_vendor_are_ticked_one_by_one(self):
        for role in ("admin", "north", "accountant", "intern"):
            self.assertEqual(self._get_steps(role), [])
        self.env.flush_all()
        self.env.cr.execute("UPDATE sale_subscription SET active = FALSE")
        self.env.invalidate_all()
        steps = self._get_steps("admin")
        self.assertEqual([done for _action, done in steps], [True] * 4 + [False])
        for table in ("subscription_licence_move", "subscription_plan_line"):
            self.env.cr.execute(f"DELETE FROM {table}")
        self.env.invalidate_all()
        done = [done for _action, done in self._get_steps("admin")]
        self.assertEqual(done, [True, False, True, False, False])
        for role in ("accountant", "intern"):
            self.assertEqual(self._get_steps(role), [])

    def test_steps_open_what_the_role_may_open(self):
        self.env.flush_all()
        self.env.cr.execute("UPDATE sale_subscription SET active = FALSE")
        self.env.invalidate_all()
        for role in ("admin", "north"):
            user = self.users[role]
            for xmlid, _done in self._get_steps(role):
                action = self.env.ref(f"{ADDON}.{xmlid}")
                groups = action.group_ids
                self.assertTrue(not groups or groups & user.all_group_ids, xmlid)
                model = self.env[action.res_model].with_user(user)
                wizard = "create" if action.target == "new" else "read"
                self.assertTrue(model.has_access(wizard), xmlid)
