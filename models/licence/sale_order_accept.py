from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request

from ..core.activities import plan_activity

ACTIVITY = "partner_managed_subscription.mail_activity_order_accepted"


class SaleOrder(models.Model):
    """What accepting an order online means where partners are concerned.

    A link to an order does not say who holds it, and partner staff gets the links to
    the orders of its clients as well. So for a company that is a partner, or is managed
    by one, an acceptance is recorded, and the vendor confirms: only then do licences
    come into a stock. A payment that its provider confirms does so too. What the vendor
    has not sent is not accepted at all. For everybody else Odoo's rules hold.
    """

    _inherit = "sale.order"

    def write(self, vals):
        """Change orders; whoever decides one that was accepted online is done with
        what it was asked for."""
        result = super().write(vals)
        if "state" in vals and vals["state"] != "sent":
            # sudo: it may be somebody else's to do.
            self._get_of_partners().sudo().activity_unlink([ACTIVITY])
        return result

    def _get_of_partners(self):
        """Return those of these orders whose customer is a partner or managed by one.
        Nobody else has licences in stock."""
        return self.filtered(
            lambda order: order.sudo().partner_id.commercial_partner_id.management_path
        )

    def _has_to_be_signed(self):
        return super()._has_to_be_signed() and not self._get_closed_online()

    def _has_to_be_paid(self):
        return super()._has_to_be_paid() and not self._get_closed_online()

    def _can_be_edited_on_portal(self):
        """Leave what was signed as it was, until the vendor confirms."""
        editable = super()._can_be_edited_on_portal()
        orders = self._get_of_partners()
        return editable and not (self._get_closed_online() or orders.signature)

    def _get_closed_online(self):
        """Return those of these orders that partners cannot accept online: not sent, no
        longer valid or cancelled."""
        return self._get_of_partners().filtered(
            lambda order: order.state not in ("sent", "sale") or order.is_expired
        )

    def _verify_open_online(self):
        """:raise UserError: naming those of these orders that partners cannot pay"""
        if closed := self._get_closed_online():
            raise UserError(
                self.env._(
                    "%(orders)s cannot be signed or paid online: %(vendor)s has not"
                    " sent it, has cancelled it, or the offer has expired. Ask"
                    " %(vendor)s for a new one.",
                    orders=closed._get_names_text(),
                    vendor=closed.company_id[:1].name,
                )
            )

    # ------------------------------------------------------------------ signing

    def _validate_order(self):
        """Confirm what was accepted online, or let the vendor do it."""
        user = request.env.user if request else self.env.user
        confirmed = self.filtered(lambda order: order._is_confirmed_by(user))
        (self - confirmed)._ask_to_confirm()
        if confirmed:
            super(SaleOrder, confirmed)._validate_order()

    def _is_confirmed_by(self, user):
        """Return whether this order is confirmed when ``user`` accepts it online."""
        if user._is_restricted():
            return False
        customer = self.partner_id.commercial_partner_id
        if not customer.management_path or user._is_internal():
            return True
        is_own = user.commercial_partner_id == customer
        return is_own and not customer.is_managing_partner

    def _ask_to_confirm(self):
        """Tell the sellers of these orders that they were accepted online."""
        for order in self.filtered(lambda order: not order._is_asked_for()):
            plan_activity(
                order,
                ACTIVITY,
                order._get_seller(),
                lambda told: told._get_accepted_text(),
            )

    def _get_accepted_text(self):
        return self.env._(
            "%(customer)s has accepted this quotation online. Check it and confirm it:"
            " nothing is delivered before.",
            customer=self.partner_id.commercial_partner_id.name,
        )

    def _is_asked_for(self):
        return bool(self.sudo().activity_search([ACTIVITY]))

    def _get_seller(self):
        """Return the user of the vendor who is told about this order."""
        candidates = self.user_id | self.team_id.user_id | self.create_uid
        sellers = candidates.filtered(
            lambda user: (
                user.active and user._is_internal() and not user._is_restricted()
            )
        )
        return sellers[:1] or self.env.ref("base.user_admin")

    # ------------------------------------------------------------------ paying

    def _is_confirmation_amount_reached(self):
        """Count what providers have confirmed, tests left out; all of it is due where
        no part was asked for."""
        if not self._get_of_partners():
            return super()._is_confirmation_amount_reached()
        paid = sum(self._get_payments().mapped("amount"))
        due = self._get_prepayment_required_amount() or self.amount_total
        return paid > 0 and self.currency_id.compare_amounts(paid, due) >= 0

    def _get_payments(self):
        """Return the payments of this order that count."""
        return self.sudo().transaction_ids.filtered_domain(
            Domain("state", "in", ("authorized", "done"))
            & Domain("operation", "!=", "validation")
            & Domain("provider_id.state", "=", "enabled")
        )
