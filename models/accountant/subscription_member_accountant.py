from odoo import api, fields, models
from odoo.exceptions import UserError


class SubscriptionMember(models.Model):
    """Members who are accountants: they read every document and change nothing."""

    _inherit = "subscription.member"

    is_selected = fields.Boolean(
        string="Shown",
        default=True,
        help="Whether the accountant has this client among those shown.",
        exportable=False,
    )

    def _verify_may_return(self):
        """:raise UserError: naming the accountants among these members whose access was
        withdrawn: only a new invitation that they accept gives it back"""
        super()._verify_may_return()
        withdrawn = self.sudo().filtered(
            lambda member: (
                member.role_id.is_accountant
                and any(member.invitation_ids.mapped("withdrawn_at"))
            )
        )
        if withdrawn:
            raise UserError(
                self.env._(
                    "The access of %(members)s was withdrawn. Invite the accountant"
                    " again.",
                    members=", ".join(withdrawn.mapped("name")),
                )
            )

    def _left(self, reason):
        """Show accountants who lose the only client shown their other clients."""
        super()._left(reason)
        self.partner_id._show_some_client()

    def _withdraw_accountant(self):
        """End the access of these accountants and what invited them.

        :raise UserError: when one of them is no accountant
        """
        if not all(self.role_id.mapped("is_accountant")):
            raise UserError(self.env._("Only accountants can be withdrawn this way."))
        self.sudo().invitation_ids._note_withdrawn()
        self._leave("access")

    def _replace_placeholder(self, partner, **options):
        """Show an accountant all its clients, the new one among them."""
        super()._replace_placeholder(partner, **options)
        partner.membership_ids._get_accounted().is_selected = True

    def _get_accounted(self):
        """Return those of these members, as superuser, who are accountants by an
        invitation that their users accepted, and have not left."""
        return self.filtered(
            lambda one: (
                one.active
                and one.role_id.is_accountant
                and one.partner_id in one._get_accepted().accepted_by_id.partner_id
            )
        )

    def _get_accepted(self):
        """Return the invitations of these members that were accepted and stand."""
        return self.invitation_ids.filtered(
            lambda one: one.is_accountant and one.accepted_at and not one.withdrawn_at
        )

    def _get_invited_text(self):
        if not self.role_id.is_accountant:
            return super()._get_invited_text()
        return self.env._(
            "%(member)s was invited to %(client)s as its accountant, and cannot become"
            " somebody else or change client. Withdraw the access and send another"
            " invitation.",
            member=self.name,
            client=self.client_id.name,
        )

    # ------------------------------------------------------------------ inviting

    def _get_invite_obstacle(self):
        """Accountants are invited by *Invite accountant*, and here again only."""
        obstacle = super()._get_invite_obstacle()
        member = self.sudo()
        if not member.role_id.is_accountant or obstacle in ("archived", "recent"):
            return obstacle
        return "" if member._get_open_invitations() else "accountant"

    @api.model
    def _get_invite_refusals(self, names):
        return {
            **super()._get_invite_refusals(names),
            "accountant": self.env._(
                "Accountants: %s. Use Invite accountant.", names["accountant"]
            ),
        }

    def _withdraw_invitation(self):
        """End the access of accountants, whether they accepted or not. What they have
        open shows nothing from their next request on."""
        accountants = self.filtered("role_id.is_accountant")
        accountants._withdraw_accountant()
        super(SubscriptionMember, self - accountants)._withdraw_invitation()

    @api.model
    def _get_own_accounted(self):
        """Return the caller's memberships as an accountant, as superuser."""
        return self.env.user.partner_id.sudo().membership_ids._get_accounted()

    @api.readonly
    @api.model
    def get_accountant_clients(self):
        """Return the clients that the caller is the accountant of, by name.

        :return: a list of ``{"id", "name", "is_selected"}``
        """
        memberships = self._get_own_accounted()
        return [
            {
                "id": member.client_id.id,
                "name": member.client_id.name,
                "is_selected": member.is_selected,
            }
            for member in memberships.sorted(lambda member: member.client_id.name)
        ]

    @api.model
    def select_accountant_client(self, client_id=False):
        """Show the caller, an accountant, one client alone; all of them without one.

        :raise UserError: when the caller is not the accountant of this client
        """
        memberships = self._get_own_accounted()
        shown = memberships.filtered(
            lambda member: not client_id or member.client_id.id == client_id
        )
        if client_id and not shown:
            raise UserError(self.env._("You are not an accountant of this client."))
        (memberships - shown).is_selected = False
        shown.is_selected = True
