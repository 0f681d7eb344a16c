from odoo import api, fields, models

from ..core.activities import plan_activity
from ..core.text import to_one_line

ACTIVITY = "partner_managed_subscription.mail_activity_mailbox"
# How often an e-mail is tried that the mail server does not take.
MOST_TRIES = 5


class SubscriptionDelivery(models.Model):
    """What did not arrive, why, and who can mend it."""

    _inherit = "subscription.delivery"

    def _get_failure_text(self):
        """Return in words why this did not arrive, and what to do."""
        if not self.failure:
            return False
        values = {
            "email": self.email or "",
            "payer": self.partner_id.display_name,
            "detail": to_one_line(self.failure_text or "").rstrip("."),
        }
        return {
            "address": self._get_address_text,
            "broken": self._get_broken_text,
            "mail": self._get_mail_text,
            "bounce": self._get_bounce_text,
        }[self.failure](values)

    @api.model
    def _get_address_text(self, values):
        return self.env._(
            "%(payer)s has neither a billing mailbox nor an e-mail address. Enter a"
            " billing mailbox: the invoice goes out with the next run.",
            **values,
        )

    @api.model
    def _get_broken_text(self, values):
        return self.env._(
            "The document could not be made: %(detail)s. Mend it and press Send again.",
            **values,
        )

    @api.model
    def _get_mail_text(self, values):
        return self.env._(
            "The mail server did not take the e-mail to %(email)s: %(detail)s. Check"
            " the address and the mail server.",
            **values,
        )

    @api.model
    def _get_bounce_text(self, values):
        return self.env._(
            "An e-mail to %(email)s came back. Enter another billing mailbox, or ask"
            " %(payer)s.",
            **values,
        )

    def _get_problem_text(self):
        """Return what is wrong with these, each sentence once; False where nothing
        is."""
        return "\n".join(dict.fromkeys(filter(None, self.mapped("problem")))) or False

    # ------------------------------------------------------------------ failing

    def _fail(self, failure, reason=False):
        """Note that these did not go out, and tell who can mend it, unless they are
        tried again by themselves."""
        now = fields.Datetime.now()
        for one in self:
            is_final = failure != "mail" or one.tries >= MOST_TRIES
            one.write(
                {
                    "state": "bounced" if failure == "bounce" else "failed",
                    "failure": failure,
                    "failure_text": reason,
                    "tried_at": now,
                    "is_problem": is_final,
                }
            )
        self.filtered("is_problem")._plan_activities()

    def _plan_activities(self):
        """Plan one activity for each payer of these that has none yet."""
        for partner, same in self.grouped("partner_id").items():
            if partner.activity_search([ACTIVITY]):
                continue
            plan_activity(
                partner,
                ACTIVITY,
                partner._get_mailbox_user(same[0].company_id),
                lambda told, one=same[0]: one.with_env(told.env).problem,
            )

    def _mend(self):
        """Note that these need no care any more. The activity of a payer goes with its
        last problem."""
        problems = self.filtered("is_problem")
        if not problems:
            return
        problems.write({"is_problem": False})
        partners = problems.partner_id
        open_problems = self._read_group(
            [("partner_id", "in", partners.ids), ("is_problem", "=", True)],
            ["partner_id"],
        )
        left = partners.browse().union(*(partner for (partner,) in open_problems))
        (partners - left).activity_unlink([ACTIVITY])

    def _mailbox_changed(self):
        """Take what did not arrive for care of: who changed the mailbox knows. What had
        no address is sent to the one that there is now."""
        homeless = self.filtered(lambda one: one.failure == "address")
        (self - homeless)._mend()
        homeless._settle_homeless()

    def _settle_homeless(self):
        """Put what had no address on its way where there is one now."""
        targets = self.move_id._get_delivery_targets()
        settled = self.filtered(lambda one: targets[one.move_id].is_reachable)
        moves = settled.move_id
        settled._mend()
        settled.unlink()
        self._add_for(moves)

    @api.model
    def _mend_arrived(self, before):
        """Take bounces for mended where a later e-mail to the same address was sent
        before ``before`` and did not come back."""
        problems = self.search([("is_problem", "=", True), ("failure", "=", "bounce")])
        later = dict(
            self._read_group(
                [
                    ("email", "in", problems.mapped("email")),
                    ("state", "in", ("sent", "seen")),
                    ("sent_at", "<", before),
                ],
                ["email"],
                ["sent_at:max"],
            )
        )
        problems.filtered(
            lambda one: one.sent_at and later.get(one.email, one.sent_at) > one.sent_at
        )._mend()
