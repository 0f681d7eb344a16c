import logging
from contextlib import contextmanager

from odoo import api, models
from odoo.tools import SQL, split_every

from ..core.jobs import BUSY_ERRORS

_logger = logging.getLogger(__name__)

# Clients whose waiting members get the modules of their teams in one transaction.
CHUNK = 50


class SubscriptionTeam(models.Model):
    """Who is to have which module from which team.

    A *claim* is the id of a team, of a member in it, and of a module that it gives, as
    long as neither team nor member is archived. Claims are read, never stored: what was
    given is known from the seats, and who waits is who has a claim and no seat.
    """

    _inherit = "subscription.team"

    @api.model
    def _read_claims(self, *, teams=(), members=()):
        """Return the claims of ``teams`` and of ``members``, as a set."""
        scope = SQL(
            "(membership.team_id = ANY(%s::int[])"
            " OR membership.member_id = ANY(%s::int[]))",
            [team.id for team in teams],
            [member.id for member in members],
        )
        self._flush_claims()
        return set(self.env.execute_query(self._get_claim_query(scope)))

    @api.model
    def _read_waiting(self, scope):
        """Return ``(team id, member id, module id, whether access was removed by
        hand)`` of the claims within the SQL ``scope`` whose members have no seat of the
        module."""
        self._flush_claims()
        self.env["subscription.seat"].flush_model()
        return self.env.execute_query(
            SQL(
                """
                SELECT claim.team_id, claim.member_id, claim.module_id, %(barred)s
                  FROM (%(claims)s) claim
                 WHERE NOT EXISTS (
                       SELECT FROM subscription_seat seat
                         JOIN subscription_seat_pool pool ON pool.id = seat.pool_id
                        WHERE seat.member_id = claim.member_id
                          AND pool.module_id = claim.module_id
                          AND seat.released_at IS NULL)
                 ORDER BY claim.team_id, claim.member_id, claim.module_id
                """,
                claims=self._get_claim_query(scope),
                barred=self._get_barred_sql(),
            )
        )

    @api.model
    def _flush_claims(self):
        """Write what the queries read."""
        self.flush_model(["active", "client_id", "member_ids", "module_ids"])
        members = self.env["subscription.member"]
        members.flush_model(["active", "client_id", "team_ids"])
        self.env["subscription.module"].flush_model(["is_base"])

    @api.model
    def _get_claim_query(self, scope):
        # Raw SQL: a team of thousands has thousands of claims, which the ORM would read
        # team by team.
        return SQL(
            """
            SELECT membership.team_id, membership.member_id, given.module_id
              FROM subscription_team_member_rel membership
              JOIN subscription_team team
                ON team.id = membership.team_id AND team.active
              JOIN subscription_member member
                ON member.id = membership.member_id AND member.active
              JOIN subscription_team_module_rel given ON given.team_id = team.id
              JOIN subscription_module module
                ON module.id = given.module_id AND module.is_base IS NOT TRUE
             WHERE %s
            """,
            scope,
        )

    @api.model
    def _get_barred_sql(self):
        """Return the SQL of whether the member of ``claim`` lost the module, or the
        base seat that comes with it, by *Remove access*, and not for another reason
        since: a team does not undo what somebody has done by hand."""
        return SQL(
            """
            EXISTS (
                SELECT FROM (
                       SELECT DISTINCT ON (pool.module_id) seat.released_at,
                              seat.release_reason, seat.is_lifted
                         FROM subscription_seat seat
                         JOIN subscription_seat_pool pool ON pool.id = seat.pool_id
                        WHERE seat.member_id = claim.member_id
                          AND (pool.module_id = claim.module_id
                               OR pool.is_base AND NOT EXISTS (
                                  SELECT FROM subscription_seat base
                                    JOIN subscription_seat_pool base_pool
                                      ON base_pool.id = base.pool_id
                                     AND base_pool.is_base
                                   WHERE base.member_id = claim.member_id
                                     AND base.released_at IS NULL))
                        ORDER BY pool.module_id, seat.id DESC
                       ) last
                 WHERE last.released_at IS NOT NULL
                   AND last.release_reason = 'access'
                   AND last.is_lifted IS NOT TRUE)
            """
        )

    # ------------------------------------------------------------------ following

    @api.model
    @contextmanager
    def _follow_claims(self, *, teams=(), members=(), is_giving=False):
        """Give and take the seats that follow from what is done meanwhile to ``teams``
        or to the teams of ``members``.

        :param bool is_giving: whether a team may get modules
        """
        # sudo: a team gives to all of its members, whoever changes it.
        self = self.sudo()
        scope = {
            "teams": self.browse(team.id for team in teams),
            "members": self.env["subscription.member"].browse(
                member.id for member in members
            ),
        }
        clients = scope["teams"].client_id | scope["members"].client_id
        if not (is_giving or clients._has_team_modules()):
            yield
            return
        # Before anything is written: pools are locked before members and teams.
        clients.seat_pool_ids._lock_shared()
        before = self._read_claims(**scope)
        yield
        after = self._read_claims(**scope)
        if is_giving:
            # Who joins meanwhile does not see the modules, nor is seen; but it writes
            # the team, where it is noted who is there.
            scope["teams"]._lock_exclusive()
        if before != after:
            self._lock_claimants(before ^ after)
            self._take_back(before - after)
            self._give(after - before, is_new=True)

    @api.model
    def _lock_claimants(self, claims):
        """Lock the members and teams of ``claims`` until the transaction ends: whoever
        changes them meanwhile starts over and sees this."""
        members = self.env["subscription.member"].sudo()
        members = members.browse({member_id for _team, member_id, _module in claims})
        members._lock_exclusive()
        teams = self.sudo().browse({team_id for team_id, _member, _module in claims})
        teams.exists()._lock_exclusive()

    @api.model
    def _take_back(self, claims):
        """Release what teams gave for ``claims``, which are no more, unless another
        team of the member gives it. A base seat that came along goes too where the
        member has another one and needs this one for nothing else."""
        members = self.env["subscription.member"].sudo()
        members = members.browse({member for _team, member, _module in claims}).exists()
        kept = {
            (member_id, module_id)
            for _team, member_id, module_id in self._read_claims(members=members)
        }
        lost = {(member, module) for _team, member, module in claims} - kept
        held = members._get_seats_in_use()
        seats = held.filtered(
            lambda seat: (
                seat.is_from_team
                and not seat.pool_id.is_base
                and (seat.member_id.id, seat.module_id.id) in lost
            )
        )
        (seats | (held - seats)._get_needless_bases(seats))._release("team")

    @api.model
    def _give(self, claims, *, is_new=False):
        """Assign seats for ``claims``, as far as there is room; who gets none waits.

        :param bool is_new: the members have just come, or the modules: what was removed
            by hand before is given again
        """
        pairs = {(member, module) for _team, member, module in claims}
        if not pairs:
            return
        pools = self.env["subscription.seat.pool"].sudo()
        if is_new:
            pools._lift_removals(pairs)
        plan = pools._plan_team_seats(pairs)
        members = self.env["subscription.member"].sudo().union(*plan.requests.values())
        # Pools before members, as everywhere; whoever leaves a team meanwhile, or gets
        # the seat by hand, has written the member or waits for this.
        pools.union(*plan.requests)._lock_shared()
        members._lock_exclusive()
        seats = pools._grant(plan.requests, allow_partial=True, is_from_team=True)
        given = seats.filtered(lambda seat: not seat.pool_id.is_base)
        asked = sum(map(len, plan.requests.values()))
        if is_new and (plan.waiting or len(given) < asked):
            # What a parallel transaction frees is not seen here: look again after it.
            pools._trigger_waiting()

    @api.model
    def _give_waiting(self):
        """Assign the seats that teams have promised and that have become free. Each
        chunk of clients is committed; one that meets another transaction is tried again
        soon."""
        domain = [("module_ids", "!=", False), ("member_ids", "!=", False)]
        clients = self.search(domain).client_id
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(clients))
        for client_ids in split_every(CHUNK, clients.ids):
            try:
                self._give_to_clients(client_ids)
            except BUSY_ERRORS:
                self.env.cr.rollback()
                _logger.info("Seats of teams wait for another transaction")
                self.env["subscription.seat.pool"]._trigger_waiting()
            if not cron._commit_progress(len(client_ids)):
                break

    @api.model
    def _give_to_clients(self, client_ids):
        rows = self._read_waiting(SQL("team.client_id = ANY(%s::int[])", [*client_ids]))
        self._give({row[:3] for row in rows if not row[3]})
