from odoo import api, fields, models
from odoo.tools import SQL

# How many of those who wait a text names.
LISTED = 50


class SubscriptionTeam(models.Model):
    """What a team gives and to whom not, in words: before it is saved, and after."""

    _inherit = "subscription.team"

    seat_text = fields.Text(
        compute="_compute_seat_text",
        help="Who gets and who loses access when the team is saved.",
        exportable=False,
    )
    waiting_text = fields.Text(
        string="Waiting",
        compute="_compute_waiting_text",
        help="Members of the team who have no seat of its modules, and why.",
        exportable=False,
    )

    @api.depends("active", "client_id", "member_ids", "module_ids")
    @api.depends_context("lang")
    def _compute_seat_text(self):
        for team in self:
            team.seat_text = "\n".join(team._get_change_texts()) or False

    @api.depends("active", "member_ids.active", "member_ids.pool_ids", "module_ids")
    @api.depends_context("lang", "uid")
    def _compute_waiting_text(self):
        for team in self:
            lines = team._get_waiting_lines()
            more = len(lines) - LISTED
            if more > 0:
                lines[LISTED:] = [self.env._("And %s more.", more)]
            team.waiting_text = "\n".join(lines) or False

    # ------------------------------------------------------------------ waiting

    def _read_own_waiting(self):
        """Return ``[(member, module, whether access was removed by hand)]`` of the
        members of these teams who lack what they give."""
        # sudo: who reads a team reads who is in it.
        members = self.env["subscription.member"].sudo()
        modules = self.env["subscription.module"].sudo()
        rows = self.sudo()._read_waiting(
            SQL("team.id = ANY(%s::int[])", self._origin.ids)
        )
        return [
            (members.browse(member_id), modules.browse(module_id), is_barred)
            for _team_id, member_id, module_id, is_barred in rows
        ]

    def _get_waiting_lines(self):
        """Return who waits for what and why, a line each."""
        waiting = self._read_own_waiting()
        reasons = {
            module: self._get_waiting_reason(module)
            for module in {module for _member, module, _barred in waiting}
        }
        barred = self.env._("Access was removed by hand. Give it by hand.")
        expired = self.env._("The invitation has expired. Send it again.")
        members = self.env["subscription.member"].sudo()
        lapsed = members.union(*(member for member, *_rest in waiting))._get_lapsed()
        return [
            self.env._(
                "%(member)s · %(module)s: %(reason)s",
                member=member.name,
                module=module.name,
                reason=(
                    (member in lapsed and expired)
                    or (is_barred and barred)
                    or reasons[module]
                ),
            )
            for member, module, is_barred in waiting
        ]

    def _get_waiting_reason(self, module):
        """Return in a sentence why members of this team get no seat of ``module``."""
        # sudo: who reads a team is told why it gives nothing.
        pools = self.client_id.sudo().seat_pool_ids
        own = pools.filtered(lambda pool: pool.module_id == module)
        running = own.filtered(lambda pool: pool.state != "unavailable")
        if not running:
            none = self.env._("The company has no seats of it.")
            return own[:1].state_reason or none
        if not any(pool._get_room() for pool in running):
            return self.env._("All seats of it are in use. Who waits gets the next.")
        bases = running.subscription_id.seat_pool_ids.filtered("is_base")
        if not any(pool._get_room() for pool in bases):
            return self.env._("All users of the plan are in use.")
        return self.env._("A seat is free and will be given in a moment.")

    # ------------------------------------------------------------------ preview

    def _get_change_texts(self):
        """Return in sentences what saving this team does, as :meth:`_get_pair_texts`
        has it."""
        return self._get_pair_texts(
            self._origin._get_own_pairs(), self._get_own_pairs()
        )

    def _get_module_texts(self, modules):
        """Return in sentences what giving ``modules`` instead of its own does."""
        return self._get_pair_texts(self._get_own_pairs(), self._get_own_pairs(modules))

    def _get_pair_texts(self, old, new):
        """Return in sentences what it does that this team gives ``new`` instead of
        ``old``, pairs of the ids of a member and a module: who gets access, how many
        seats are left then, who does not, who loses access, and what the next invoice
        says to it. Empty where nobody gets or loses anything."""
        if old == new:
            return []
        pools = self.env["subscription.seat.pool"].sudo()
        plan = pools._plan_team_seats(new - old)
        lost = self._get_lost_seats(old - new)
        texts = [
            *self._get_gain_texts(plan),
            *self._get_loss_texts(lost),
            self._get_invoice_text(plan, lost),
        ]
        return [text for text in texts if text]

    def _get_own_pairs(self, modules=None):
        """Return the pairs of the ids of a member and a module of this team, as it is
        on the screen.

        :param modules: instead of those of the team
        """
        # sudo: as when the team is saved.
        team = self.sudo()
        if not team.active:
            return set()
        members = team.member_ids._origin.filtered("active")
        modules = team.module_ids._origin if modules is None else modules
        modules = modules.filtered(lambda module: not module.is_base)
        return {(member, module) for member in members.ids for module in modules.ids}

    def _get_lost_seats(self, pairs):
        """Return the seats that are released when this team does not give ``pairs``, of
        the ids of a member and a module, any more."""
        teams, members = self.sudo(), self.env["subscription.member"].sudo()
        members = members.browse({member_id for member_id, _module in pairs})
        others = {
            (member_id, module_id)
            for team_id, member_id, module_id in teams._read_claims(members=members)
            if team_id != self._origin.id
        }
        return members._get_seats_in_use().filtered(
            lambda seat: (
                seat.is_from_team
                and (seat.member_id.id, seat.module_id.id) in pairs - others
            )
        )

    def _get_gain_texts(self, plan):
        """Return who gets seats by ``plan``, and who waits."""
        texts = [
            self.env._(
                "%(module)s: %(members)s get access. Seats left: %(left)s.",
                module=pool.module_id.name,
                members=members._get_names_text(),
                left=self.env._("unlimited") if pool.is_unlimited else plan.room[pool],
            )
            for pool, members in plan.requests.items()
        ]
        waiting = {}
        for member, module in plan.waiting:
            waiting[module] = waiting.get(module, member) | member
        texts += [
            self.env._(
                "%(module)s: no seat for %(members)s. %(reason)s",
                module=module.name,
                members=members._get_names_text(),
                reason=self._get_shortage_text(module),
            )
            for module, members in waiting.items()
        ]
        return texts

    def _get_shortage_text(self, module):
        """Return why ``module`` does not suffice, once the free seats are given."""
        pools = self.client_id._origin.sudo().seat_pool_ids
        own = pools.filtered(lambda pool: pool.module_id == module)
        if any(pool.state != "unavailable" for pool in own):
            return self.env._("They wait, and get the next that are free.")
        return own[:1].state_reason or self.env._("The company has no seats of it.")

    def _get_loss_texts(self, seats):
        """Return who loses ``seats``."""
        return [
            self.env._(
                "%(module)s: %(members)s lose access.",
                module=module.name,
                members=lost.member_id._get_names_text(),
            )
            for module, lost in seats.grouped("module_id").items()
        ]

    def _get_invoice_text(self, plan, lost):
        """Return what seats given by ``plan``, and ``lost`` ones, do to the next
        invoice. A hook: a lower folder knows invoices."""
        return False
