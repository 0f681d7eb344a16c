"""Stocks, subscriptions, terms and seats that were agreed."""

from odoo import Command

from .cast import COMING, CONTRACTS

CODES = ("expenses", "time", "tbox", "tsend")


class ContractsScene:
    """What the vendor sells and partners agree to."""

    def __init__(self, stage):
        self.stage = stage

    def plan(self):
        self._plan_stocks()
        for contract in CONTRACTS:
            self.stage.at(self.stage.today + contract.start, self._start, contract)
        for contract in COMING:
            self.stage.at(self.stage.ago(4), self._prepare, contract)
        self._plan_terms()
        self._plan_changes()

    # ------------------------------------------------------------------ stocks

    def _plan_stocks(self):
        at, ago = self.stage.at, self.stage.ago
        at(ago(months=23), self._sell, "nord", "first", (60, 60, 25, 12))
        at(ago(months=14), self._sell, "nord", "second", (110, 90, 30, 12))
        at(ago(months=5), self._sell, "nord", "third", (40, 40, 15, 6))
        at(ago(months=14), self._sell, "sud", "first", (80, 80, 30, 10))
        # The vendor adds a few to try TSend with.
        at(ago(months=8), self._give, "vendor", "partner_sud", {"tsend": 5})
        # Nordelis allocates licences, and takes back what was too many.
        allocated = {"expenses": 35, "time": 20, "tbox": 5}
        at(ago(months=13, days=20), self._allot, "nord", allocated)
        at(ago(months=9), self._take_back, "nord", {"expenses": 5})
        # Garrigue buys no stock: what its clients take is billed later.
        at(ago(months=6), self._set_on_account)

    def _sell(self, partner, name, numbers):
        """Let a partner buy licences, ``numbers`` of ``CODES``."""
        stage = self.stage
        lines = [
            {
                "product_id": stage.ref(f"licence_{code}").id,
                "product_uom_qty": number,
            }
            for code, number in zip(CODES, numbers, strict=True)
        ]
        order = stage.env["sale.order"].create(
            {
                "partner_id": stage.ref(f"partner_{partner}").id,
                "pricelist_id": stage.ref("pricelist").id,
                "user_id": stage.ref("user_vendor").id,
                "order_line": [Command.create(line) for line in lines],
            }
        )
        stage.name(f"order_{partner}_{name}", order)
        order.with_env(stage.by("vendor")).action_confirm()

    def _get_quantities(self, numbers):
        return {self.stage.ref(f"module_{code}"): one for code, one in numbers.items()}

    def _give(self, giver, partner, numbers):
        accounts = self.stage.by(giver)["subscription.licence.account"]
        partner = self.stage.ref(partner).with_env(accounts.env)
        accounts._give(partner, self._get_quantities(numbers), self.stage.company)

    def _allot(self, giver, numbers):
        self._give(giver, "reseller_littoral", numbers)

    def _take_back(self, giver, numbers):
        accounts = self.stage.by(giver)["subscription.licence.account"]
        partner = self.stage.ref("reseller_littoral").with_env(accounts.env)
        accounts._take_back(partner, self._get_quantities(numbers), self.stage.company)

    def _set_on_account(self):
        garrigue = self.stage.ref("reseller_garrigue").with_env(self.stage.by("vendor"))
        garrigue.licence_billing = "on_account"

    # ------------------------------------------------------------------ starts

    def _start(self, contract):
        subscription = self._prepare(contract)
        acting = self.stage.by(contract.login)
        subscription.with_env(acting).action_start_subscription()

    def _prepare(self, contract):
        """Make the subscription of a contract; one that is agreed and starts later
        waits for its day."""
        stage = self.stage
        start = stage.today + contract.start
        values = {
            "partner_id": stage.ref(f"client_{contract.client}").id,
            "template_id": stage.ref(f"plan_{contract.plan}").id,
            "pricelist_id": stage.ref("pricelist").id,
            "user_id": stage.ref(f"user_{contract.login}").id,
            "date_start": start,
            "recurring_next_date": start,
        }
        if contract.choice:
            values["renewal_choice"] = contract.choice
        subscription = stage.env["sale.subscription"].create(values)
        if contract.client == "ecluse":
            subscription.stage_id = stage.env.ref(
                "subscription_oca.subscription_stage_ready"
            )
        return stage.name(f"subscription_{contract.key}", subscription)

    # ------------------------------------------------------------------ terms

    def _plan_terms(self):
        at, ago = self.stage.at, self.stage.ago
        # The second year of Boulangeries Vasseur.
        at(ago(months=11), self._renew, "nord", "vasseur")
        # Ambulances Opaline went on with fewer users than it has: over the limit.
        at(ago(45), self._renew_smaller)
        # Camille Œuvrard takes as many seats as she uses, for two years.
        at(ago(12), self._renew, "littoral", "camille", 2, "in_use")
        # Menuiserie Élan Forêt was renewed by mistake.
        at(ago(9), self._renew, "nord", "elan", 3)
        at(ago(8), self._cancel_renewal)
        # Domaine Saint-Aurélien does not want another term.
        at(ago(15), self._refuse_renewal)

    def _renew(self, login, name, *request):
        term = self.stage.ref(f"subscription_{name}").with_env(self.stage.by(login))
        requests = {term: term._prepare_term_request(*request)}
        term.env["subscription.renewal"]._schedule(requests)

    def _renew_smaller(self):
        base = self.stage.pools("opaline", "base").module_id
        term = self.stage.ref("subscription_opaline")
        term = term.with_env(self.stage.by("littoral"))
        request = term._prepare_term_request(choice="other", numbers={base: 5})
        term.env["subscription.renewal"]._schedule({term: request})

    def _cancel_renewal(self):
        term = self.stage.ref("subscription_elan").with_env(self.stage.by("nord"))
        term.action_cancel_renewal()

    def _refuse_renewal(self):
        term = self.stage.ref("subscription_aurelien").with_env(self.stage.by("sud"))
        term.action_refuse_renewal()

    # ------------------------------------------------------------------ changes

    def _plan_changes(self):
        at, ago = self.stage.at, self.stage.ago
        # The users of the term of Opaline that is over.
        at(ago(years=1, days=19), self._set_limit, "littoral", "opaline", "base", 8)
        at(ago(months=10), self._add_module, "littoral", "camille", "tbox", 1)
        # TSend was added to the contract, its seats have not been agreed yet.
        at(ago(30), self._add_module, "littoral", "mousses", "tsend", 0)
        at(ago(months=8), self._set_limit, "sud", "aubepine", "base", 8)
        at(ago(months=8), self._set_limit, "sud", "aubepine", "time", 8)
        at(ago(months=2, days=3), self._set_limit, "sud", "aubepine", "base", 6)
        at(ago(months=2, days=3), self._set_limit, "sud", "aubepine", "time", 6)
        at(ago(months=2), self._close, "nord", "garance")
        # In the middle of a month that is billed: the rest of it is credited.
        at(ago(20), self._close, "nord", "garance_month")
        at(ago(18), self._pause, "littoral", "oyats")
        # Nobody thought of the product of a new module: what is due waits.
        at(ago(20), self._add_module, "sud", "aubepine", "reports", 2)

    def _set_limit(self, login, name, code, number):
        pool = self.stage.pools(name, code).with_env(self.stage.by(login))
        pool.seat_limit = number

    def _add_module(self, login, name, code, number):
        pool = self.stage.by(login)["subscription.seat.pool"].create(
            {
                "subscription_id": self.stage.ref(f"subscription_{name}").id,
                "module_id": self.stage.ref(f"module_{code}").id,
                "seat_limit": number,
            }
        )
        self.stage.name(f"pool_{name}_{code}", pool)

    def _close(self, login, name):
        term = self.stage.ref(f"subscription_{name}").with_env(self.stage.by(login))
        reason = term.env["sale.subscription.close.reason"].search([], limit=1)
        term._close(credit=True, reason=reason)

    def _pause(self, login, name):
        term = self.stage.ref(f"subscription_{name}").with_env(self.stage.by(login))
        term.action_pause(paused_until=self.stage.ago(months=-1))
