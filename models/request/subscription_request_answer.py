from odoo import models
from odoo.exceptions import UserError

from ..core.base import RELOAD


class SubscriptionRequest(models.Model):
    """How requests are approved and refused."""

    _inherit = "subscription.request"

    def action_approve(self):
        """Do what is asked for, with the rights of the user. For another partner, open
        the wizard that moves the client: moving it answers the request.

        The form says which price and licences it shows (``seen_preview``): where they
        are others by now, nothing is done, and the form shows those.

        :raise UserError: when somebody else answers it, or has done so already
        :raise LicenceRefusal: when the stock falls short; the request waits on
        """
        self.ensure_one()
        self._verify_may_answer()
        if self.kind == "partner":
            return self._open_move()
        self._lock_waiting()
        if not self._is_preview_seen(self.env.context.get("seen_preview")):
            return self._notify_other_preview()
        self._approve()
        return self._notify(
            self.env._("%(request)s: approved.", request=self.display_name),
            then=RELOAD,
        )

    def _notify_other_preview(self):
        """Return the notification that something else would be done than was shown."""
        return self._notify(
            self.env._(
                "Prices, licences or seats have changed since you opened the page, and"
                " nothing was done. Look at what approving does now, and approve again."
            ),
            kind="warning",
            sticky=True,
            then=RELOAD,
        )

    def action_refuse(self):
        """Open the dialog that asks for the sentence with which to refuse.

        :raise UserError: when somebody else answers it, or has done so already
        """
        self.ensure_one()
        self._verify_may_answer()
        self._verify_waiting()
        return self._open_action(
            "subscription_request_refuse_action",
            context={"default_request_id": self.id},
        )

    def _verify_may_answer(self):
        """:raise UserError: when the user is none of those who answer it"""
        self.check_access("read")
        if not self._may_answer():
            raise UserError(
                self.env._(
                    "%(request)s: you do not answer this. Whoever manages the client"
                    " does, or the vendor.",
                    request=self.display_name,
                )
            )

    def _open_move(self):
        """Return the wizard that moves the client; its form, where nobody manages it so
        far.

        :raise UserError: when it was answered already
        """
        self._verify_waiting()
        client = self.client_id
        if not client.managing_partner_id:
            return client.get_formview_action()
        return self._open_action(
            "subscription_client_move_action",
            context={
                "default_partner_id": client.managing_partner_id.id,
                "default_client_ids": client.ids,
            },
        )

    # ------------------------------------------------------------------ answering

    def _approve(self):
        """Do what is asked for, and note that it was approved. The caller has checked
        who answers; what it does is done with the rights of the caller.

        :raise UserError: when it was answered already, or cannot be done
        """
        self.ensure_one()
        self._lock_waiting()
        {
            "seats": self._approve_seats,
            "plan": self._approve_plan,
            "renewal": self._approve_renewal,
            "module": self._approve_module,
        }[self.kind]()
        self._close("approved")

    def _refuse(self, answer):
        """Refuse with the sentence ``answer``, which the client is told.

        :raise UserError: when there is none, or it was answered already
        """
        self.ensure_one()
        answer = self._read_message(answer)
        if not answer:
            raise UserError(self.env._("Say in a sentence why: the client is told."))
        self._lock_waiting()
        self._close("refused", answer)

    def _approve_seats(self):
        """Add the seats asked for to those that there are now."""
        pool = self._get_pool()
        if pool.is_unlimited:
            raise UserError(
                self.env._(
                    "%(pool)s has no limit any more. Refuse the request, and say so.",
                    pool=pool.display_name,
                )
            )
        pool.write({"seat_limit": pool.seat_limit + self.number})

    def _approve_plan(self):
        if not self.template_id:
            raise UserError(
                self.env._(
                    "%(plan)s is not offered any more. Refuse the request, and say so.",
                    plan=self._get_plan_name(),
                )
            )
        self.subscription_id.write({"template_id": self.template_id.id})

    def _approve_renewal(self):
        terms = {self.subscription_id: self._get_term_request()}
        self.env["subscription.renewal"]._schedule(terms)

    def _approve_module(self):
        member = self.member_id
        if not member:
            raise UserError(
                self.env._("%(member)s is no member any more.", member=self.member_name)
            )
        self.env["subscription.seat"].create(
            {"pool_id": self._get_pool().id, "member_id": member.id}
        )

    def _get_pool(self):
        """Return the pool that seats are asked of.

        :raise UserError: when the subscription has it no more
        """
        if not self.pool_id:
            raise UserError(
                self.env._(
                    "%(module)s is not part of the subscription any more. Refuse the"
                    " request, and say so.",
                    module=self._get_module_name(),
                )
            )
        return self.pool_id

    # ------------------------------------------------------------------ who was first

    def _lock_waiting(self):
        """Hold these requests until the transaction ends: of two people who answer at
        once, the second waits and is told who was first.

        :raise UserError: when one was answered, withdrawn or expired already
        """
        # sudo: nobody may write requests. Locked before the state is read.
        self.sudo()._lock_exclusive()
        self._verify_waiting()

    def _verify_waiting(self):
        """:raise UserError: saying by whom one was answered, and when"""
        done = self.filtered(lambda request: request.state != "waiting")
        if done:
            raise UserError("\n".join(one._get_done_text() for one in done))
