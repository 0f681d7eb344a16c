from odoo import models
from odoo.fields import Domain

from odoo.addons.mail.tools.discuss import Store


class ResPartner(models.Model):
    """What the screens of messages are told about contacts.

    Odoo reads authors, recipients and who reacted with the rights of nobody, and sends
    their e-mails and pictures along.
    """

    _inherit = "res.partner"

    def _to_store(self, store, fields):
        """Tell a restricted user nothing but the name of who is out of reach, and of a
        hidden partner what is told instead."""
        unknown = self._get_unknown_to(store.target.get_user(self.env))
        store.add_records_fields(self - unknown, fields)
        if unknown and "name" in fields:
            labels = unknown._get_hidden_labels()
            name = Store.Attr("name", lambda one: labels.get(one.id, one.name))
            store.add_records_fields(unknown, [name])

    def _get_unknown_to(self, user):
        """Return those of these contacts that ``user`` is restricted from reading, as
        superuser in its name."""
        if not (user and user._is_restricted()):
            return self.browse()
        mine = self.with_user(user)
        return (mine - mine._filtered_access("read")).sudo()

    def _get_restricted_users(self):
        """Return the restricted users whose contacts these are, as superuser."""
        users = self.env["res.users"].sudo()
        if not self:
            return users
        own = Domain("partner_id", "in", self.ids)
        return users.search(own & users._get_restricted_domain())
