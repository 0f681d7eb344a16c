from collections import defaultdict
from datetime import datetime, timedelta

from odoo import Command
from odoo.tests import freeze_time

from ..common.property import PropertyMixin, boolean, one_of, position, positions
from ..common.subscription import SubscriptionCase, create_plan

# Later than what the tests make before.
START = datetime(2030, 1, 1)


class TestPresenceProperty(PropertyMixin, SubscriptionCase):
    """Whatever is done, in whatever order, the history says who was where and when."""

    STEPS = {
        "join": (6, position, positions),
        "leave": (3, position, positions),
        "set_teams": (4, position, positions),
        "set_team_active": (4, positions, boolean),
        "add_team": (2, position, positions),
        "delete_team": (1, position),
        "set_role": (4, positions, position),
        "set_takes_seat": (3, position, boolean),
        "set_active": (4, positions, boolean),
        "set_contact_active": (2, positions, boolean),
        "add_member": (4, position, one_of(0, 0, 1, 2), positions),
        "delete_member": (2, position),
        "merge": (4, boolean, position, position),
    }
    NEVER_REFUSED = ("leave", "set_team_active", "delete_team")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.presences = cls.env["subscription.presence"]
        plan = create_plan(cls.env, "Mini", {cls.base: 2})
        cls.subscription.template_id = plan
        cls.clients = cls.acme | cls.bolt
        cls._create_subscription(cls.bolt, plan)
        teams = cls.env["subscription.team"]
        for client in cls.clients:
            for role in (cls.role_administrator, cls.role_standard, cls.role_reports):
                cls._create_members(client, 1, role)
            members = client.subscription_member_ids
            for number in (1, 2, 3):
                teams.create(
                    {
                        "name": f"{client.name} {number}",
                        "client_id": client.id,
                        "member_ids": [Command.set(members[:number].ids)],
                    }
                )
        cls.roles = cls.env["subscription.member.role"].search([])

    def test_the_history_is_right_whatever_is_done(self):
        self._check_fixed_sequences()

    def test_the_history_is_right_in_new_sequences(self):
        self._check_new_sequences()

    # ------------------------------------------------------------------ the model

    def _begin(self):
        self.now = START
        begun = {key: spans[0][0] for key, spans in self._get_history().items()}
        self.there = self._get_wanted()
        self.assertEqual(set(begun), self.there)
        self.since = begun
        self.past = defaultdict(list)

    def _check_step(self, name, *arguments):
        self.now += timedelta(hours=1)
        with freeze_time(self.now):
            self._is_done(name, *arguments)
        there = self._get_wanted()
        for key in self.there - there:
            self.past[key].append((self.since.pop(key), self.now))
        for key in there - self.there:
            self.since[key] = self.now
        self.there = there
        expected = defaultdict(list, {key: [*past] for key, past in self.past.items()})
        for key, since in self.since.items():
            expected[key].append((since, None))
        self.assertEqual(self._get_history(), expected)
        for row in self.presences.search([("until", "=", False)]):
            self.assertEqual(row.client_id, row.subscription_team_id.client_id)

    def _get_wanted(self):
        """Return ``{(team id, member id)}`` of who is there by what the records say
        now, 0 for a team itself."""
        teams = self._get_teams().filtered("active")
        return {(team.id, 0) for team in teams} | {
            (team.id, member.id)
            for member in self._get_members()
            for team in member.with_context(active_test=True).team_ids
            if member.state in ("invited", "active") and member.role_id.takes_seat
        }

    def _get_history(self):
        """Return ``{(team number, member number): [(since, until)]}`` of all rows; one
        that begins as the one before ends goes on."""
        spans = defaultdict(list)
        for row in self.presences.search([], order="since, id"):
            span, known = (row.since, row.until or None), None
            known = spans[row.team_number, row.member_number]
            if known and known[-1][1] == row.since:
                span = known.pop()[0], span[1]
            known.append(span)
        for known in spans.values():
            known[:] = [span for span in known if span[0] != span[1]]
        return {key: known for key, known in spans.items() if known}

    # ------------------------------------------------------------------ what is done

    def _get_teams(self):
        teams = self.env["subscription.team"].with_context(active_test=False)
        return teams.search([], order="id")

    def _get_members(self):
        members = self.env["subscription.member"].with_context(active_test=False)
        return members.search([("partner_id", "!=", False)], order="id")

    def _pick(self, records, *positions):
        """Return the records at ``positions``, counted round and round."""
        return records.browse(
            records[position % len(records)].id for position in positions if records
        )

    def _write(self, records, positions, name, value):
        """Write ``value`` to those of ``records`` that have another one."""
        changed = self._pick(records, *positions).filtered(
            lambda record: record[name] != value
        )
        changed[name] = value
        return bool(changed)

    def _do_join(self, team, members):
        members = self._pick(self._get_members(), *members)
        team = self._pick(self._get_teams(), team)
        team.write({"member_ids": [Command.link(member.id) for member in members]})
        return bool(team)

    def _do_leave(self, team, members):
        team = self._pick(self._get_teams(), team)
        members = self._pick(team.member_ids, *members)
        team.write({"member_ids": [Command.unlink(member.id) for member in members]})
        return bool(members)

    def _do_set_teams(self, member, teams):
        member = self._pick(self._get_members(), member)
        teams = self._pick(self._get_teams(), *teams)
        member.write({"team_ids": [Command.set(teams.ids)]})

    def _do_set_team_active(self, teams, active):
        return self._write(self._get_teams(), teams, "active", active)

    def _do_add_team(self, client, members):
        client = self._pick(self.clients.exists(), client)
        members = self._pick(self._get_members(), *members)
        self.env["subscription.team"].create(
            {
                "name": f"Team of {self.now}",
                "client_id": client.id,
                "member_ids": [Command.set(members.ids)],
            }
        )

    def _do_delete_team(self, team):
        team = self._pick(self._get_teams(), team)
        team.unlink()
        return bool(team)

    def _do_set_role(self, members, role):
        role = self._pick(self.roles, role)
        return self._write(self._get_members(), members, "role_id", role)

    def _do_set_takes_seat(self, role, takes_seat):
        roles = self.roles.filtered(lambda role: not role.is_accountant)
        return self._write(roles, [role], "takes_seat", takes_seat)

    def _do_set_active(self, members, active):
        return self._write(self._get_members(), members, "active", active)

    def _do_set_contact_active(self, members, active):
        return self._write(self._get_members().partner_id, members, "active", active)

    def _do_add_member(self, client, role, teams):
        client = self._pick(self.clients.exists(), client)
        teams = self._pick(client.subscription_team_ids, *teams)
        role = self._pick(self.roles.sorted("takes_seat", reverse=True), role)
        commands = [Command.set(teams.ids)]
        self._create_members(client, 1, role, team_ids=commands)

    def _do_delete_member(self, member):
        member = self._pick(self._get_members(), member)
        member.unlink()
        return bool(member)

    def _do_merge(self, is_of_clients, target, source):
        clients, contacts = self.clients.exists(), self._get_members().partner_id
        records = clients if is_of_clients else contacts
        target, source = self._pick(records, target), self._pick(records, source)
        if target == source:
            return False
        self._merge(target, source)
        return True
