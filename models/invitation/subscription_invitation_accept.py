from odoo import SUPERUSER_ID, Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class SubscriptionInvitation(models.Model):
    """How somebody who was invited gets access."""

    _inherit = "subscription.invitation"

    @api.model
    def _find_open(self, token):
        """Return the invitation that ``token`` opens; none when it was accepted,
        withdrawn, has expired or never was."""
        found = self.sudo().search([("token_hash", "=", self._hash(token))])
        return found.filtered(lambda invitation: invitation.state == "sent")

    def _get_users(self):
        """Return the users that have the invited address, archived ones included."""
        self.ensure_one()
        login = self.email.replace("\\", "\\\\").replace("_", "\\_").replace("%", "\\%")
        return (
            self.env["res.users"]
            .sudo()
            .with_context(active_test=False)
            .search(
                ["|", ("login", "=ilike", login), ("email_normalized", "=", self.email)]
            )
        )

    def _get_obstacle(self, user):
        """Return why ``user`` cannot accept this invitation; nothing when it can.

        Accepting changes the rights of no account. Where it would have to, or would mix
        what is kept apart, another address is needed.
        """
        user = user.sudo()
        if user not in self._get_users():
            return "other"
        return "" if user.active and self._is_suited(user) else "unsuited"

    def _is_suited(self, user):
        """Return whether ``user``, who is active, can become a member of a client.

        Accounts of the portal can. The vendor's staff and a partner's would administer
        in the portal what others run in the back office, where one partner is not to
        know the staff of another; an accountant reads, and changes nothing.
        """
        return user._is_portal()

    def _accept(self, user=None):
        """Make ``user``, or a new one, the member of the client. Once only.

        :param user: who has logged in; empty when the address has no user
        :return: the user
        :raise UserError: when the invitation cannot be accepted, or not by ``user``
        :raise psycopg2.errors.SerializationFailure: when it is accepted or withdrawn
            at the same time; Odoo then makes the call again
        """
        self.ensure_one()
        invitation = self.sudo()
        if invitation._get_obstacle(user) if user else invitation._get_users():
            raise UserError(self.env._("This account cannot accept the invitation."))
        invitation._mark_accepted()
        user = user.sudo() if user else invitation._create_user()
        invitation.accepted_by_id = user
        invitation._admit(user)
        invitation._log_event("accepted", user)
        return user

    def _mark_accepted(self):
        """Mark this invitation as accepted.

        :raise UserError: when it no longer can be
        """
        self.flush_recordset()
        self.member_id.flush_recordset(["active", "role_id"])
        if not self.env.execute_query(self._get_accept_query(fields.Datetime.now())):
            raise UserError(self.env._("This invitation cannot be accepted any more."))
        self.invalidate_recordset(["accepted_at", "state"])

    def _get_accept_query(self, now):
        """Return the statement that accepts this invitation if it still can be.

        The condition and the write are one statement: of two who accept at once, the
        second waits for the row and is then refused.
        """
        return SQL(
            """
            UPDATE subscription_invitation invitation
               SET accepted_at = %(now)s
              FROM subscription_member member
              JOIN subscription_member_role role ON role.id = member.role_id
             WHERE invitation.id = %(id)s
               AND invitation.accepted_at IS NULL
               AND invitation.withdrawn_at IS NULL
               AND invitation.is_misaddressed IS NOT TRUE
               AND invitation.expires_at > %(now)s
               AND member.id = invitation.member_id
               AND member.active
               AND COALESCE(role.is_accountant, FALSE)
                   = COALESCE(invitation.is_accountant, FALSE)
         RETURNING invitation.id
            """,
            now=now,
            id=self.id,
        )

    def _create_user(self):
        """Return a new user for the contact of this invitation."""
        return (
            self.env["res.users"]
            .with_user(SUPERUSER_ID)
            .with_context(no_reset_password=True)
            .create({**self._prepare_user_values(), **self._prepare_group_values()})
        )

    def _prepare_user_values(self):
        companies = self._get_companies()
        return {
            "partner_id": self.partner_id.id,
            "name": self.partner_id.name,
            "login": self.email,
            "email": self.email,
            "lang": self.env["res.lang"]._get_usable_code(
                self.partner_id.lang, self.env.lang
            ),
            "company_id": companies[:1].id,
            "company_ids": [Command.set(companies.ids)],
        }

    def _prepare_group_values(self):
        """Return what says what the new user may do: it has the portal's group and no
        other."""
        return {"group_ids": [Command.set(self.env.ref("base.group_portal").ids)]}

    def _get_companies(self):
        """Return the vendor's companies that the client has documents of."""
        subscriptions = self.env["sale.subscription"].sudo()
        return (
            self.company_id
            | subscriptions.search([("client_id", "=", self.client_id.id)]).company_id
        )

    def _admit(self, user):
        """Let the member of this invitation stand for ``user``, who gets every company
        that the client has documents of."""
        companies = self._get_companies() - user.company_ids
        if companies:
            user.company_ids |= companies
        self.member_id._replace_placeholder(
            user.partner_id, is_contact_new=self.is_contact_new
        )

    def _get_landing_url(self):
        """Return the page that who has accepted this invitation goes on to."""
        is_administrator = self.sudo().role_id._is_administration()
        return "/my/subscription" if is_administrator else "/my/access"
