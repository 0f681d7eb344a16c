import math

from odoo import api, models
from odoo.exceptions import AccessError, UserError

from ...exceptions import LicenceRefusal
from ..access.res_users import GROUP_STANDARD
from .stock_key import StockKey

# The most that is given or taken back at once.
MAX_LICENCES = 1_000_000_000


class SubscriptionLicenceAccount(models.Model):
    """How licences go from one partner to another."""

    _inherit = "subscription.licence.account"

    @api.model
    def _give(self, partner, quantities, company, *, from_vendor=False):
        """Give licences to ``partner``, from the stock of the partner that manages it
        or, where there is none or ``from_vendor``, from the vendor.

        :param dict quantities: ``{module: licences}``
        :return: the entries
        :raise LicenceRefusal: when the stock above does not have them
        :raise UserError: when ``partner`` manages nobody, a module is not licensed, or
            a quantity is not above 0
        """
        self._verify_quantities(partner, quantities)
        self._verify_company(company)
        self._verify_may_have(partner, quantities)
        # sudo: staff may not see the partner above its own company.
        managing_partner = partner.sudo().managing_partner_id
        source = managing_partner.browse() if from_vendor else managing_partner
        self._verify_may_give(source)
        kind = "allocated" if source else "given"
        return self._transfer(source, partner, quantities, company, kind)

    @api.model
    def _take_back(self, partner, quantities, company, *, to_vendor=False):
        """Take unused licences back from ``partner``, to where :meth:`_give` takes them
        from; a partner takes back no more than it has allocated.

        :return: the entries
        :raise LicenceRefusal: when ``partner`` has not that many left
        :raise UserError: when a quantity is not above 0
        """
        self._verify_quantities(partner, quantities)
        self._verify_company(company)
        # sudo: staff may not see the partner above its own company.
        managing_partner = partner.sudo().managing_partner_id
        target = managing_partner.browse() if to_vendor else managing_partner
        self._verify_may_give(target)
        if target:
            self._verify_allocated(target, partner, quantities, company)
        return self._transfer(partner, target, quantities, company, "taken_back")

    @api.model
    def _verify_company(self, company):
        """:raise AccessError: when the user does not work for ``company``"""
        if not self.env.su and company not in self.env.user.company_ids:
            raise AccessError(
                self.env._(
                    "You do not work for the company whose licences these are. Choose"
                    " one that you work for."
                )
            )

    @api.model
    def _verify_may_give(self, source):
        """:raise AccessError: when the user does not manage ``source`` or, where it is
        the vendor, is not the vendor's administrator"""
        user = self.env.user
        reach = user._get_client_domain(managed=True)
        # sudo: whether the user manages ``source`` is what is asked here.
        if self.env.su or (
            user.has_group(GROUP_STANDARD)
            and (source.sudo().filtered_domain(reach) if source else reach.is_true())
        ):
            return
        raise AccessError(
            self.env._(
                "Only who runs a stock gives licences from it and takes them back: ask"
                " %(owner)s.",
                owner=source.sudo().name or self.env._("the vendor"),
            )
        )

    @api.model
    def _verify_quantities(self, partner, quantities):
        """:raise UserError: when nothing is moved to or from ``partner``, or less or
        more than is possible"""
        partner.check_access("read")
        if not quantities:
            raise UserError(self.env._("Choose at least one module."))
        wrong = [
            module.name
            for module, quantity in quantities.items()
            if not self._is_quantity(quantity)
        ]
        if wrong:
            raise UserError(
                self.env._(
                    "%(modules)s: enter a number of licences above 0, and of"
                    " %(most)s at most.",
                    modules=", ".join(wrong),
                    most=self._format(MAX_LICENCES),
                )
            )

    @api.model
    def _is_quantity(self, quantity):
        """Return whether ``quantity`` licences can be moved."""
        return math.isfinite(quantity) and 0 < self._round(quantity) <= MAX_LICENCES

    @api.model
    def _verify_may_have(self, partner, modules):
        """:raise UserError: when ``partner`` manages nobody, or one of ``modules`` is
        not sold by the licence"""
        # sudo: the refusal is the same whether the user may read the partner or not.
        if not partner.sudo().is_managing_partner:
            raise UserError(
                self.env._(
                    "%(partner)s does not manage clients, so it needs no licences. Mark"
                    " it as managing clients first, or choose another company.",
                    partner=partner.display_name,
                )
            )
        self._verify_not_archived(partner)
        unlicensed = [module.name for module in modules if not module.is_licensed]
        if unlicensed:
            raise UserError(
                self.env._(
                    "%(modules)s: it is not sold by the licence. Choose a module that"
                    " is.",
                    modules=", ".join(unlicensed),
                )
            )

    @api.model
    def _verify_not_archived(self, partners):
        """:raise UserError: naming those of ``partners`` that are archived"""
        # sudo: the refusal is the same whether the user may read the partner or not.
        archived = partners.sudo().filtered(lambda partner: not partner.active)
        if archived:
            raise UserError(
                self.env._(
                    "%(partners)s is archived, so nobody would use the licences."
                    " Restore it first, or choose another company.",
                    partners=archived._get_names_text(),
                )
            )

    @api.model
    def _verify_allocated(self, managing_partner, partner, quantities, company):
        """:raise LicenceRefusal: a line for each module of which ``partner`` has fewer
        licences from ``managing_partner`` than ``quantities`` says"""
        allocated = self._get_allocated(managing_partner, partner, quantities, company)
        lines = [
            self.env._(
                "%(partner)s has %(allocated)s licences of %(module)s from %(manager)s,"
                " so %(needed)s cannot be taken back. Ask the vendor about those that"
                " it has from elsewhere.",
                partner=partner.name,
                allocated=self._format(allocated[module]),
                module=module.name,
                manager=managing_partner.name,
                needed=self._format(quantity),
            )
            for module, quantity in quantities.items()
            if self._compare(allocated[module], quantity) < 0
        ]
        if lines:
            raise LicenceRefusal("\n".join(lines))

    @api.model
    def _get_allocated(self, managing_partner, partner, modules, company):
        """Return ``{module: licences}`` that ``managing_partner`` has allocated to
        ``partner`` and not taken back."""
        stocks = self._open_stocks(
            [
                StockKey(owner, module, company)
                for owner in (managing_partner, partner)
                for module in modules
            ]
        )
        # Both ends at once, in the order of ids. The sum needs all entries, so none may
        # be invisible. sudo: the ledger of another company is hidden from the user.
        self.sudo().union(*stocks.values())._lock_ledgers(seen=True)
        own = {module: stocks[partner, module, company] for module in modules}
        groups = (
            self.env["subscription.licence.move"]
            .sudo()
            ._read_group(
                [
                    ("account_id", "in", [stock.id for stock in own.values()]),
                    ("counterpart_id", "=", managing_partner.id),
                    ("kind", "in", ["allocated", "taken_back"]),
                ],
                ["account_id"],
                ["quantity:sum"],
            )
        )
        quantities = dict(groups)
        return {module: quantities.get(stock, 0) for module, stock in own.items()}

    @api.model
    def _transfer(self, source, target, quantities, company, kind):
        """Move licences from ``source`` to ``target``, where empty: the vendor's, which
        has no stock but gives and takes as it likes.

        :return: the entries of both
        """
        ends = [(source, target, -1), (target, source, 1)]
        changes = [
            (StockKey(partner, module, company), counterpart, sign * quantity)
            for partner, counterpart, sign in ends
            if partner
            for module, quantity in quantities.items()
        ]
        stocks = self._open_stocks([key for key, _, _ in changes])
        return self._post(
            [
                {
                    "account_id": stocks[key].id,
                    "kind": kind,
                    "quantity": self._round(quantity),
                    "counterpart_id": counterpart.id,
                }
                for key, counterpart, quantity in changes
            ]
        )
