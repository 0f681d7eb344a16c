from collections import defaultdict
from contextlib import contextmanager

from odoo import Command, api, models
from odoo.exceptions import UserError

from ...member_lines import LinesError, decode, read_people


class ResPartner(models.Model):
    """Adding many members to a client at once, from the portal and from any list."""

    _inherit = "res.partner"

    def _add_members(self, plan, *, invite=False):
        """Add to this client whom ``plan`` says are coming: members, with contacts
        where they have none, in their teams, with base seats and modules.

        :param plan: a ``MemberPlan``, made in this transaction
        :param bool invite: whether those who have no login yet are invited
        :return: the members, those restored included
        :raise SeatRefusal: when they do not fit
        :raise UserError: when nobody is coming
        """
        self.ensure_one()
        # Two who add the same people at once, or one who clicks twice, come one after
        # the other, and the second sees whom the first has added.
        self._lock_exclusive("subscription_member_ids")
        if not plan.coming:
            raise UserError(plan.refusal or self.env._("There is nobody to add."))
        members = self._create_planned(plan) | self._restore_planned(plan)
        self.env["subscription.seat.pool"]._grant(dict.fromkeys(plan.pools, members))
        if invite:
            members._get_invitable()._invite()
        return members

    def _create_planned(self, plan):
        """Create the members of ``plan`` who were none before, all at once."""
        missing = [line for line in plan.coming if not line.member]
        vals_list = [self._prepare_planned_member(line) for line in missing]
        return self.env["subscription.member"].create(vals_list)

    def _prepare_planned_member(self, line):
        """Return the values of the member that ``line`` makes."""
        who = {"partner_id": line.contact.id}
        if not line.contact:
            who = {"name": self._get_line_name(line), "email": line.address}
        return {
            **who,
            "client_id": self.id,
            "role_id": line.role.id,
            "team_ids": [Command.set(line.teams.ids)],
        }

    @api.model
    def _restore_planned(self, plan):
        """Restore the members of ``plan`` who had left; they keep their teams where the
        plan gives them none."""
        groups = defaultdict(self.env["subscription.member"].browse)
        for line in plan.coming:
            if line.member:
                groups[line.role, line.teams] |= line.member
        for (role, teams), members in groups.items():
            vals = {"active": True, "role_id": role.id}
            if teams:
                vals["team_ids"] = [Command.set(teams.ids)]
            members.write(vals)
        return self.env["subscription.member"].union(*groups.values())

    # ------------------------------------------------------------------ reading

    @api.model
    def _read_members_file(self, content):
        """Return the text of a file that names people.

        :raise UserError: when it is no text
        """
        with self._refuse_unread():
            return decode(content)

    @api.model
    def _read_members_text(self, text):
        """Return the ``People`` of a list that was pasted, or of a file's text.

        :raise UserError: when it cannot be read
        """
        with self._refuse_unread():
            return read_people(text)

    @contextmanager
    def _refuse_unread(self):
        """:raise UserError: saying why what is inside could not be read"""
        try:
            yield
        except LinesError as error:
            raise UserError(self._get_lines_refusal(error)) from error

    @api.model
    def _get_lines_refusal(self, error):
        """Return in sentences why a list could not be read."""
        texts = {
            "sheet": self.env._(
                "This is an Excel workbook. Save it as CSV, and choose that file."
            ),
            "binary": self.env._(
                "This file is not a list: choose a CSV or text file, as spreadsheets"
                " save it."
            ),
            "large": self.env._(
                "This file is too large: send at most %(most)s MB at once.",
                most=error.values.get("most"),
            ),
            "lines": self.env._(
                "There are too many people: add at most %(most)s at once.",
                most=error.values.get("most"),
            ),
            "quotes": self.env._(
                "A quotation mark is not closed, from line %(line)s on.",
                line=error.values.get("line"),
            ),
            "columns": self.env._(
                "There is no column of e-mail addresses. The columns are called"
                " %(found)s; call the one with the addresses “E-mail”. Others that are"
                " read are called Name, First Name, Last Name, Role and Teams.",
                found=error.values.get("found"),
            ),
        }
        return texts[error.kind]
