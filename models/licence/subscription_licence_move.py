from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...terms import LICENCE_DIGITS

# What made an entry.
CAUSE_FIELDS = ["counterpart_id", "subscription_id", "renewal_id", "sale_line_id"]
# What an entry may say; everything else is the ledger's to set.
ENTRY_FIELDS = [
    "account_id",
    "number",
    "kind",
    "quantity",
    "balance",
    "reversed_id",
    "seats",
    "date_first",
    "date_last",
    *CAUSE_FIELDS,
]


class SubscriptionLicenceMove(models.Model):
    """An entry of the ledger of licences: what came into a stock or left it, why, when
    and by whom.

    Entries are added by ``subscription.licence.account._post`` alone. They are never
    edited or deleted, whatever rights a user has: another entry corrects a mistake.
    """

    _name = "subscription.licence.move"
    _inherit = [
        "subscription.immutable.mixin",
        "subscription.module.sum.mixin",
        "subscription.worded.name.mixin",
    ]
    _description = "Licence Entry"
    _order = "date desc, id desc"
    _rec_name = "kind"
    _module_sums = ("quantity",)

    account_id = fields.Many2one(
        "subscription.licence.account",
        string="Stock",
        required=True,
        ondelete="restrict",
    )
    number = fields.Integer(
        string="No.",
        required=True,
        aggregator=None,
        help="Place in the ledger of the stock.",
    )
    partner_id = fields.Many2one(
        related="account_id.partner_id", store=True, index=True
    )
    module_id = fields.Many2one(related="account_id.module_id", store=True)
    company_id = fields.Many2one(related="account_id.company_id", store=True)
    date = fields.Datetime(required=True)
    user_id = fields.Many2one("res.users", string="By", ondelete="set null")
    user_name = fields.Char(
        help="Name of the user at the time.",
        groups="partner_managed_subscription.group_admin",
    )
    management_path = fields.Char(
        help="The stock's owner and the companies above it at the time.",
        groups=fields.NO_ACCESS,
        exportable=False,
    )
    kind = fields.Selection(
        [
            ("given", "Given by the vendor"),
            ("sold", "Sold by the vendor"),
            ("allocated", "Allocated"),
            ("taken_back", "Taken back"),
            ("on_account", "On account"),
            ("renewal", "Renewal"),
            ("raise", "Seats of a running term"),
            ("returned", "Renewal cancelled"),
        ],
        string="Cause",
        required=True,
    )
    quantity = fields.Float(
        string="Licences",
        digits=LICENCE_DIGITS,
        required=True,
        help="Above 0 what came into the stock, below 0 what left it.",
    )
    balance = fields.Float(
        string="Stock After",
        digits=LICENCE_DIGITS,
        required=True,
        aggregator=None,
        help="What was in stock after the entry.",
    )
    seats = fields.Integer(
        readonly=True,
        help="Seats of a subscription that the licences are for; below 0 those that"
        " were given back.",
    )
    date_first = fields.Date(
        string="First Day", readonly=True, help="Since when the seats are paid for."
    )
    date_last = fields.Date(
        string="Last Day", readonly=True, help="Until when the seats are paid for."
    )
    counterpart_id = fields.Many2one(
        "res.partner",
        string="From or To",
        ondelete="restrict",
        index="btree_not_null",
        help="The partner or reseller that they came from or went to.",
    )
    subscription_id = fields.Many2one(
        "sale.subscription", ondelete="restrict", index="btree_not_null"
    )
    client_id = fields.Many2one(related="subscription_id.client_id")
    renewal_id = fields.Many2one(
        "subscription.renewal", ondelete="restrict", index="btree_not_null"
    )
    sale_line_id = fields.Many2one(
        "sale.order.line",
        string="Order Line",
        ondelete="restrict",
        index="btree_not_null",
    )
    order_id = fields.Many2one(related="sale_line_id.order_id", string="Order")
    reversed_id = fields.Many2one(
        "subscription.licence.move",
        string="Reverses",
        ondelete="restrict",
        index="btree_not_null",
    )

    # Checked at the end of a statement: those of merged ledgers are numbered anew.
    _number_unique = models.Constraint(
        "UNIQUE (account_id, number) DEFERRABLE",
        "The ledger of a stock has each number once.",
    )
    _balance_positive = models.Constraint(
        "CHECK (balance >= 0)", "A stock of licences cannot fall below zero."
    )
    _not_empty = models.Constraint(
        "CHECK (quantity <> 0)", "An entry moves at least a hundredth of a licence."
    )
    _reversed_once = models.UniqueIndex(
        "(reversed_id) WHERE reversed_id IS NOT NULL",
        "The entry was reversed already.",
    )

    @api.model
    def _get_edit_refusal(self):
        """Return the error that tells why the ledger stays as it is."""
        return UserError(
            self.env._(
                "The ledger of licences writes itself. Nobody can add to it, change it"
                " or delete from it."
            )
        )

    @api.model
    def _insert_moves(self, vals_list):
        """Insert entries, with the time, and with the user of this environment. Only
        ``subscription.licence.account._post`` calls it, which numbers them.

        :param list vals_list: dictionaries of ``ENTRY_FIELDS``
        """
        stamp = {
            "date": fields.Datetime.now(),
            "user_id": self.env.uid,
            "user_name": self.env.user.name,
        }
        # sudo: no user may add entries otherwise.
        moves = self.sudo()
        return moves._add([moves._prepare_values(vals, stamp) for vals in vals_list])

    @api.model
    def _prepare_values(self, vals, stamp):
        """Return ``vals`` with all other fields, so that no default takes effect."""
        account = self.env["subscription.licence.account"].browse(vals["account_id"])
        return {
            **{name: vals.get(name, False) for name in ENTRY_FIELDS},
            **stamp,
            "management_path": account.partner_id.management_path,
        }

    def _reverse(self):
        """Add the opposites of these entries to the ledger: what was taken is returned,
        and what was given on account for it is not billed."""
        return self.env["subscription.licence.account"]._post(
            [
                {
                    **{name: move[name].id for name in ("account_id", *CAUSE_FIELDS)},
                    "kind": "on_account" if move.kind == "on_account" else "returned",
                    "quantity": -move.quantity,
                    "reversed_id": move.id,
                    "seats": -move.seats,
                    "date_first": move.date_first,
                    "date_last": move.date_last,
                }
                # What is returned first, so that there is enough for the rest.
                # sudo: users may not read all causes of an entry.
                for move in self.sudo().sorted("quantity")
            ]
        )

    @api.model
    def _replace_in_paths(self, sources, target):
        """Replace ``sources``, which were merged into ``target``, in the paths of
        companies that were above stocks at the time of their entries."""
        self.flush_model(["management_path"])
        for source in sources:
            # In SQL: the ledger is immutable, and a path is changed in its middle.
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE subscription_licence_move
                       SET management_path = regexp_replace(
                               management_path, %(source)s, %(target)s)
                     WHERE management_path ~ %(source)s
                    """,
                    source=f"(^|/){source.id}/",
                    target=f"\\1{target.id}/",
                )
            )
        self.invalidate_model(["management_path"])
