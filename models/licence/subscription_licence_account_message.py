from odoo import api, models
from odoo.tools import format_date, formatLang

# What takes licences back from a partner, rather than uses them.
TAKING_BACK = {"taken_back", "sold"}


class SubscriptionLicenceAccount(models.Model):
    """The messages about stocks of licences."""

    _inherit = "subscription.licence.account"

    def _get_stock_text(self):
        """Return what these stocks have, module by module, the least first."""
        lefts = {}
        for stock in self:
            lefts[stock.module_id] = lefts.get(stock.module_id, 0) + stock.balance
        return ", ".join(
            f"{module.name} {self._format(left)}"
            for module, left in sorted(
                lefts.items(), key=lambda item: (item[1], item[0].name)
            )
        )

    @api.model
    def _get_use_refusal(self, partner):
        """Return the line that refuses to use the licences of ``partner``."""
        return self.env._(
            "The licences for this come from the stock of %(partner)s. Ask %(partner)s"
            " to do it.",
            # sudo: the refusal names a partner that the user may not read.
            partner=partner.sudo().name,
        )

    @api.model
    def _get_taking_texts(self, licences, end):
        """Return in sentences, one for each stock of ``{key: licences}``, what will be
        taken from it for a term until ``end`` and what is left, or why it cannot be."""
        unreached = self._get_unreached(
            self.env["res.partner"].union(*(key.partner for key in licences))
        )
        # Once each: whoever may not use a stock is told nothing of its modules.
        refusals = [self._get_use_refusal(partner) for partner in unreached]
        return refusals + [
            stock._get_taking_text(licences[key], end)
            for key, stock in self._find_stocks(licences).items()
            if key.partner not in unreached
        ]

    def _get_taking_text(self, needed, end):
        """Return in a sentence that ``needed`` licences will be taken from this stock
        for a term until ``end``, and what is left of it."""
        left = self.balance - needed
        if self._is_short(left):
            return self._get_refusal(needed)
        values = {
            "needed": self._format(needed),
            "stock": self._format(self.balance),
            "left": self._format(left),
            "module": self.module_id.name,
            "partner": self.partner_id.name,
            "end": format_date(self.env, end),
        }
        if self.billing == "on_account":
            return self.env._(
                "Takes %(needed)s licences of %(module)s until %(end)s, on account of"
                " %(partner)s.",
                **values,
            )
        return self.env._(
            "Takes %(needed)s licences of %(module)s until %(end)s. %(partner)s has"
            " %(stock)s in stock, and %(left)s afterwards.",
            **values,
        )

    def _get_refusal(self, needed, left=None):
        """Return the line that refuses to take ``needed`` licences from this stock.

        :param float left: what is left of it after others, by default its balance
        """
        self.ensure_one()
        partner = self.partner_id.with_company(self.company_id)
        values = self._get_refusal_values(
            needed, self.balance if left is None else left
        )
        if partner._is_managed_by_user():
            return self.env._(
                "%(partner)s, licences of %(module)s: %(left)s in stock, %(needed)s"
                " needed, %(missing)s missing. Give %(partner)s more first, or choose"
                " fewer seats or years.",
                **values,
            )
        return self.env._(
            "%(partner)s, licences of %(module)s: %(left)s in stock, %(needed)s needed,"
            " %(missing)s missing. Contact %(contact)s for more, or choose fewer seats"
            " or years.",
            **values,
            contact=partner._get_subscription_contact_text(),
        )

    def _get_refusal_values(self, needed, left):
        """Return what a refusal to take ``needed`` licences, where so many are
        ``left``, names."""
        return {
            "partner": self.partner_id.name,
            "module": self.module_id.name,
            "needed": self._format(needed),
            "left": self._format(left),
            "missing": self._format(needed - left),
        }

    def _get_taking_refusal(self, needed, left, kinds):
        """Return the line that refuses to take ``needed`` licences, where so many are
        ``left``, by entries of ``kinds``: licences that are taken back are not bought
        first."""
        self.ensure_one()
        if not kinds <= TAKING_BACK:
            return self._get_refusal(needed, left)
        return self.env._(
            "%(partner)s: %(needed)s licences of %(module)s cannot be taken back. Left"
            " in stock: %(left)s; the others were used or allocated. Take back fewer,"
            " or ask %(partner)s to cancel renewals that have not started.",
            **self._get_refusal_values(needed, left),
        )

    @api.model
    def _format(self, quantity):
        """Return ``quantity`` as the user writes numbers, without useless zeros."""
        quantity = self._round(quantity)
        digits = next(n for n in range(3) if n == 2 or round(quantity, n) == quantity)
        return formatLang(self.env, quantity, digits=digits)
