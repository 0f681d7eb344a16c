from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

# What belongs to a contact and can be reached by a link, or has files that can.
LINKED_MODELS = {
    "account.move": "partner_id",
    "sale.order": "partner_id",
    "sale.subscription": "partner_id",
    "res.partner": "id",
}


class ResPartner(models.Model):
    """Links end with the access.

    Nobody can be asked to give a link back, and a link does not say whom it was made
    for. So where somebody loses the access to a company, the tokens of all documents of
    that company are renewed, those of their files with them.
    """

    _inherit = "res.partner"

    def signup_get_auth_param(self):
        """:raise AccessError: when a restricted user asks. It would learn the login of
        the contact, or how to log in as somebody who has no login yet."""
        if self._is_user_restricted():
            raise AccessError(self.env._("Only the vendor invites people to log in."))
        return super().signup_get_auth_param()

    @api.model
    def _renew_links(self, contact_domain):
        """End the links to the documents of the contacts of ``contact_domain``, and to
        their files: two queries a model, however many there are."""
        contacts = self.sudo().with_context(active_test=False)._search(contact_domain)
        for model, name in LINKED_MODELS.items():
            documents = self.env[model].sudo().with_context(active_test=False)
            found = documents._search(Domain(name, "in", contacts))
            documents._renew_links_of(found.subselect())

    @api.model
    def _get_links_domain(self, companies):
        """Return the domain of ``companies`` and their contacts."""
        return Domain("commercial_partner_id", "in", companies.ids)


class Base(models.AbstractModel):
    _inherit = "base"

    @api.model
    def _renew_links_of(self, ids):
        """End the links to the records ``ids``, SQL, of this model and their files."""
        if "access_token" in self._fields:
            self._renew_tokens(SQL("id IN %s", ids))
        self.env["ir.attachment"]._renew_tokens(
            SQL("res_model = %s AND res_id IN %s", self._name, ids)
        )

    @api.model
    def _renew_tokens(self, condition):
        """Give new tokens to the records of this model that meet ``condition`` and have
        one. In SQL: it is no change of the document, which may be locked."""
        self.flush_model(["access_token"])
        renewed = SQL(
            "UPDATE %s SET access_token = gen_random_uuid()::varchar"
            " WHERE access_token IS NOT NULL AND %s RETURNING id",
            SQL.identifier(self._table),
            condition,
        )
        if self.env.execute_query(renewed):
            self.invalidate_model(["access_token"])
