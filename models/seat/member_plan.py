"""What adding a list of people to a client would do, line by line: decided once, for
its preview and for the adding itself."""

from hashlib import sha256
from typing import NamedTuple

from odoo import models

from ...member_lines import Person

# What becomes of a line: somebody comes,
COMING = ("add", "contact", "back")
# there is nothing to do,
DONE = ("member", "twice")
# or it has to be mended, or left out.
WRONG = ("no_address", "bad_address", "role", "team", "accountant", "full")


class PlannedLine(NamedTuple):
    """A person of the list, and what becomes of it."""

    person: Person
    address: str
    status: str
    # what the status is about: the name of a role, a member, a line
    detail: str
    role: models.BaseModel
    teams: models.BaseModel
    # the contact that becomes a member, if it is there
    contact: models.BaseModel
    # the archived member who comes back, or the one who is there
    member: models.BaseModel

    @property
    def is_coming(self):
        return self.status in COMING

    @property
    def is_wrong(self):
        return self.status in WRONG


class MemberPlan(NamedTuple):
    """What adding a list of people would do."""

    results: list
    # the modules that each of them gets, and all pools in which each takes a seat
    pools: models.BaseModel
    needed: models.BaseModel
    # why not all of them find a seat, a line a pool
    refusal: str
    # whether those who can be added are, where others cannot
    allow_partial: bool

    @property
    def is_blocked(self):
        """Whether nobody is added, for the sake of a line that is wrong."""
        return not self.allow_partial and any(line.is_wrong for line in self.results)

    @property
    def coming(self):
        """The lines of those who are added."""
        if self.is_blocked:
            return []
        return [line for line in self.results if line.is_coming]

    def get_demand(self):
        """Return ``{pool: seats}`` that those who come take."""
        seats = sum(line.role.takes_seat for line in self.coming)
        return dict.fromkeys(self.needed, seats)

    def get_digest(self):
        """Return what tells this plan from another: who has seen one agrees to that
        one alone."""
        told = [
            *((one.person.number, one.address, one.status) for one in self.results),
            *((one.role.id, one.teams.ids) for one in self.results),
            *(self.pools.ids, self.is_blocked),
        ]
        return sha256(repr(told).encode()).hexdigest()
