"""Who has which plan since when, and who uses which module."""

from dataclasses import dataclass

from dateutil.relativedelta import relativedelta


@dataclass(frozen=True)
class Contract:
    """A subscription of the demo: its client, plan, seller and first day; ``name``
    where it is not that of the client."""

    client: str
    plan: str
    seller: str
    start: relativedelta
    choice: str = ""
    name: str = ""

    @property
    def key(self):
        return self.name or self.client

    @property
    def login(self):
        """Who acts for the seller: Garrigue has no user in the demo, Sudexia is above
        it."""
        return "sud" if self.seller == "garrigue" else self.seller


@dataclass(frozen=True)
class Use:
    """Who uses modules: members in these teams, or with these roles, or all who take a
    seat."""

    contract: str
    codes: tuple[str, ...]
    teams: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    role: str = ""


def ago(days=0, **delta):
    return -relativedelta(**delta) - relativedelta(days=days)


CONTRACTS = (
    # In its second year, which ends in two months: to renew.
    Contract("vasseur", "business", "nord", ago(months=22)),
    Contract("elan", "plus", "nord", ago(months=4), "none"),
    # Without an end: its seats take no licences.
    Contract("coop", "enterprise", "nord", ago(months=14)),
    Contract("mousses", "starter", "littoral", ago(months=2), "in_use"),
    # renewed with fewer users than it has
    Contract("opaline", "plus", "littoral", ago(years=1, days=20)),
    Contract("camille", "starter", "littoral", ago(months=11)),
    Contract("aurelien", "business", "sud", ago(months=6), "same"),
    # Ends in three weeks: to renew.
    Contract("cevennes", "plus", "sud", ago(months=12, days=-21)),
    # Ended, and still in their grace periods.
    Contract("maraval", "plus", "sud", ago(years=1, days=12)),
    Contract("voilerie", "starter", "littoral", ago(years=1, days=5)),
    # Ended longer ago than that.
    Contract("librairie", "plus", "nord", ago(years=1, days=45)),
    Contract("briselames", "business", "garrigue", ago(months=5)),
    # Sold by the vendor itself: no partner reaches it.
    Contract("direct", "plus", "vendor", ago(months=3)),
    # Renewed by itself, and in need of licences that its partner has not.
    Contract("ligne", "starter", "nord", ago(years=1, days=-8), "same"),
    Contract("cedre", "business", "sud", ago(years=1, days=-16), "same"),
    # Billed by the period: what is contracted, in use, members, and teams.
    Contract("aubepine", "monthly", "sud", ago(months=13)),
    Contract("vasseur", "sign", "nord", ago(months=12), name="vasseur_sign"),
    Contract("elan", "sign", "nord", ago(months=3), name="elan_sign"),
    Contract("garance", "members", "nord", ago(months=11)),
    Contract("garance", "monthly", "nord", ago(months=2), name="garance_month"),
    Contract("marais", "teams", "littoral", ago(months=9)),
    Contract("oyats", "monthly", "littoral", ago(months=5)),
)

# Contracts to come: still being prepared, and agreed.
COMING = (
    Contract("wibaut", "business", "nord", relativedelta(months=1)),
    Contract("ecluse", "plus", "sud", relativedelta(days=21)),
)

USES = (
    Use("vasseur", ("expenses",), teams=("vasseur_bureau", "vasseur_livraison")),
    Use("vasseur", ("time",), teams=("vasseur_fournil", "vasseur_boutiques")),
    Use("vasseur", ("tbox",), teams=("vasseur_bureau", "vasseur_boutiques")),
    Use("vasseur", ("tsend",), role="administrator"),
    Use("vasseur_sign", ("tsign",), teams=("vasseur_bureau", "vasseur_livraison")),
    Use("elan", ("expenses",)),
    Use("elan", ("time",), teams=("elan_atelier",)),
    Use("elan_sign", ("tsign",), teams=("elan_pose",)),
    Use("coop", ("expenses", "tbox"), teams=("coop_ventes", "coop_collecte")),
    Use("mousses", ("expenses",), members=("mousses_delphine_macquet",)),
    Use("opaline", ("time",), teams=("opaline_jour",)),
    Use("camille", ("expenses", "tbox"), members=("camille_camille_oeuvrard",)),
    Use(
        "aurelien",
        ("tbox",),
        teams=("aurelien_chai", "aurelien_vigne", "aurelien_caveau"),
    ),
    Use("aurelien", ("tsend",), teams=("aurelien_chai", "aurelien_caveau")),
    Use("cevennes", ("time",)),
    Use("maraval", ("expenses",)),
    Use("voilerie", ("expenses",)),
    Use("librairie", ("time",)),
    Use(
        "briselames",
        ("expenses", "time"),
        teams=("briselames_reception", "briselames_etages"),
    ),
    Use("ligne", ("expenses",)),
    Use("cedre", ("expenses", "time")),
    Use("aubepine", ("time",)),
    Use("oyats", ("expenses",)),
)
