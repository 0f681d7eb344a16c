"""A player of cases of billing: what is given, what happens, and what comes of it."""

from datetime import date, datetime, timedelta

from freezegun import freeze_time

from odoo import Command

from ...models.licence.stock_key import StockKey
from .subscription import create_company, create_module

BASES = {
    "contracted": "contracted",
    "in_use": "in_use",
    "members": "members",
    "teams": "teams",
}
UNITS = {"day": "days", "week": "weeks", "month": "months", "year": "years"}
EARLY = datetime(2020, 1, 1)


class CasePlayer:
    """Plays one case of ``cases.json`` on a database."""

    def __init__(self, test, case):
        """Play ``case`` for ``test``, a ``BillingCase``."""
        self.test, self.case, self.given = test, case, case["given"]
        self.env = test.env
        self.subscriptions, self.members, self.pools = {}, {}, {}
        self.items, self.clients, self.mends = {}, {}, {}
        self.timeline = []
        self.place = 0

    # ------------------------------------------------------------------ timeline

    def at(self, moment, action, order=0):
        """Do ``action`` at ``moment``: a day (09:00 in UTC) or a moment in UTC."""
        if isinstance(moment, str):
            moment = datetime.fromisoformat(moment)
            if not (moment.hour or moment.minute):
                moment += timedelta(hours=9)
        self.place += 1
        self.timeline.append((moment, order, self.place, action))

    def play(self):
        """Play all that happens, in its order."""
        self.prepare()
        while self.timeline:
            self.timeline.sort(key=lambda one: one[:3])
            moment, _order, _place, action = self.timeline.pop(0)
            with freeze_time(moment):
                action()
                self.env.flush_all()

    # ------------------------------------------------------------------ given

    def prepare(self):
        given = self.given["company"]
        self.company = self.test.get_company(given["currency"], given["tz"])
        rounding = {"per_line": "round_per_line", "global": "round_globally"}
        self.company.tax_calculation_rounding_method = rounding[given["tax_rounding"]]
        self.company.billing_mode = "post"
        self.env = self.env(
            context=dict(
                self.env.context,
                allowed_company_ids=[self.company.id, *self.env.user.company_ids.ids],
            )
        )
        self.company = self.company.with_env(self.env)
        self.company.correction_window_days = self.given["plan"]["window_days"]
        with freeze_time(EARLY):
            self.prepare_partners()
        for given in self.given["subscriptions"]:
            self.prepare_subscription(given)
        if "ledger" in self.given:
            self.prepare_ledger(self.given["ledger"])
        for event in self.given["events"]:
            moment = event.get("utc") or f"{event['on']}T12:00"
            self.at(moment, lambda event=event: self.do(event), order=5)

    def prepare_partners(self):
        self.north = self.get_partner("North")

    def get_partner(self, name):
        if name not in self.clients:
            self.clients[name] = create_company(
                self.env,
                name,
                is_managing_partner=not name.startswith("Client"),
                email=f"{name.replace(' ', '.').lower()}@billing.test",
            )
        return self.clients[name]

    def get_client(self, given):
        client = self.get_partner(given["client"])
        manager = self.north
        if given["payer"] != given["client"]:
            manager = self.get_partner(given["payer"])
        client.managing_partner_id = manager
        return client

    def get_pricelist(self, given):
        currency = self.env.ref(
            f"base.{given.get('currency', self.company.currency_id.name)}"
        )
        currency.active = True
        for day, rate in given.get("rates", ()):
            self.env["res.currency.rate"].create(
                {
                    "name": day,
                    "currency_id": currency.id,
                    "company_id": self.company.id,
                    "rate": float(rate),
                }
            )
        return self.env["product.pricelist"].create(
            {
                "name": f"Prices {given['id']}",
                "currency_id": currency.id,
                "company_id": self.company.id,
            }
        )

    def make_product(self, given, name, pricelist):
        """Make the product of a pool or unit, with its prices and its tax."""
        include = "tax_included" if given.get("included") else "tax_excluded"
        tax = self.test.get_tax(self.company, float(given["tax"]), include)
        product = self.test.create_product(name, tax, lst_price=1)
        product = product.with_env(self.env)
        for minimum, price in given.get("tiers") or [[0, given["price"]]]:
            item = self.env["product.pricelist.item"].create(
                {
                    "pricelist_id": pricelist.id,
                    "applied_on": "0_product_variant",
                    "product_id": product.id,
                    "compute_price": "fixed",
                    "fixed_price": float(price),
                    "min_quantity": minimum if minimum > 1 else 0,
                }
            )
            self.items[pricelist, name] = item
        return product

    def make_module(self, given, key, pricelist):
        module = create_module(self.env, given["module"])
        module.code = f"{self.case['id']}-{key}-{given['module']}"
        module.is_licensed = self.given["plan"]["paid_by"] == "licences"
        if given.get("product") is not False:
            module.product_id = self.make_product(given, given["module"], pricelist)
        return module

    def prepare_subscription(self, given):
        days = [given["start"]]
        days += [one["created"] for one in given.get("teams", ())]
        days += [one["from"] for one in given.get("holders", ()) if one["from"]]
        days += [one["from"] for one in given.get("members", ()) if one["from"]]
        first = min(days)
        self.at(first, lambda: self.create_subscription(given), order=-9)
        for name in ("teams", "members", "holders"):
            for one in given.get(name, ()):
                getattr(self, f"prepare_{name}")(given, one)
        self.at(given["start"], lambda: self.start(given), order=-5)
        for day, module, price in given.get("price_changes", ()):
            self.at(day, lambda m=module, p=price: self.change_price(given, m, p))

    def create_subscription(self, given):
        key = given["id"]
        client = self.get_client(given)
        pricelist = self.get_pricelist(given)
        plan = self.create_plan(given, pricelist)
        subscription = self.env["sale.subscription"].create(
            {
                "partner_id": client.id,
                "company_id": self.company.id,
                "template_id": plan.id,
                "pricelist_id": pricelist.id,
                "date_start": given["start"],
                "date": given["end"],
            }
        )
        if given["end"]:
            subscription.date = given["end"]
        self.subscriptions[key] = subscription
        for pool in given["pools"]:
            self.add_pool(key, pool)

    def create_plan(self, given, pricelist):
        plan = self.given["plan"]
        count, unit = plan["interval"]
        values = {
            "name": f"Plan {self.case['id']}",
            "recurring_rule_type": UNITS[unit],
            "recurring_interval": count,
            "recurring_rule_boundary": "limited",
            "paid_by": plan["paid_by"],
            "billing_basis": BASES[plan["basis"]],
            "billing_timing": plan["timing"],
            "billing_proration": plan["proration"],
            "billing_raise": plan["raise"],
            "billing_aligned": plan["aligned"],
            "billing_zero": plan["zero"],
            "billing_price": plan.get("price", "list"),
            "billing_grouped": plan.get("one_for_all", False),
        }
        if given["payer"] != given["client"]:
            values["billing_payer"] = "partner"
        if given.get("unit"):
            unit = given["unit"]
            self.unit = self.make_product(unit, unit["what"], pricelist)
            values["billing_product_id"] = self.unit.id
        return self.env["sale.subscription.template"].create(values)

    def add_pool(self, key, given):
        subscription = self.subscriptions[key]
        module = self.make_module(given, key, subscription.pricelist_id)
        pool = self.env["subscription.seat.pool"].create(
            {
                "subscription_id": subscription.id,
                "module_id": module.id,
                "seat_limit": given["seats"],
                "is_billed": True,
            }
        )
        self.pools[key, given["module"]] = pool
        if given.get("discount"):
            line = subscription.sale_subscription_line_ids.filtered(
                lambda line: line.seat_pool_id == pool
            )
            line.discount = float(given["discount"])

    def start(self, given):
        subscription = self.subscriptions[given["id"]]
        if not given.get("holders"):
            for pool in given["pools"]:
                self.assign(given["id"], pool)
        fails = given.get("fails")
        if fails:
            getattr(self, f"fail_{fails.replace(' ', '_')}")(given)
        subscription.action_start_subscription()

    def fail_no_product(self, given):
        module = self.pools[given["id"], "Expenses"].module_id
        product = module.product_id
        module.product_id = False
        self.mends[given["id"]] = lambda: module.write({"product_id": product.id})

    def fail_no_income_account(self, given):
        product = self.pools[given["id"], "Expenses"].module_id.product_id
        # Nothing but a product's own account is left: this one has none.
        journal = self.env["account.journal"].search(
            [("type", "=", "sale"), ("company_id", "=", self.company.id)], limit=1
        )
        account = self.company.income_account_id or journal.default_account_id
        self.company.income_account_id = False
        others = self.env["subscription.module"].search([]).product_id - product
        others.with_company(self.company).property_account_income_id = account

    def assign(self, key, given):
        """Assign as many seats of the pool as ``given`` says, to new members."""
        subscription = self.subscriptions[key]
        pool = self.pools[key, given["module"]]
        members = self.env["subscription.member"].create(
            [
                {
                    "client_id": subscription.client_id.id,
                    "name": f"{given['module']} {number}",
                    "role_id": self.get_role("standard").id,
                }
                for number in range(given.get("assigned", 0))
            ]
        )
        self.env.flush_all()
        self.grants = getattr(self, "grants", []) + [(pool, members)]
        self.at(
            self.now() + timedelta(minutes=1),
            lambda: pool._grant({pool: members}),
            order=1,
        )

    def now(self):
        return datetime.now()

    def get_role(self, code):
        return self.env.ref(f"partner_managed_subscription.role_{code}")

    # ------------------------------------------------------------------ licences

    def prepare_ledger(self, given):
        with freeze_time(EARLY):
            self.make_stock(given)
        for entry in given["entries"]:
            self.at(entry["on"], lambda entry=entry: self.take(entry))
        for take in self.given.get("licence_takes", ()):
            self.at(f"{take['on'][:4]}-01-01", lambda take=take: self.run_term(take))
            self.at(take["on"], lambda take=take: self.raise_term(take))

    def make_stock(self, given):
        """Make the stock of the partner; one of prepaid licences has plenty."""
        partner = self.get_partner(given["partner"]).with_company(self.company)
        partner.licence_billing = given["billing"]
        tax = self.test.get_tax(self.company, float(given["tax"]), "tax_excluded")
        product = self.test.create_product("Licence", tax)
        product.lst_price = float(given["prices"][0][1])
        self.module = create_module(self.env, "Licensed")
        self.module.licence_product_id = product
        partner.property_product_pricelist = self.company._get_pricelist()
        self.holder = create_company(self.env, "Holder", managing_partner_id=partner.id)
        stocks = self.env["subscription.licence.account"].sudo()
        key = StockKey(partner, self.module, self.company)
        self.stock = stocks._open_stocks([key])[key]
        self.accounts = self.stock
        if given["billing"] == "prepaid":
            self.post("given", 100)

    def post(self, kind, quantity):
        self.stock._post(
            [{"account_id": self.stock.id, "kind": kind, "quantity": quantity}]
        )

    def take(self, entry):
        kind = "raise" if entry["kind"] == "on_account" else entry["kind"]
        self.post(kind, -float(entry["licences"]))

    def run_term(self, take):
        plan = self.env["sale.subscription.template"].create(
            {
                "name": "Licensed",
                "recurring_rule_type": "years",
                "recurring_rule_boundary": "limited",
            }
        )
        subscription = self.env["sale.subscription"].create(
            {
                "partner_id": self.holder.id,
                "company_id": self.company.id,
                "template_id": plan.id,
                "pricelist_id": self.company._get_pricelist().id,
            }
        )
        self.licensed = self.env["subscription.seat.pool"].create(
            {"subscription_id": subscription.id, "module_id": self.module.id}
        )
        subscription.action_start_subscription()
        self.test.assertEqual(str(subscription.date), take["end"])

    def raise_term(self, take):
        self.licensed.seat_limit = take["seats"]

    # ------------------------------------------------------------------ people

    def prepare_teams(self, given, team):
        def create():
            client = self.subscriptions[given["id"]].client_id
            self.members["team", team["name"]] = self.env["subscription.team"].create(
                {"name": team["name"], "client_id": client.id}
            )

        self.at(team["created"], create, order=-7)
        ended = team.get("archived_utc") or team["archived"]
        if ended:
            self.at(
                ended,
                lambda: self.members["team", team["name"]].write({"active": False}),
                order=1,
            )

    def prepare_members(self, given, member):
        def create():
            client = self.subscriptions[given["id"]].client_id
            teams = [self.members["team", name].id for name in member["teams"]]
            self.members[member["name"]] = self.env["subscription.member"].create(
                {
                    "name": member["name"],
                    "client_id": client.id,
                    "role_id": self.get_role("standard").id,
                    "team_ids": [Command.set(teams)],
                }
            )

        self.at(member["from"], create, order=-6)
        if member["to"]:
            self.at(
                member["to"],
                lambda: self.members[member["name"]].action_archive(),
                order=1,
            )

    def prepare_holders(self, given, holder):
        pool_key = given["id"], holder["module"]

        def create():
            client = self.subscriptions[given["id"]].client_id
            self.members[holder["name"]] = self.env["subscription.member"].create(
                {
                    "name": holder["name"],
                    "client_id": client.id,
                    "role_id": self.get_role(holder.get("role", "standard")).id,
                }
            )

        def grant():
            self.pools[pool_key]._grant(
                {self.pools[pool_key]: self.members[holder["name"]]}
            )

        begun = max(holder["from"], given["start"])
        self.at(begun, create, order=-6)
        self.at(begun, grant, order=2)
        if holder["to"]:
            self.at(
                holder["to"],
                lambda: (
                    self.env["subscription.seat"]
                    .search([("member_id", "=", self.members[holder["name"]].id)])
                    ._release("removed")
                ),
                order=1,
            )

    # ------------------------------------------------------------------ events

    def do(self, event):
        """Do what ``event`` says, at its moment."""
        getattr(self, f"do_{event['do']}")(event)

    def get_subscription(self, event):
        return self.subscriptions[event.get("sub", "S1")]

    def do_run(self, event):
        self.company.billing_mode = "draft" if event.get("draft") else "post"
        self.test.bill(self.env)

    def do_raise(self, event):
        pool = self.pools[event.get("sub", "S1"), event["module"]]
        pool.write({"seat_limit": event["seats"]})

    do_lower = do_raise

    def do_add_pool(self, event):
        self.add_pool(event.get("sub", "S1"), event["pool"])

    def do_set_basis(self, event):
        self.get_subscription(event)._set_billing_terms(
            {"billing_basis": event["basis"], "billing_product_id": self.unit.id}
        )

    def do_set_aligned(self, event):
        self.get_subscription(event)._set_billing_terms({"billing_aligned": True})

    def do_set_end(self, event):
        self.get_subscription(event).date = event["end"]

    def do_pause(self, event):
        resume = date.fromisoformat(event["resume"]) if event.get("resume") else None
        self.get_subscription(event).action_pause(paused_until=resume)

    def do_resume(self, event):
        self.get_subscription(event).action_resume()

    def do_close(self, event):
        self.get_subscription(event)._close(credit=event.get("credit", False))

    def do_early(self, event):
        self.get_subscription(event).action_bill_early()

    def do_cancel(self, event):
        statement = self.get_subscription(event).statement_ids.filtered(
            lambda one: str(one.date_first) == event["period"] and one.state == "valid"
        )
        statement.move_id.button_cancel()

    def do_mend(self, event):
        self.mends[event["sub"]]()

    def do_renew(self, event):
        subscription = self.get_subscription(event)
        start, end = map(date.fromisoformat, (event["start"], event["end"]))
        today = datetime.now().date()
        request = subscription._prepare_term_request(
            end.year - start.year + (end.month > start.month + 6),
            "same",
            None,
            from_today=start == today
            and start != subscription.date + timedelta(days=1),
        )
        seats = {
            self.pools[event.get("sub", "S1"), name]: number
            for name, number in event.get("seats", {}).items()
        }
        request = request._replace(seats=seats or request.seats)
        self.test.assertEqual((request.date_start, request.date_end), (start, end))
        self.env["subscription.renewal"]._schedule({subscription: request})

    def change_price(self, given, module, price):
        pricelist = self.subscriptions[given["id"]].pricelist_id
        self.items[pricelist, module].fixed_price = float(price)

    # ------------------------------------------------------------------ results

    def get_invoices(self):
        """Return what was invoiced, as cases say it."""
        statements = self.env["subscription.statement"].search(
            [("company_id", "=", self.company.id), ("move_id", "!=", False)],
            order="id",
        )
        mine = statements.filtered(
            lambda one: (
                one.subscription_id in self.subscriptions.values()
                or one.account_id in getattr(self, "accounts", ())
            )
        )
        return [
            self.read_invoice(
                move, mine.filtered(lambda one, move=move: one.move_id == move)
            )
            for move in mine.move_id.sorted("id")
        ]

    def read_invoice(self, move, statements):
        sign = -1 if move.move_type == "out_refund" else 1
        rows = statements.row_ids
        return {
            "kind": "credit_note" if sign < 0 else "invoice",
            "payer": statements.payer_id.name,
            "invoice_date": str(move.invoice_date),
            "period_start": str(min(statements.mapped("date_first"))),
            "period_end": str(max(statements.mapped("date_last"))),
            "lines": [self.read_line(line) for line in statements.line_ids],
            "untaxed": f"{sign * move.amount_untaxed:.2f}",
            "tax": f"{sign * move.amount_tax:.2f}",
            "statement_rows": len(rows.filtered("quantity")),
            "billed_holders": len(
                rows.filtered(lambda row: row.quantity and row.member_id).member_id
            ),
            "state": {"cancel": "cancelled"}.get(move.state, move.state),
            "currency": move.currency_id.name,
            "company_currency_total": f"{abs(move.amount_total_signed):.2f}",
            "sub": next(
                (
                    key
                    for key, one in self.subscriptions.items()
                    if one == statements.subscription_id
                ),
                None,
            ),
        }

    def read_line(self, line):
        what = line.module_id.name or line.product_id.name
        if line.licence_move_id:
            # Entries of a case are numbered without those that were taken.
            entries = self.stock.move_ids.sorted("number")
            entries = entries.filtered(lambda move: move.kind == "on_account")
            what = f"entry {entries.ids.index(line.licence_move_id.id) + 1}"
        return {
            "what": what,
            "quantity": line.quantity,
            "days": line.days or None,
            "of_days": line.of_days or None,
            "unit_price": f"{line.price_full:.2f}",
            "amount": f"{line.amount:.2f}",
            "discount": f"{line.discount:g}",
            "period": [str(line.date_first), str(line.date_last)],
            "section": line.statement_id.client_id.name,
        }

    def count_problems(self):
        """Return how many billing problems are open."""
        ids = [one.id for one in self.subscriptions.values()]
        return self.env["subscription.billing.problem"].search_count(
            [("subscription_id", "in", ids), ("solved_at", "=", False)]
        )

    def count_activities(self):
        ids = [one.id for one in self.subscriptions.values()]
        return self.env["mail.activity"].search_count(
            [("res_model", "=", "sale.subscription"), ("res_id", "in", ids)]
        )
