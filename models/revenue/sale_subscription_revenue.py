from collections import Counter, defaultdict

from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.tools import format_date

from ..dashboard.sections import column, open_action, row, section
from .subscription_revenue_mixin import LOST_AMOUNTS, MOVEMENTS

# What is read of each month, currency and partner.
READ = ("opening", "mrr", *MOVEMENTS.values())
LINES = "subscription_revenue_line_action"


class SaleSubscription(models.Model):
    """Recurring revenue on the dashboard of the vendor: as a whole, by month, and of
    each partner."""

    _inherit = "sale.subscription"

    @api.model
    def _get_dashboard_sections(self, asked):
        """Add recurring revenue, and that of each partner to where they are
        compared."""
        sections = super()._get_dashboard_sections(asked)
        if not self._may_see_all_revenue():
            return sections
        figures = self._read_revenue(asked)
        self._add_partner_revenue(sections, figures, asked)
        return sections + self._get_revenue_sections(figures, asked)

    @api.model
    def _may_see_all_revenue(self):
        """Return whether this is the vendor, and may read revenue."""
        may_read = self.env["subscription.revenue"].has_access("read")
        return may_read and not self.env.user._is_restricted()

    @api.model
    def _get_revenue_sections(self, figures, asked):
        """Return the sections of recurring revenue, three for each currency.

        :param figures: as :meth:`_read_revenue` returns them
        """
        return [
            one
            for currency, months in self._group_revenue(figures).items()
            for one in (
                self._get_revenue_figures(currency, months, asked),
                self._get_revenue_months(currency, months, asked),
                self._get_revenue_movements(currency, months, asked),
            )
        ] or [self._get_no_revenue()]

    @api.model
    def _read_revenue(self, asked):
        """Return ``{(currency, managing partner): {first day of a month: figures}}`` of
        the months that are looked back to: one query for all sections."""
        revenue = self.env["subscription.revenue"]
        first = asked.first_month - relativedelta(months=asked.months)
        groups = revenue._read_group(
            asked.get_domain("management_path", "module_id")
            & revenue._get_since_domain(first),
            ["currency_id", "managing_partner_id", "month:month"],
            [f"{name}:sum" for name in READ],
        )
        figures = defaultdict(dict)
        for currency, partner, month, *amounts in groups:
            figures[currency, partner][month] = Counter(
                dict(zip(READ, amounts, strict=True))
            )
        return figures

    @api.model
    def _group_revenue(self, figures):
        """Return ``{currency: {month: figures}}`` of all partners together."""
        groups = defaultdict(lambda: defaultdict(Counter))
        for (currency, _partner), months in figures.items():
            for month, amounts in months.items():
                for name, amount in amounts.items():
                    groups[currency][month][name] += amount
        return groups

    # ------------------------------------------------------------------ sections

    @api.model
    def _get_revenue_figures(self, currency, months, asked):
        """Return the section of the present month."""
        now = months[asked.first_month]
        net, gross = (
            self._get_retention(months, asked, name) for name in ("net", "gross")
        )
        labels = self._get_revenue_labels()
        amounts = {"mrr": now["mrr"], "arr": 12 * now["mrr"]}
        amounts |= {name: now[name] for name in MOVEMENTS.values()}
        movements = {name: key for key, name in MOVEMENTS.items()}
        return section(
            f"revenue_{currency.name.lower()}",
            self.env._("Recurring revenue, %(currency)s", currency=currency.name),
            "figures",
            [
                column(name, labels[name], "monetary", currency_id=currency.id)
                for name in amounts
            ]
            + [
                column("net", self.env._("Net retention"), "percent"),
                column("gross", self.env._("Gross retention"), "percent"),
            ],
            [
                row(
                    {**amounts, "net": net, "gross": gross},
                    actions={
                        name: self._open_revenue(
                            currency, asked.first_month, asked, movements.get(name)
                        )
                        for name in amounts
                    },
                )
            ],
            width="full",
            note=self.env._(
                "What statements and licences come to for a month, today, without"
                " taxes. Changes are those since the end of last month, retention is"
                " that of %(number)s months.",
                number=asked.months,
            ),
            action=open_action(
                "subscription_revenue_action", context={"search_default_year": 1}
            ),
        )

    @api.model
    def _get_revenue_months(self, currency, months, asked):
        """Return the section of the revenue of each month."""
        labels = self._get_revenue_labels()
        return section(
            f"revenue_months_{currency.name.lower()}",
            self.env._("MRR by month, %(currency)s", currency=currency.name),
            "line",
            [
                column("month", self.env._("Month")),
                column("mrr", labels["mrr"], "monetary", currency_id=currency.id),
            ],
            self._get_month_rows(currency, months, asked, ["mrr"]),
            series=[{"name": "mrr", "label": labels["mrr"]}],
        )

    @api.model
    def _get_revenue_movements(self, currency, months, asked):
        """Return the section of what became of it each month; what was lost lies below
        the axis."""
        labels = self._get_revenue_labels()
        names = [*MOVEMENTS.values()]
        states = {
            "new_amount": "renewed",
            "back_amount": "scheduled",
            "lowered_amount": "ending",
            "lost_amount": "ended",
        }
        return section(
            f"revenue_movements_{currency.name.lower()}",
            self.env._("Changes of the MRR, %(currency)s", currency=currency.name),
            "bars",
            [
                column("month", self.env._("Month")),
                *(
                    column(name, labels[name], "monetary", currency_id=currency.id)
                    for name in names
                ),
            ],
            self._get_month_rows(currency, months, asked, names),
            series=[
                {"name": name, "label": labels[name], "state": states.get(name)}
                for name in names
            ],
        )

    @api.model
    def _get_month_rows(self, currency, months, asked, names):
        signs = dict.fromkeys(LOST_AMOUNTS, -1)
        movements = {name: key for key, name in MOVEMENTS.items()}
        return [
            row(
                {
                    "month": format_date(self.env, month, date_format="MMM yyyy"),
                    **{
                        name: signs.get(name, 1) * months[month][name] for name in names
                    },
                },
                action=self._open_revenue(currency, month, asked),
                actions={
                    name: self._open_revenue(currency, month, asked, movements[name])
                    for name in names
                    if name in movements
                },
            )
            for month in self._get_revenue_span(asked)
        ]

    @api.model
    def _get_revenue_span(self, asked):
        """Return the first days of the months that are shown, the present one last."""
        return [
            asked.first_month - relativedelta(months=number)
            for number in reversed(range(asked.months + 1))
        ]

    @api.model
    def _get_no_revenue(self):
        return section(
            "revenue",
            self.env._("Recurring revenue"),
            "figures",
            [],
            [],
            width="full",
            empty=self.env._(
                "Nothing is billed by the period yet, and no licences are taken. It"
                " begins with the first subscription that runs."
            ),
        )

    @api.model
    def _open_revenue(self, currency, month, asked, movement=None):
        """Return the action that opens the lines of a figure."""
        domain = asked.get_domain("management_path", "module_id")
        values = {"month": month.isoformat(), "currency_id": currency.id}
        if movement:
            values["movement"] = movement
        return open_action(
            LINES,
            domain=[*domain, *((name, "=", value) for name, value in values.items())],
        )

    # ------------------------------------------------------------------ figures

    @api.model
    def _get_retention(self, months, asked, kind):
        """Return the retention of the months that are looked back to, in per cent: that
        of each month, multiplied. None where nothing was paid before."""
        rates = [
            (now["opening"] + now["raised_amount"] * (kind == "net")) / now["opening"]
            - (now["lowered_amount"] + now["lost_amount"]) / now["opening"]
            for month in self._get_revenue_span(asked)[1:]
            for now in [months.get(month, Counter())]
            if now["opening"]
        ]
        if not rates:
            return None
        product = 100
        for rate in rates:
            product *= rate
        return round(product, 1)

    @api.model
    def _get_revenue_labels(self):
        fields = self.env["subscription.revenue"].fields_get(
            ["mrr", "arr", *MOVEMENTS.values()], ["string"]
        )
        return {name: field["string"] for name, field in fields.items()}

    # ------------------------------------------------------------------ partners

    @api.model
    def _add_partner_revenue(self, sections, figures, asked):
        """Add revenue, its change and retention to the table that compares partners, a
        column for each currency."""
        tables = [one for one in sections if one["name"] == "partners"]
        currencies = self.env["res.currency"].union(*(key[0] for key in figures))
        for table in tables:
            for currency in currencies:
                table["columns"] += self._get_partner_revenue_columns(
                    currency, currencies
                )
                for one in table["rows"]:
                    partner = self.env["res.partner"].browse(one.get("id"))
                    months = figures.get((currency, partner), {})
                    one["values"] |= self._get_partner_revenue_values(
                        currency, months, asked
                    )

    @api.model
    def _get_partner_revenue_columns(self, currency, currencies):
        code = currency.name
        labels = self._get_revenue_labels()
        names = {
            "mrr": (labels["mrr"], "monetary"),
            "mrr_change": (self.env._("Change of the MRR"), "monetary"),
            "net": (self.env._("Net retention"), "percent"),
        }
        return [
            column(
                f"{name}_{code.lower()}",
                f"{label}, {code}" if len(currencies) > 1 else label,
                kind,
                **({"currency_id": currency.id} if kind == "monetary" else {}),
            )
            for name, (label, kind) in names.items()
        ]

    @api.model
    def _get_partner_revenue_values(self, currency, months, asked):
        """Return the values of a partner: what it brings, by how much that changed over
        the months that are looked back to, and the retention."""
        first, last = (
            months.get(day, Counter())["mrr"]
            for day in (self._get_revenue_span(asked)[0], asked.first_month)
        )
        values = {
            "mrr": last,
            "mrr_change": last - first,
            "net": self._get_retention(months, asked, "net"),
        }
        code = currency.name.lower()
        return {f"{name}_{code}": value for name, value in values.items()}
