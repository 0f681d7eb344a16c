from contextlib import contextmanager

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

# Clients that a refusal names one by one.
LISTED_CLIENTS = 10


class SubscriptionMember(models.Model):
    """Clients keep an administrator as long as they have members."""

    _inherit = "subscription.member"

    @contextmanager
    def _keep_administrators(self):
        """Take back what is done meanwhile to these members when it leaves a client of
        theirs with members, but without any of the administrators that it had.

        :raise UserError: naming the clients and what to do first
        """
        administrators = self._lock_administrators()
        if not administrators:
            yield
            return
        # Whoever catches the refusal goes on with what there was before.
        with self.env.cr.savepoint():
            yield
            self._verify_administrators(administrators)

    def _lock_administrators(self):
        """Lock the administrators of the clients that these members are administrators
        of, and their roles, until the transaction ends.

        :return: ``{client: (names, whether they can log in)}`` of its administrators;
            those who cannot are left out where another one can
        """
        # As superuser: an administrator counts, whoever may read it.
        clients = self.sudo().filtered(lambda one: one._is_administrator()).client_id
        if not clients:
            return {}
        self.flush_model(["active", "client_id", "role_id"])
        self.role_id.flush_model(["active", "is_administrator"])
        rows = self.env.execute_query(self._get_administrator_lock_query(clients))
        administrators = self.sudo().browse(member_id for (member_id,) in rows)
        return {
            client: (", ".join((acting or members).mapped("name")), bool(acting))
            for client, members in administrators.grouped("client_id").items()
            for acting in [members._filter_acting()]
        }

    def _filter_acting(self):
        """Return those of these members who have logged in, or were given a login: a
        contact without one never looks after anybody, whatever its role."""
        return self.filtered(
            lambda member: member.joined_at or member.partner_id.user_ids
        )

    def _is_administrator(self):
        """Return whether this member looks after the users of its client."""
        return self.active and self.role_id._is_administration()

    @api.model
    def _get_administrator_lock_query(self, clients):
        """Return the query that locks the administrators of ``clients``.

        The ORM locks rows of one table. Were two administrators demoted at the same
        time, the second transaction waits for the first; PostgreSQL then refuses to go
        on with the older snapshot, and Odoo starts it again.
        """
        return SQL(
            "SELECT member.id FROM subscription_member member"
            " JOIN subscription_member_role role ON role.id = member.role_id"
            " WHERE member.client_id IN %s AND member.active AND role.active"
            " AND role.is_administrator ORDER BY member.id"
            " FOR NO KEY UPDATE OF member FOR SHARE OF role",
            tuple(clients.ids),
        )

    @api.model
    def _verify_administrators(self, administrators):
        """Check that clients who have members have an administrator among them, one who
        can log in where there was one.

        :param dict administrators: as :meth:`_lock_administrators` returns them
        :raise UserError: a line for each client that has none
        """
        left = self._get_left_administrators(administrators)
        lines = [
            self._get_administrator_refusal(client, administrators[client][0])
            for client, members in left.items()
            if not (members._filter_acting() if administrators[client][1] else members)
        ]
        if lines:
            more = len(lines) - LISTED_CLIENTS
            if more > 0:
                lines[LISTED_CLIENTS:] = [self.env._("And %s more clients.", more)]
            raise UserError("\n".join(lines))

    @api.model
    def _get_left_administrators(self, clients):
        """Return ``{client: its administrators}`` of those of ``clients`` that have
        members."""
        # sudo: an administrator counts, whoever may read it.
        members = self.sudo()
        here = Domain("active", "=", True) & Domain(
            "client_id", "in", [client.id for client in clients]
        )
        rights = [("is_administrator", "=", True), ("active", "=", True)]
        administrators = members.search(here & Domain("role_id", "any", rights))
        left = administrators.grouped("client_id")
        return {
            client: left.get(client, members.browse())
            for (client,) in members._read_group(here, ["client_id"])
        }

    @api.model
    def _get_administrator_refusal(self, client, names):
        """Return the line that refuses to leave ``client`` without an administrator.

        :param str names: the administrators that it had
        """
        return self.env._(
            "%(client)s needs an administrator and has none but %(members)s. Make"
            " another of its members administrator first or, if the company leaves,"
            " archive all of its members together.",
            client=client.display_name,
            members=names,
        )
