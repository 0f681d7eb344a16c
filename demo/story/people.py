"""Teams, members, who uses what, who left, who signs in."""

from collections import defaultdict
from datetime import timedelta

from .cast import COMING, CONTRACTS, USES

# The last day on which somebody joined, before today.
LATEST = 38
# Days since they last signed in, taken in turn; None: never, as far as is known.
SEEN = (0, 1, 1, 2, 4, 6, 9, 13, 20, 27, 41, 70, 95, 130, 210, None)
# Members who have not logged in yet.
UNSEEN = (
    "vasseur_odile_marquette",
    "vasseur_yasmine_haddad",
    "elan_omer_yildiz",
    "coop_patrick_ledoux",
    "aurelien_nuria_puig",
    "briselames_rosa_delgado",
)


class PeopleScene:
    """Who belongs to clients, and has which seats."""

    def __init__(self, stage):
        self.stage = stage
        # The members that join on a day, of all clients.
        self.joining = defaultdict(list)

    def plan(self):
        at, ago = self.stage.at, self.stage.ago
        teams = self._group(self.stage.read_rows("subscription.team"))
        members = self._group(self.stage.read_rows("subscription.member"))
        firsts = {c.client: self.stage.today + c.start for c in reversed(CONTRACTS)}
        firsts |= {contract.client: ago(3) for contract in COMING}
        for client, first in firsts.items():
            if rows := teams.get(client):
                at(first, self.stage.load_rows, "subscription.team", rows, hour=9)
            self._plan_joining(first, members[client])
        for day, rows in self.joining.items():
            at(day, self.stage.load_rows, "subscription.member", rows, hour=10)
        for use in USES:
            self._plan_use(use)
        self._plan_leaving()
        self._plan_teams()
        self._plan_invitations()

    @staticmethod
    def _group(rows):
        groups = {}
        for row in rows:
            client = row["client_id/id"].removeprefix("demo_client_")
            groups.setdefault(client, []).append(row)
        return groups

    # ------------------------------------------------------------------ joining

    def _plan_joining(self, first, rows):
        """Let half of the members join at once, the others one after the other, on the
        first of a month, as people are hired."""
        last = max(self.stage.ago(LATEST), first + timedelta(days=1))
        half = (len(rows) + 1) // 2
        self.joining[first] += rows[:half]
        later = rows[half:]
        for place, row in enumerate(later, 1):
            day = first + (last - first) * place // len(later)
            self.joining[max(first, day.replace(day=1))].append(row)

    def _plan_use(self, use):
        """Give seats when the subscription starts, and to those who came later."""
        contract = next(one for one in CONTRACTS if one.key == use.contract)
        first = self.stage.today + contract.start
        last = self.stage.ago(LATEST - 2)
        middle = first + (last - first) // 2
        for day in dict.fromkeys([first, middle, last]):
            if day >= first:
                self.stage.at(day, self._grant, use, contract, hour=11)

    def _grant(self, use, contract):
        env = self.stage.by(contract.login)
        pools = self.stage.pools(use.contract, *use.codes).with_env(env)
        members = self._find_users(use, contract).with_env(env)
        pools._grant(dict.fromkeys(pools, members), allow_partial=True)

    def _find_users(self, use, contract):
        members = self.stage.members(contract.client)
        if use.role:
            return members.filtered(
                lambda one: one.role_id == self.stage.role(use.role)
            )
        if use.members:
            named = [self.stage.ref(f"member_{name}") for name in use.members]
            return members.browse().union(*named)
        members = members.filtered("role_id.takes_seat")
        if not use.teams:
            return members
        teams = [self.stage.ref(f"team_{name}") for name in use.teams]
        wanted = self.stage.env["subscription.team"].union(*teams)
        return members.filtered(lambda one: one.team_ids & wanted)

    # ------------------------------------------------------------------ leaving

    def _plan_leaving(self):
        at, ago = self.stage.at, self.stage.ago
        at(ago(33), self._archive, "nord", "vasseur_solene_dupuis")
        at(ago(31), self._archive, "nord", "vasseur_quentin_bailleul")
        # The seat of TBox that became free goes to somebody else.
        at(ago(30), self._give_tbox)
        at(ago(28), self._change_role)
        # Somebody's access was removed by mistake, and given back.
        at(ago(2), self._release, "nord", "vasseur_ines_fontaine")
        at(ago(2), self._undo, hour=9)

    def _archive(self, login, *names):
        members = [self.stage.ref(f"member_{name}") for name in names]
        members = self.stage.env["subscription.member"].union(*members)
        members.with_env(self.stage.by(login)).active = False

    def _give_tbox(self):
        member = self.stage.ref("member_vasseur_elodie_ringot")
        pool = self.stage.pools("vasseur", "tbox").with_env(self.stage.by("nord"))
        pool._grant({pool: member.with_env(pool.env)}, allow_partial=True)

    def _change_role(self):
        member = self.stage.ref("member_aurelien_bastien_roquefeuil")
        member.with_env(self.stage.by("sud")).role_id = self.stage.role("reports")

    def _release(self, login, *names):
        members = [self.stage.ref(f"member_{name}").id for name in names]
        seats = self.stage.by(login)["subscription.seat"].search(
            [
                ("pool_id", "=", self.stage.pools("vasseur", "time").id),
                ("member_id", "in", members),
                ("released_at", "=", False),
            ]
        )
        seats.action_release()

    def _undo(self):
        removals = self.stage.by("nord")["subscription.removal"]
        removals.search([], limit=1, order="id desc").action_undo()

    # ------------------------------------------------------------------ teams

    def _plan_teams(self):
        at, ago = self.stage.at, self.stage.ago
        at(ago(100), self._set_modules, "vasseur_fournil", "time")
        at(ago(80), self._set_modules, "vasseur_boutiques", "tbox", "time")
        at(ago(60), self._set_modules, "elan_atelier", "time")

    def _set_modules(self, team, *codes):
        modules = [self.stage.ref(f"module_{code}") for code in codes]
        team = self.stage.ref(f"team_{team}").with_env(self.stage.by("nord"))
        team.module_ids = modules[0].union(*modules)

    # ------------------------------------------------------------------ invitations

    def _plan_invitations(self):
        at, ago = self.stage.at, self.stage.ago
        at(ago(330), self._invite_accountant, "vasseur", hour=12)
        at(ago(329), self._accept, "vasseur", hour=12)
        at(ago(45), self._invite_accountant, "elan", hour=12)
        at(ago(43), self._accept, "elan", hour=12)
        at(ago(36), self._invite, "sud", "aurelien_nuria_puig", hour=12)
        at(ago(3), self._invite, "nord", "coop_patrick_ledoux", hour=12)
        at(ago(2), self._withdraw, "nord", "coop_patrick_ledoux", hour=12)
        at(ago(2), self._invite, "nord", "elan_omer_yildiz", hour=12)

    def _invite(self, login, member):
        self.stage.ref(f"member_{member}").with_env(self.stage.by(login))._invite()

    def _withdraw(self, login, member):
        member = self.stage.ref(f"member_{member}").with_env(self.stage.by(login))
        member.action_withdraw_invitation()

    def _invite_accountant(self, client):
        """Let Nordelis invite the accountant of the demo, as the wizard does."""
        env = self.stage.by("nord")
        contact = self.stage.ref("contact_accountant")
        invitation = env["subscription.invitation"]._invite(
            self.stage.ref(f"client_{client}").with_env(env),
            contact.email,
            contact.name,
        )
        self.stage.name(f"invitation_{client}", invitation.sudo())

    def _accept(self, client):
        """Let the accountant of the demo accept."""
        invitation = self.stage.ref(f"invitation_{client}")
        invitation._accept(self.stage.ref("user_accountant"))
