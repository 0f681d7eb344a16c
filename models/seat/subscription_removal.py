from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

# For how long a removal can be undone.
UNDO_TIME = timedelta(hours=24)
# For how long it is kept: the audit trail has it as well.
KEPT_TIME = timedelta(days=7)


class SubscriptionRemoval(models.Model):
    """What was taken from members of a client by one call: *Remove access*, *Remove
    inactive* or *Archive*. It can be undone once, within 24 hours.

    Written by :meth:`_note`, whichever door was used, and by :meth:`_undo`. Records are
    deleted after a week; the audit trail keeps what happened.
    """

    _name = "subscription.removal"
    _inherit = [
        "subscription.immutable.mixin",
        "subscription.locking.mixin",
        "subscription.worded.name.mixin",
    ]
    _description = "Removal"
    _order = "date desc, id desc"
    _rec_name = "kind"

    client_id = fields.Many2one(
        "res.partner", required=True, ondelete="cascade", index=True
    )
    kind = fields.Selection(
        [
            ("access", "Access removed"),
            ("inactive", "Inactive members removed"),
            ("unseen", "Members removed who had not signed in"),
            ("member", "Members who left"),
        ],
        required=True,
    )
    date = fields.Datetime(required=True)
    user_id = fields.Many2one("res.users", string="By", ondelete="set null")
    member_ids = fields.Many2many(
        "subscription.member",
        relation="subscription_removal_member_rel",
        column1="removal_id",
        column2="member_id",
        string="Archived Members",
        context={"active_test": False},
    )
    seat_ids = fields.Many2many(
        "subscription.seat",
        relation="subscription_removal_seat_rel",
        column1="removal_id",
        column2="seat_id",
        string="Freed Seats",
    )
    holder_text = fields.Char(
        string="Removed Members", compute="_compute_holder_text", exportable=False
    )
    undone_at = fields.Datetime(string="Undone On")
    undone_by_id = fields.Many2one("res.users", ondelete="set null")
    result = fields.Text(help="What undoing gave back, and what it did not.")
    is_open = fields.Boolean(
        string="Can Be Undone",
        compute="_compute_is_open",
        search="_search_is_open",
        exportable=False,
    )

    _recent = models.Index("(date)")

    @api.depends("member_ids", "seat_ids.member_id")
    @api.depends_context("lang")
    def _compute_holder_text(self):
        for removal in self:
            # sudo: who reads a removal reads whom it was about.
            removal.holder_text = removal.sudo()._get_members()._get_names_text()

    @api.depends("date", "undone_at")
    def _compute_is_open(self):
        since = self._get_open_since()
        for removal in self:
            removal.is_open = not removal.undone_at and removal.date >= since

    @api.model
    def _search_is_open(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = self._get_open_domain()
        return domain if True in value else ~domain

    @api.model
    def _get_open_since(self):
        return fields.Datetime.now() - UNDO_TIME

    @api.model
    def _get_open_domain(self):
        """Return the domain of the removals that can be undone."""
        return Domain("undone_at", "=", False) & Domain(
            "date", ">=", self._get_open_since()
        )

    def _get_members(self):
        """Return the members whom this removal took something from."""
        members = self.with_context(active_test=False)
        return (members.member_ids | members.seat_ids.member_id).sorted()

    @api.model
    def _get_edit_refusal(self):
        return UserError(
            self.env._("Removals are noted as they happen. Undo one, or leave it.")
        )

    @api.model
    def _note(self, kind, *, members=(), seats=()):
        """Note what one call took from members, a record for each client; kinds that
        cannot be undone are passed over.

        :param str kind: a key of ``kind``, or another reason why members leave
        :param members: the members who were archived
        :param seats: the seats that were released
        """
        if kind not in dict(self._fields["kind"].selection):
            return
        # sudo: nobody makes a removal but by removing something.
        removals, none = self.sudo(), self.env["subscription.seat"].sudo()
        members = removals.env["subscription.member"].concat(*members)
        seats = none.concat(*seats)
        clients = members.client_id | seats.member_id.client_id
        members = members.grouped("client_id")
        seats = seats.grouped(lambda seat: seat.member_id.client_id)
        nobody = removals.env["subscription.member"]
        removals._add(
            [
                {
                    "client_id": client.id,
                    "kind": kind,
                    "date": fields.Datetime.now(),
                    "user_id": self.env.uid,
                    "member_ids": members.get(client, nobody).ids,
                    "seat_ids": seats.get(client, none).ids,
                    "undone_at": False,
                    "undone_by_id": False,
                    "result": False,
                }
                for client in clients
            ]
        )

    @api.autovacuum
    def _gc_old(self):
        """Delete removals that nobody can undo any more."""
        kept_since = fields.Datetime.now() - KEPT_TIME
        self.sudo().search([("date", "<", kept_since)], limit=1000)._remove()

    def action_undo(self):
        """Undo these removals, and say what came back and what did not.

        :raise UserError: when one was undone already, or is older than a day
        """
        self.check_access("write")
        undone = [removal._undo() for removal in self.sorted("id")]
        return self._notify(
            "\n".join(undoing.text for undoing in undone),
            kind="warning" if any(undoing.left for undoing in undone) else "success",
            sticky=True,
            title=self.env._("Removal undone"),
            then={"type": "ir.actions.client", "tag": "soft_reload"},
        )
