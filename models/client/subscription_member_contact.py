from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import clean_context

from ..core.text import clean_contact


class SubscriptionMember(models.Model):
    """The contacts of members: both have one name and one e-mail address, in one line,
    which is where notices go."""

    _inherit = "subscription.member"

    name = fields.Char(
        compute="_compute_contact",
        inverse="_inverse_contact",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
    )
    email = fields.Char(
        compute="_compute_contact",
        inverse="_inverse_contact",
        store=True,
        precompute=True,
        readonly=False,
    )

    @api.depends("partner_id.name", "partner_id.email")
    def _compute_contact(self):
        """Take name and e-mail address from the contact; who has none any more keeps
        them."""
        for member in self:
            contact = member.partner_id
            member.name = contact.name or member.name
            member.email = contact.email if contact else member.email

    def _inverse_contact(self):
        """Give contacts the names and e-mail addresses that their members were given:
        both have the same, which is where notices go.

        :raise UserError: naming a member whose contact the user may not change
        """
        for member in self.filtered("partner_id"):
            contact = member.partner_id
            changed = {
                name: member[name]
                for name in ("name", "email")
                if (member[name] or False) != (contact[name] or False)
            }
            if changed:
                member._verify_contact_editable()
                contact.write(changed)

    def _verify_contact_editable(self):
        """:raise UserError: when the user may not change the contact of this member"""
        if not self.partner_id.has_access("write"):
            raise UserError(
                self.env._(
                    "%(member)s has its name and e-mail address from a contact that you"
                    " cannot change. Ask the vendor, or %(member)s, to change them"
                    " there.",
                    member=self.partner_id.display_name,
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        """Create members. A member may be given by name and e-mail alone: the contact
        is then created under the client."""
        vals_list = [clean_contact(vals) for vals in vals_list]
        return super().create(self._complete_contacts(vals_list))

    def write(self, vals):
        """Change members, and their contacts with them."""
        return super().write(clean_contact(vals))

    @api.model
    def _complete_contacts(self, vals_list):
        """Return ``vals_list`` with a new contact for each member who has none; those
        who have one take their name and e-mail from it where these are empty."""
        defaults = self.default_get(["client_id", "partner_id", "name", "email"])
        vals_list = [{**defaults, **vals} for vals in vals_list]
        lacking = [vals for vals in vals_list if not vals.get("partner_id")]
        # The default values in the context are those of a member.
        partners = self.env["res.partner"].with_context(clean_context(self.env.context))
        contacts = iter(
            partners.create([self._prepare_contact_values(vals) for vals in lacking])
        )
        return [
            {
                name: value
                for name, value in vals.items()
                if value or name not in ("name", "email")
            }
            if vals.get("partner_id")
            else dict(vals, partner_id=next(contacts).id)
            for vals in vals_list
        ]

    @api.model
    def _prepare_contact_values(self, vals):
        """Return the values of the contact of a member created with ``vals``.

        :raise UserError: when there is no name to create it with
        """
        if not vals.get("name"):
            raise UserError(self.env._("Choose a contact or enter a name."))
        return {
            "name": vals["name"],
            "email": vals.get("email"),
            "parent_id": vals.get("client_id"),
            "type": "contact",
        }
