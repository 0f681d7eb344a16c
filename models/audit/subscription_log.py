from odoo import api, fields, models
from odoo.exceptions import UserError

# What an entry may say; everything else is the log's to set.
ENTRY_FIELDS = [
    "event",
    "client_id",
    "subscription_id",
    "pool_id",
    "module_id",
    "member_id",
    "member_name",
    "old_value",
    "new_value",
    "old_managing_partner_id",
    "new_managing_partner_id",
]


class SubscriptionLog(models.Model):
    """Who changed what about a client and when, as far as the seats do not say it.

    Entries are added by :meth:`_log_entries` alone. Nobody edits or deletes one,
    whatever its rights; an entry keeps in words what it is about, and so outlives it.
    """

    _name = "subscription.log"
    _inherit = ["subscription.immutable.mixin", "subscription.worded.name.mixin"]
    _description = "Audit Entry"
    _order = "date desc, id desc"
    _rec_name = "event"

    date = fields.Datetime(required=True)
    user_id = fields.Many2one("res.users", string="By", ondelete="set null")
    user_name = fields.Char(help="Name of the user at the time.")
    user_company_id = fields.Many2one(
        "res.partner",
        ondelete="set null",
        index="btree_not_null",
        help="The company of the user at the time.",
    )
    client_id = fields.Many2one(
        "res.partner", required=True, ondelete="restrict", index=True
    )
    subscription_id = fields.Many2one(
        "sale.subscription", ondelete="set null", index="btree_not_null"
    )
    company_id = fields.Many2one("res.company", ondelete="restrict")
    pool_id = fields.Many2one(
        "subscription.seat.pool", ondelete="set null", index="btree_not_null"
    )
    module_id = fields.Many2one(
        "subscription.module", ondelete="restrict", index="btree_not_null"
    )
    member_id = fields.Many2one(
        "subscription.member", ondelete="set null", index="btree_not_null"
    )
    member_name = fields.Char(help="Name at the time.")
    event = fields.Selection(
        [
            ("limit", "Limit changed"),
            ("plan", "Plan changed"),
            ("renewed", "Renewed"),
            ("renewal_cancelled", "Renewal cancelled"),
            ("renewal_refused", "Renewal refused by the client"),
            ("renewal_accepted", "Refusal of the renewal taken back"),
            ("term", "Term started"),
            ("term_dates", "End of the term changed"),
            ("managing_partner", "Managing partner changed"),
            ("added", "Member added"),
            ("role", "Role of a member changed"),
            ("role_edited", "Role edited"),
            ("archived", "Member left"),
            ("restored", "Member restored"),
            ("merged", "Member merged"),
            ("moved", "Member moved to another company"),
            ("deleted", "Member deleted"),
            ("member_invited", "Member invited"),
            ("member_accepted", "Member's invitation accepted"),
            ("member_withdrawn", "Member's invitation withdrawn"),
            ("member_expired", "Member's invitation expired"),
            ("accountant_invited", "Accountant invited"),
            ("accountant_accepted", "Accountant's invitation accepted"),
            ("accountant_withdrawn", "Accountant's access withdrawn"),
            ("accountant_expired", "Accountant's invitation expired"),
            ("team_modules", "Modules of a team changed"),
            ("removal_undone", "Removal undone"),
            ("billing_mailbox", "Billing mailbox changed"),
            ("billing_delivery", "Way of sending invoices changed"),
            ("purchase_order", "Purchase order number changed"),
            ("requested", "Request made"),
            ("request_approved", "Request approved"),
            ("request_refused", "Request refused"),
            ("request_withdrawn", "Request withdrawn"),
            ("request_expired", "Request expired"),
        ],
        required=True,
    )
    old_value = fields.Char(string="Before")
    new_value = fields.Char(string="After")
    old_managing_partner_id = fields.Many2one(
        "res.partner", ondelete="restrict", index="btree_not_null"
    )
    new_managing_partner_id = fields.Many2one(
        "res.partner", ondelete="restrict", index="btree_not_null"
    )

    _recent = models.Index("(date)")

    @api.model
    def _get_edit_refusal(self):
        """Return the error that tells why the audit trail stays as it is."""
        return UserError(
            self.env._(
                "The audit trail writes itself. Nobody can add to it, change it or"
                " delete from it."
            )
        )

    @api.model
    def _log_entries(self, vals_list):
        """Add an entry, now and by the user of this environment, for each of the
        dictionaries of ``ENTRY_FIELDS``.

        The company comes from the subscription, else from the client.
        """
        if not vals_list:
            return self.browse()
        client_companies = self._get_companies("res.partner", "client_id", vals_list)
        companies = self._get_companies(
            "sale.subscription", "subscription_id", vals_list
        )
        stamp = self._prepare_stamp()
        # Each field is given, so that no default of a user or a context takes effect.
        entries = [
            {
                **{name: vals.get(name, False) for name in ENTRY_FIELDS},
                **stamp,
                "company_id": companies.get(vals.get("subscription_id"))
                or client_companies[vals["client_id"]],
            }
            for vals in vals_list
        ]
        # As superuser: who changes something need not be able to write the log.
        return self.sudo()._add(entries)

    @api.model
    def _get_names(self, records):
        """Return the names of ``records`` as an entry keeps them, without words of a
        language: of many, the first five and how many more."""
        names = ", ".join(records[:5].mapped("display_name"))
        return f"{names} + {len(records) - 5}" if len(records) > 5 else names

    @api.model
    def _prepare_stamp(self):
        """Return the values that say who adds entries, and when."""
        user = self.env.user.sudo()
        return {
            "date": fields.Datetime.now(),
            "user_id": self.env.uid,
            "user_name": user.name,
            "user_company_id": user.commercial_partner_id.id,
        }

    @api.model
    def _get_companies(self, model_name, name, vals_list):
        """Return ``{id: company id}`` of the records that ``vals_list`` has in the
        field ``name``."""
        records = (
            self.env[model_name].sudo().browse({vals.get(name) for vals in vals_list})
        )
        return {record.id: record.company_id.id for record in records.filtered("id")}
