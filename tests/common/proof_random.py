"""Draws documents at random: a case of billing with several subscriptions, whatever
their prices, taxes, buyers, days and languages."""

import random
from collections import Counter

from .document import make_pool
from .proof_documents import PARTNER, Kind
from .proof_kinds import EVIL, NAMES

# How many subscriptions a case has.
COUNT = 8
# Which taxes go along on a document for a buyer: rates, or keys of `EXEMPT`.
TAXES = {
    "french": [
        ("20",),
        ("20", "10"),
        ("20", "5.5", "E"),
        ("AE",),
        ("E",),
        ("2.1", "20"),
    ],
    "siren": [("20",), ("5.5",)],
    "vat": [("20",), ("10", "20")],
    "long": [("20",), ("franchise",)],
    "reunion": [("8.5",), ("8.5", "2.1")],
    "guadeloupe": [("8.5",)],
    "german": [("AE",), ("K",), ("20",)],
    "american": [("G",), ("20",)],
    "swiss": [("O",), ("G",)],
    "person": [("20",), ("10", "20")],
}
CURRENCIES = {"EUR": None, "USD": "1.25", "CHF": "0.93", "JPY": "163.27"}
PLANS = (
    {},
    {"raise": "now"},
    {"aligned": True, "raise": "now"},
    {"timing": "post"},
    {"interval": [3, "month"]},
    {"one_for_all": True},
)


class Draw:
    """One case that is drawn, and what came up in it."""

    def __init__(self, seed):
        """Draw what ``seed`` gives."""
        self.rng = random.Random(seed)
        self.counts = Counter()
        plan = dict(self.rng.choice(PLANS))
        self.note("plan", "".join(map(str, plan)) or "plain")
        self.plan = plan
        self.buyers, self.langs = {}, {}
        self.rounds = self.rng.choice(("per_line", "global"))
        self.note("rounding", self.rounds)

    def note(self, what, choice):
        """Count that ``choice`` came up."""
        self.counts[what, choice] += 1
        return choice

    def choose(self, what, choices):
        """Return one of ``choices``, and count it."""
        return self.note(what, self.rng.choice(choices))

    def make(self):
        """Return the kind of the documents."""
        subscriptions = [self._draw_subscription(n) for n in range(1, COUNT + 1)]
        return Kind(
            "random",
            tuple(subscriptions),
            self.plan,
            tuple(self._draw_events(subscriptions)),
            buyers=self.buyers,
            langs=self.langs,
            given={"company": self._get_company()},
        )

    def _get_company(self):
        return {"currency": "EUR", "tz": "Europe/Paris", "tax_rounding": self.rounds}

    def _draw_subscription(self, number):
        client = f"Client {number}"
        buyer = self.choose("buyer", [*TAXES])
        self.buyers[client] = buyer
        self.langs[client] = self.choose("language", ("en_US", "fr_FR"))
        currency = self.choose("currency", ("EUR", "EUR", "EUR", *CURRENCIES))
        day = self.choose("start", ("01", "01", "09", "15"))
        given = {"id": f"S{number}", "client": client, "payer": client}
        given["start"] = f"2026-01-{day}"
        if self.choose("end", ("far", "far", "near")) == "near":
            given["end"] = "2026-02-10"
        if (
            buyer == "french"
            and self.choose("payer", ("client", "partner")) == "partner"
        ):
            given.update(PARTNER)
        if CURRENCIES[currency]:
            rates = [["2025-12-01", CURRENCIES[currency]]]
            given |= {"currency": currency, "rates": rates}
        given["pools"] = self._draw_pools(buyer, currency)
        return given

    def _draw_pools(self, buyer, currency):
        taxes = self.rng.choice(TAXES[buyer])
        if self.plan.get("one_for_all"):
            taxes = taxes if buyer != "french" else ("20",)
        included = self.choose("taxes included", (True, False, False))
        return [
            self._draw_pool(module, tax, included, currency)
            for module, tax in zip(NAMES, taxes, strict=False)
        ]

    def _draw_pool(self, module, tax, included, currency):
        self.note("tax", tax)
        seats = self.rng.choice((1, 2, 3, 7, 10, 13, 99))
        most = 9_999 if currency == "JPY" else 99_999
        scale = 1 if currency == "JPY" else 100
        vals = {"seats": seats, "assigned": min(seats, 2), "included": included}
        vals["price"] = f"{self.rng.randint(1, most) / scale:.2f}"
        if self.choose("discount", (False, False, True)):
            vals["discount"] = self.rng.choice(("5", "12.5", "33.33", "100"))
        vals |= {"category": tax} if tax.isalpha() else {"tax": tax}
        is_odd = self.choose("name", ("plain",) * 4 + ("odd",)) == "odd"
        name = f"{EVIL} {module}" if is_odd else module
        return make_pool(name, **vals)

    def _draw_events(self, subscriptions):
        yield {"on": "2026-01-16", "do": "run"}
        for given in subscriptions:
            change = self.choose("change", ("none", "raise", "lower", "pause", "close"))
            pool = given["pools"][0]
            event = {"on": f"2026-01-{self.rng.randint(17, 21)}", "sub": given["id"]}
            if change == "pause":
                until = f"2026-01-{self.rng.randint(24, 29)}"
                yield {**event, "do": "pause", "resume": until}
            elif change == "close":
                yield {**event, "do": "close", "credit": True}
            elif change != "none":
                more = self.rng.randint(1, 5) * (1 if change == "raise" else -1)
                seats = max(pool["seats"] + more, pool["assigned"])
                yield {**event, "do": change, "module": pool["module"], "seats": seats}
        for day in ("2026-01-24", "2026-02-01", "2026-02-16", "2026-03-01"):
            yield {"on": day, "do": "run"}
