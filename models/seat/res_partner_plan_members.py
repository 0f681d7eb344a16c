from collections import Counter

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import email_normalize

from ...member_lines import clean, get_name, is_address, split_teams, to_key
from .member_plan import MemberPlan, PlannedLine


class ResPartner(models.Model):
    """What becomes of people who are to be added to a client, before they are."""

    _inherit = "res.partner"

    def _plan_members(self, people, *, role, teams=(), pools=(), allow_partial=False):
        """Decide what adding ``people`` to this client does, without doing it.

        Each is one of the client's contacts, or gets a contact; who has left comes
        back. People are told apart by their addresses, whatever their case.

        :param people: of ``member_lines.Person``
        :param role: of those whose line names none
        :param teams: of those whose line names none
        :param pools: the modules that each gets, beside the base module
        :param bool allow_partial: leave out whose line is wrong, and who finds no seat;
            otherwise nobody is added then
        :return: a ``MemberPlan``
        """
        self.ensure_one()
        pools = self.env["subscription.seat.pool"].union(*pools)
        lines = self._plan_lines(people, role, teams)
        needed = self._get_needed_pools(pools)
        coming = sum(line.is_coming and line.role.takes_seat for line in lines)
        refusal = "\n".join(
            pool._get_refusal(pool.used, coming)
            for pool in needed
            if coming > pool._get_room()
        )
        lines = self._fit_lines(lines, needed)
        return MemberPlan(lines, pools, needed, refusal, allow_partial)

    def _get_needed_pools(self, pools):
        """Return the pools in which a new member with the modules ``pools`` takes a
        seat: the base module comes with joining, and with each module."""
        joined = self._get_base_pool_by_client().get(self.id, pools.browse())
        bases = pools.subscription_id.seat_pool_ids.filtered("is_base")
        return (joined | bases | pools).sorted()

    @api.model
    def _fit_lines(self, lines, needed):
        """Return ``lines``; those who find no seat in one of the pools ``needed`` say
        so. Who comes first in the list is first."""
        room = {pool: pool._get_room() for pool in needed}
        fitted = []
        for line in lines:
            if line.is_coming and line.role.takes_seat:
                full = [pool for pool in needed if not room[pool]]
                if full:
                    names = ", ".join(pool.module_id.name for pool in full)
                    line = line._replace(status="full", detail=names)  # noqa: PLW2901
                else:
                    room = {pool: left - 1 for pool, left in room.items()}
            fitted.append(line)
        return fitted

    # ------------------------------------------------------------------ lines

    def _plan_lines(self, people, role, teams):
        """Return the ``PlannedLine`` of each of ``people``, however few seats there
        are."""
        addresses = [self._to_address(person) for person in people]
        contacts = self._find_contacts(people, addresses)
        members = self._find_planned_members(contacts, addresses)
        roles, known_teams = self._get_role_words(), self._get_team_words()
        seen, lines = set(), []
        for person, address in zip(people, addresses, strict=True):
            contact = contacts.get(person.contact_id or address, self.browse())
            member = members.get(contact) or members.get(address) or self._no_member()
            line = PlannedLine(
                *(person, address, "add", "", role, self._no_team().union(*teams)),
                *(contact, member),
            )
            line = self._name_role(line, roles)
            line = self._name_teams(line, known_teams)
            if line.status == "add":
                line = self._judge(line, seen)
            lines.append(line)
        return lines

    @api.model
    def _to_address(self, person):
        """Return the address of ``person`` as addresses are compared; empty where it
        is none."""
        address = email_normalize(person.email) if is_address(person.email) else ""
        return address or ""

    @api.model
    def _judge(self, line, seen):
        """Return ``line`` with what becomes of it.

        :param set seen: the addresses and contacts of the lines before; those of this
            one are added
        """
        person, member = line.person, line.member
        if not line.address and not person.contact_id:
            status = "bad_address" if person.email else "no_address"
            return line._replace(status=status, detail=person.email)
        keys = [key for key in (line.contact, line.address) if key]
        if any(key in seen for key in keys):
            return line._replace(status="twice")
        seen.update(keys)
        if member.active:
            known = {"role": member.role_id, "teams": member.team_ids}
            return line._replace(status="member", detail=member.role_id.name, **known)
        if member.role_id.is_accountant:
            return line._replace(status="accountant", detail=member.name)
        if member:
            return line._replace(status="back")
        return line._replace(status="contact") if line.contact else line

    @api.model
    def _name_role(self, line, roles):
        """Return ``line`` with the role that it names, if any."""
        written = line.person.role
        if not written:
            return line
        role = roles.get(to_key(written))
        if role:
            return line._replace(role=role)
        return line._replace(status="role", detail=written)

    @api.model
    def _name_teams(self, line, known):
        """Return ``line`` with the teams that it names, if any."""
        written = line.person.teams
        names = [clean(written)] if clean(written) in known else split_teams(written)
        if not names:
            return line
        found = [known.get(name) or known.get(to_key(name)) for name in names]
        missing = [name for name, team in zip(names, found, strict=True) if not team]
        if missing:
            return line._replace(status="team", detail=", ".join(missing))
        return line._replace(teams=self._no_team().union(*found))

    @api.model
    def _no_team(self):
        return self.env["subscription.team"]

    @api.model
    def _no_member(self):
        return self.env["subscription.member"]

    # ------------------------------------------------------------------ finding

    def _get_joinable_domain(self):
        """Return the domain of the contacts of this client who could be members: its
        people, not its addresses."""
        return (
            Domain("commercial_partner_id", "=", self.id)
            & Domain("id", "!=", self.id)
            & Domain("type", "=", "contact")
            & Domain("is_company", "=", False)
        )

    def _get_new_contact_domain(self):
        """Return the domain of the contacts of this client who are no members."""
        here = Domain("client_id", "=", self.id) & Domain("active", "=", True)
        return self._get_joinable_domain() & Domain("membership_ids", "not any", here)

    def _find_contacts(self, people, addresses):
        """Return ``{id or address: contact}`` of the contacts of this client that
        ``people`` name by either."""
        ids = [person.contact_id for person in people if person.contact_id]
        named = Domain("id", "in", ids)
        named |= Domain("email_normalized", "in", list(filter(None, addresses)))
        found = self.search(self._get_joinable_domain() & named, order="id desc")
        return {one.email_normalized: one for one in found if one.email_normalized} | {
            one.id: one for one in found
        }

    def _find_planned_members(self, contacts, addresses):
        """Return ``{contact or address: member}`` of the members of this client, also
        of those who have left."""
        members = self._no_member()
        contact_ids = {contact.id for contact in contacts.values()}
        who = Domain("partner_id", "in", list(contact_ids)) | Domain(
            "email_normalized", "in", list(filter(None, addresses))
        )
        # Who was merged into another has no contact any more.
        found = members.search(
            Domain("client_id", "=", self.id)
            & Domain("active", "in", [True, False])
            & Domain("partner_id", "!=", False)
            & who,
            order="active, id desc",
        )
        return {
            **{one.email_normalized: one for one in found if one.email_normalized},
            **{one.partner_id: one for one in found},
        }

    @api.model
    def _get_role_words(self):
        """Return ``{word: role}`` of the roles that a list can name: by code, and by
        name in every language."""
        roles = self.env["subscription.member.role"]._get_given_by_clients()
        words = {to_key(role.code): role for role in roles}
        for code, _name in self.env["res.lang"].get_installed():
            for role in roles.with_context(lang=code):
                words.setdefault(to_key(role.name), role.with_env(self.env))
        return words

    def _get_team_words(self):
        """Return ``{name: team}`` of the teams of this client, also by their names
        without case and accents where those tell them apart."""
        teams = self.subscription_team_ids.filtered("active")
        keys = {team: to_key(team.name) for team in teams}
        counts = Counter(keys.values())
        words = {key: team for team, key in keys.items() if counts[key] == 1}
        return {**words, **{clean(team.name): team for team in teams}}

    # ------------------------------------------------------------------ telling

    @api.model
    def _get_line_name(self, line):
        """Return what the person of ``line`` is called."""
        person = line.person
        known = line.contact.name or line.member.name
        return known or person.name or get_name(line.address or person.email)

    @api.model
    def _get_line_text(self, line, *, is_done=False):
        """Return in a sentence what becomes of ``line``, or became of it."""
        if is_done and line.is_coming:
            return self._get_done_text(line)
        detail = line.detail
        texts = {
            "add": self.env._("Will be added."),
            "contact": self.env._("Will be added: a contact of yours."),
            "back": self.env._("Has left, and will be restored."),
            "member": self.env._("Is a member already (%s).", detail),
            "twice": self.env._("Is there twice."),
            "no_address": self.env._("There is no e-mail address."),
            "bad_address": self.env._("“%s” is not an e-mail address.", detail),
            "role": self.env._("There is no role called “%s”.", detail),
            "team": self.env._("There is no team called “%s”.", detail),
            "accountant": self.env._(
                "Was your accountant. Invite them again under Accountants."
            ),
            "full": self.env._("No seat is left (%s).", detail),
        }
        return texts[line.status]

    @api.model
    def _get_done_text(self, line):
        if line.status == "back":
            return self.env._("Was restored.")
        return self.env._("Was added.")
