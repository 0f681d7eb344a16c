from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, email_normalize

from ..core.base import RELOAD


class SubscriptionMember(models.Model):
    """One e-mail address is one member of a client: the same person, added again, would
    take another seat. Members without an address are not compared."""

    _inherit = "subscription.member"

    email_normalized = fields.Char(
        compute="_compute_email_normalized",
        store=True,
        precompute=True,
        exportable=False,
    )
    is_duplicate = fields.Boolean(
        compute="_compute_email_normalized",
        store=True,
        precompute=True,
        help="Had the e-mail address of another member before addresses were compared.",
        exportable=False,
    )
    has_duplicate = fields.Boolean(
        string="Same E-mail Address",
        compute="_compute_has_duplicate",
        search="_search_has_duplicate",
        help="Another member of the client has the same e-mail address.",
    )

    _address_unique = models.UniqueIndex(
        "(client_id, email_normalized) WHERE active IS TRUE"
        " AND email_normalized IS NOT NULL AND is_duplicate IS NOT TRUE",
        "Another member of the client has this e-mail address already. Merge the two,"
        " or enter another address.",
    )

    @api.depends("email")
    def _compute_email_normalized(self):
        """A new address is compared, also of who had that of another member."""
        marked = self._get_marked()
        for member in self:
            address = email_normalize(member.email or "")
            member.email_normalized = address
            member.is_duplicate = address and marked.get(member._origin.id) == address

    def _get_marked(self):
        """Return ``{id: address}`` of those of these members who are marked to have the
        address of another."""
        if not self._origin:
            return {}
        # In SQL: the ORM would compute what is read.
        query = SQL(
            "SELECT id, email_normalized FROM subscription_member"
            " WHERE is_duplicate AND id IN %s",
            self._origin._ids,
        )
        return dict(self.env.execute_query(query))

    @api.depends("client_id", "email_normalized", "active")
    def _compute_has_duplicate(self):
        duplicates = self._get_duplicates()
        for member in self:
            member.has_duplicate = bool(duplicates[member])

    @api.model
    def _search_has_duplicate(self, operator, value):
        if operator != "in":
            return NotImplemented
        self.flush_model(["client_id", "email_normalized", "active"])
        # In SQL: a domain cannot compare the rows of a table with each other.
        several = SQL(
            "(SELECT unnest(array_agg(id)) FROM subscription_member"
            " WHERE active IS TRUE AND email_normalized IS NOT NULL"
            " GROUP BY client_id, email_normalized HAVING count(*) > 1)"
        )
        domain = Domain("id", "in", several)
        return domain if True in value else ~domain

    def _get_duplicates(self):
        """Return ``{member: the other active members of its client with its address}``
        for these members."""
        compared = self.filtered(
            lambda member: member.active and member.email_normalized
        )
        # sudo: who may read one of them is told that there is another one.
        groups = self.sudo()._read_group(
            [
                ("client_id", "in", compared.client_id.ids),
                ("email_normalized", "in", compared.mapped("email_normalized")),
                ("active", "=", True),
            ],
            ["client_id", "email_normalized"],
            ["id:recordset"],
        )
        same = {(client, address): members for client, address, members in groups}
        duplicates = defaultdict(self.browse)
        for member in compared:
            key = member.sudo().client_id, member.email_normalized
            duplicates[member] = same.get(key, member) - member
        return duplicates

    # ------------------------------------------------------------------ rule

    @api.model
    def _complete_contacts(self, vals_list):
        """:raise UserError: naming the member who has one of the addresses already"""
        vals_list = super()._complete_contacts(vals_list)
        addresses = defaultdict(list)
        # Browsed together, so that they are read together. sudo: only compared.
        contacts = self.env["res.partner"].sudo()
        given = [self._get_given(vals, "partner_id").id for vals in vals_list]
        for vals, contact in zip(vals_list, contacts.browse(given), strict=True):
            address = email_normalize(vals.get("email") or contact.email or "")
            if address and vals.get("active", True):
                addresses[self._get_given(vals, "client_id").id].append(address)
        self._verify_addresses(addresses)
        return vals_list

    def _come_back(self):
        """:raise UserError: naming a member who has the address of one who would come
        back"""
        addresses = defaultdict(list)
        for member in self.filtered(lambda member: not member.active):
            if member.email_normalized and not member.is_duplicate:
                addresses[member.client_id.id].append(member.email_normalized)
        self._verify_addresses(addresses)
        return super()._come_back()

    def _verify_addresses(self, addresses):
        """:raise UserError: naming a member, other than these, who has one of the
        ``addresses``, ``{client id: addresses}``, or an address that is there twice"""
        for listed in addresses.values():
            twice = next((one for one in listed if listed.count(one) > 1), None)
            if twice:
                raise UserError(
                    self.env._(
                        "%(email)s is there more than once: a person is one member of a"
                        " client.",
                        email=twice,
                    )
                )
        # sudo: a member that the user does not see is one as well.
        found = self.sudo().search(
            Domain.OR(
                Domain("client_id", "=", client_id)
                & Domain("email_normalized", "in", listed)
                for client_id, listed in addresses.items()
            )
            & Domain("active", "=", True)
            & Domain("id", "not in", self.ids),
            limit=1,
        )
        if found:
            raise UserError(
                self.env._(
                    "%(email)s belongs to %(member)s, who is a member of %(client)s"
                    " already (%(role)s). Give that member access instead, or enter"
                    " another address.",
                    email=found.email_normalized,
                    member=found.name,
                    client=found.client_id.display_name,
                    role=found.role_id.name,
                )
            )

    # ------------------------------------------------------------------ merging

    def _get_same_member(self, vals):
        """Find as well who has the same address at the client."""
        same = super()._get_same_member(vals)
        client_id = vals.get("client_id")
        if same or not (client_id and self.active and self.email_normalized):
            return same
        return self.search(
            [
                ("client_id", "=", client_id),
                ("email_normalized", "=", self.email_normalized),
                ("active", "=", True),
                ("id", "!=", self.id),
            ],
            limit=1,
        )

    def action_merge(self):
        """Merge each of these members with those who have the same address at the same
        client: who came first keeps the teams and seats of all.

        :raise UserError: when there is nobody to merge with
        """
        self.check_access("write")
        duplicates = self._get_duplicates()
        done = self.browse()
        for member, others in duplicates.items():
            if others and member not in done:
                same = member | others.sudo(self.env.su)
                same.check_access("write")
                keeper = same.sorted(lambda one: (not one.joined_at, one.id))[:1]
                (same - keeper).sudo()._merge_into(keeper.sudo())
                done |= same
        if not done:
            raise UserError(
                self.env._("No other member of the client has this e-mail address.")
            )
        return self._notify(self.env._("The members are one now."), then=RELOAD)
