from contextlib import contextmanager

from odoo import api, models
from odoo.exceptions import UserError
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
        names_by_client = self._lock_administrators()
        if not names_by_client:
            yield
            return
        # Whoever catches the refusal goes on with what there was before.
        with self.env.cr.savepoint():
            yield
            self._verify_administrators(names_by_client)

    def _lock_administrators(self):
        """Lock the administrators of the clients that these members are administrators
        of, and their roles, until the transaction ends.

        :return: ``{client: names of its administrators}``
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
            client: ", ".join(members.mapped("name"))
            for client, members in administrators.grouped("client_id").items()
        }

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
    def _verify_administrators(self, names_by_client):
        """Check that clients who have members have an administrator among them.

        :param dict names_by_client: ``{client: names of the administrators it had}``
        :raise UserError: a line for each client that has none
        """
        client_ids = [client.id for client in names_by_client]
        roles_by_client = self.sudo()._read_group(
            [("client_id", "in", client_ids), ("active", "=", True)],
            ["client_id"],
            ["role_id:recordset"],
        )
        lines = [
            self._get_administrator_refusal(client, names_by_client[client])
            for client, roles in roles_by_client
            if not any(role._is_administration() for role in roles)
        ]
        if lines:
            more = len(lines) - LISTED_CLIENTS
            if more > 0:
                lines[LISTED_CLIENTS:] = [self.env._("And %s more clients.", more)]
            raise UserError("\n".join(lines))

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
