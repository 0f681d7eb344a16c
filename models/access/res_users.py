import re

from odoo import api, models, tools
from odoo.fields import Domain

GROUP_STANDARD = "partner_managed_subscription.group_standard"
GROUP_ACCOUNTANT = "partner_managed_subscription.group_accountant"
GROUP_ADMIN = "partner_managed_subscription.group_admin"


class ResUsers(models.Model):
    _inherit = "res.users"

    @api.depends_context("uid")
    def _compute_display_name(self):
        """Leave out the names of hidden partners, see :meth:`_get_hidden_partners`."""
        result = super()._compute_display_name()
        labels = self.sudo().partner_id._get_hidden_labels()
        for user in self:
            partner = user.sudo().partner_id._origin
            user.display_name = labels.get(partner.id, user.display_name)
        return result

    # ------------------------------------------------------------------ restriction
    # Partners are competitors of each other. The global record rules of this module
    # ask these methods what the user may see; for everybody who is not the staff of a
    # partner or an accountant they answer: whatever they could see before. Rules search
    # without ``active_test``, so archived memberships are left out by name.

    @tools.ormcache("self.id")
    def _get_scope(self):
        """Return the path of the user's company, empty without one.

        It is kept until a path changes, as record rules are.
        """
        return self.sudo().partner_id.management_path or ""

    def _is_partner_staff(self):
        """Return whether this user is the staff of a partner or reseller."""
        return not self.has_group(GROUP_ADMIN) and self.has_group(GROUP_STANDARD)

    def _is_restricted(self):
        """Return whether this user is the staff of a partner or an accountant, and so
        sees some clients only."""
        return not self.has_group(GROUP_ADMIN) and (
            self.has_group(GROUP_STANDARD) or self.has_group(GROUP_ACCOUNTANT)
        )

    def _get_client_domain(self, path="", *, management_path=None, managed=False):
        """Return the domain of the records of the companies that this user looks after:
        those below its own company, itself included, for the staff of a partner, and
        those that made it their accountant.

        :param str path: the way from the records to the company or one of its contacts;
            empty for contacts themselves
        :param str management_path: the field with the path of the company, where the
            records hold it themselves
        :param bool managed: leave out the companies that it is the accountant of, which
            reads and changes nothing
        """
        if not self._is_restricted():
            return Domain.TRUE
        prefix = path and f"{path}."
        management_path = management_path or f"{prefix}management_path"
        domain = self._get_managed_domain(management_path)
        return domain if managed else domain | self._get_invited_domain(prefix)

    def _get_managed_domain(self, management_path, pattern="%"):
        """Return the part of :meth:`_get_client_domain` for the staff of a partner."""
        scope = self._get_scope()
        if not (scope and self.has_group(GROUP_STANDARD)):
            return Domain.FALSE
        return Domain(management_path, "=like", f"{scope}{pattern}")

    def _get_invited_domain(self, prefix):
        """Return the part of :meth:`_get_client_domain` for the companies that invited
        this user. A hook: lower folders know whom companies invite."""
        return Domain.FALSE

    def _get_contact_domain(self, path="", *, or_nobody=False):
        """Return the domain of the contacts that this user may know: those of the
        companies it looks after, its colleagues, the vendor and the vendor's users.

        :param str path: as in :meth:`_get_client_domain`
        :param bool or_nobody: whether records without a contact belong to it as well
        """
        if not self._is_restricted():
            return Domain.TRUE
        prefix = path and f"{path}."
        own_company = self.partner_id.sudo().commercial_partner_id
        domain = (
            self._get_client_domain(path)
            | Domain(f"{prefix}commercial_partner_id", "=", own_company.id)
            | Domain(f"{prefix}ref_company_ids", "!=", False)
            | Domain(f"{prefix}user_ids", "any", self._get_vendor_user_domain())
            | self._get_member_contact_domain(prefix)
        )
        return domain | Domain(path, "=", False) if or_nobody else domain

    def _get_member_contact_domain(self, prefix):
        """Return the part of :meth:`_get_contact_domain` for contacts of other
        companies who work for a client. A hook: lower folders know who does."""
        return Domain.FALSE

    def _get_hidden_partner_domain(self):
        """Return the domain of the contacts whose names this user is not told: other
        managing partners and their staff, unless they are above its own company.

        A client brings its history along when it changes partner, and in it who did
        what: names that belong to a competitor by then.
        """
        if not self._is_partner_staff():
            return Domain.FALSE
        staff = [
            ("active", "in", [True, False]),
            ("group_ids", "in", self.env.ref(GROUP_STANDARD).ids),
        ]
        return (
            (self._get_competitor_domain() | Domain("user_ids", "any", staff))
            & Domain("management_path", "not in", self._get_paths_above())
            & ~self._get_contact_domain()
        )

    def _get_paths_above(self):
        """Return the paths of the companies above this user's own, and of that."""
        scope = self._get_scope()
        return [scope[: match.end()] for match in re.finditer("/", scope)]

    def _get_partners_above(self):
        """Return the partners above the company of this user, as superuser, if it is
        the staff of a partner: it may not read them, but is told their names."""
        partners = self.env["res.partner"].sudo()
        if not self._is_partner_staff():
            return partners
        path = Domain("management_path", "in", self._get_paths_above())
        return partners.search(path & Domain("is_company", "=", True))

    @api.model
    def _get_competitor_domain(self):
        """Return the domain of the contacts of companies that are, or were, partners of
        the vendor. Lower folders add who shows it otherwise."""
        return Domain("commercial_partner_id.is_managing_partner", "=", True)

    def _get_hidden_partners(self, partners):
        """Return those of the contacts ``partners`` whose names this user is not told,
        as superuser."""
        hidden = partners.sudo().with_context(active_test=False).browse()
        if not self._is_partner_staff():
            return hidden
        scope = self._get_scope() or "/"
        others = partners.sudo()._origin.filtered(
            lambda partner: not (partner.management_path or "").startswith(scope)
        )
        if not others:
            return hidden
        return hidden.search(
            Domain("id", "in", others.ids) & self._get_hidden_partner_domain()
        )

    def _get_dealt_companies(self, companies):
        """Return those of ``companies`` that the user's own had dealings with, and so
        knows by name. A hook: lower folders know of dealings."""
        return companies.browse()

    def _get_message_domain(self):
        """Return the domain of the messages that this user may read: none of hidden
        partners, whose words would say whose they are, and in Discuss none of anybody
        whom it may not know."""
        if not self._is_restricted():
            return Domain.TRUE
        by_known = Domain("author_id", "any", self._get_contact_domain())
        by_known |= Domain("author_id", "=", False)
        domain = Domain("model", "!=", "discuss.channel") | by_known
        if not self._is_partner_staff():
            return domain
        return domain & ~Domain("author_id", "any", self._get_hidden_partner_domain())

    def _get_attachment_domain(self):
        """Return the domain of the files that this user may read: none that hidden
        partners uploaded. What a field holds, like a logo or the PDF of an invoice,
        belongs to the record."""
        if not self._is_partner_staff():
            return Domain.TRUE
        by_hidden = Domain("create_uid", "any", self._get_hidden_user_domain())
        return Domain("res_field", "!=", False) | ~by_hidden

    def _get_activity_domain(self):
        """Return the domain of the activities that this user may read: none that is for
        hidden partners or from them."""
        if not self._is_partner_staff():
            return Domain.TRUE
        hidden = self._get_hidden_user_domain()
        return Domain("user_id", "=", self.id) | (
            ~Domain("user_id", "any", hidden) & ~Domain("create_uid", "any", hidden)
        )

    def _get_hidden_user_domain(self):
        """Return the domain of the users whose names this user may not read."""
        return Domain("partner_id", "any", self._get_hidden_partner_domain())

    def _get_user_domain(self):
        """Return the domain of the users that this user may know."""
        if not self._is_restricted():
            return Domain.TRUE
        return self._get_contact_domain("partner_id") | self._get_vendor_user_domain()

    @api.model
    def _get_vendor_user_domain(self):
        """Return the domain of the vendor's own users: internal, and neither the staff
        of a partner nor an accountant."""
        standard, accountant, admin = (
            self.env.ref(group).id
            for group in (GROUP_STANDARD, GROUP_ACCOUNTANT, GROUP_ADMIN)
        )
        return (
            Domain("share", "=", False)
            & Domain("active", "in", [True, False])
            & (
                Domain("group_ids", "in", [admin])
                | Domain("group_ids", "not in", [standard, accountant])
            )
        )

    def _get_managed_contact_domain(self):
        """Return the domain of the contacts that this user may change: those of the
        companies below its own, its own left out."""
        if not self._is_restricted():
            return Domain.TRUE
        return self._get_managed_domain("management_path", "_%")

    def _get_journal_domain(self):
        """Return the domain of the journals that this user may know: those of the
        invoices."""
        return Domain("type", "=", "sale") if self._is_restricted() else Domain.TRUE

    def _get_own_domain(self):
        """Return the domain of the records that this user made."""
        restricted = self._is_restricted()
        return Domain("create_uid", "=", self.id) if restricted else Domain.TRUE

    def _get_maker_domain(self, mode="read", path=""):
        """Return the domain of the records, of those that everybody shares, which this
        user may access by who made them: it sees what the vendor, Odoo's data and its
        colleagues made. It changes its own and its colleagues', an accountant its own.

        :param str path: the way to the record whose maker counts
        """
        if not self._is_restricted():
            return Domain.TRUE
        maker = f"{path}.create_uid" if path else "create_uid"
        if mode != "read" and not self._is_partner_staff():
            return Domain(maker, "=", self.id)
        makers = self._get_colleague_domain()
        if mode == "read":
            makers |= self._get_vendor_user_domain()
        return Domain(maker, "any", makers)

    def _get_colleague_domain(self):
        """Return the domain of the users of this user's company, itself included."""
        company = self.partner_id.sudo().commercial_partner_id
        return Domain("active", "in", [True, False]) & Domain(
            "partner_id.commercial_partner_id", "=", company.id
        )

    def _get_personal_domain(self, path):
        """Return the domain of what is for this user, or for everybody."""
        personal = Domain(path, "in", [self.id, False])
        return personal if self._is_restricted() else Domain.TRUE

    def _get_notification_domain(self):
        """Return the domain of the notifications that this user may read: to contacts
        that it may know, and those of its own messages."""
        if not self._is_restricted():
            return Domain.TRUE
        known = self._get_contact_domain("res_partner_id")
        return known | Domain("author_id", "=", self.partner_id.id)

    def _get_tag_domain(self):
        """Return the domain of the tags of contacts that this user may know: those of
        contacts that it knows, and those that nobody has. A tag of others could tell
        whose clients they are."""
        if not self._is_restricted():
            return Domain.TRUE
        known = Domain("partner_ids", "any", self._get_contact_domain())
        return known | Domain("partner_ids", "=", False)
