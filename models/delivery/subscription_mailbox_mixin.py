from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import email_normalize_all

from .mailbox import MOST_ADDRESSES, BadAddressError, read_addresses, write_addresses

# What the audit trail keeps, each with its event.
LOGGED = {
    "billing_email": "billing_mailbox",
    "billing_delivery": "billing_delivery",
}


class SubscriptionMailboxMixin(models.AbstractModel):
    """Records that say where invoices go: clients and their subscriptions.

    Screens, imports, programs and the portal all write the two fields: here they are
    cleaned and checked, and each change goes into the audit trail.
    """

    _name = "subscription.mailbox.mixin"
    _description = "Billing Mailbox"

    billing_email = fields.Char(
        string="Billing Mailbox",
        copy=False,
        help="Where invoices are e-mailed to: one address, or several with commas"
        " between.",
    )
    billing_delivery = fields.Selection(
        [
            ("pdf", "E-mail with the PDF"),
            ("xlsx", "E-mail with the PDF and an Excel file of who is billed"),
            ("portal", "On the portal only"),
        ],
        string="Invoices Are Sent",
        copy=False,
        help="How invoices reach who pays them. Empty: as the settings say.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """:raise ValidationError: when a mailbox has something that is no address"""
        records = super().create([self._clean_mailbox(vals) for vals in vals_list])
        given = records.filtered(lambda one: one.billing_email or one.billing_delivery)
        given._log_mailbox({})
        return records

    def write(self, vals):
        """:raise ValidationError: when the mailbox has something that is no address"""
        if not LOGGED.keys() & vals.keys():
            return super().write(vals)
        self.check_access("write")
        vals = self._clean_mailbox(vals)
        changed = self._get_changed(vals, LOGGED.keys())
        before = {one: {name: one[name] for name in LOGGED} for one in changed}
        result = super().write(vals)
        changed._log_mailbox(before)
        changed._mailbox_changed()
        return result

    @api.model
    def _clean_mailbox(self, vals):
        """Return ``vals`` with the addresses of the mailbox in one form."""
        if "billing_email" not in vals:
            return vals
        field = self._fields["billing_email"]
        # As Odoo stores it, whatever was given.
        text = field.convert_to_cache(vals["billing_email"], self) or ""
        try:
            addresses = read_addresses(text)
        except BadAddressError as error:
            raise ValidationError(self._get_mailbox_refusal(error.part)) from error
        return dict(vals, billing_email=write_addresses(addresses) or False)

    @api.model
    def _get_mailbox_refusal(self, part):
        if part is None:
            return self.env._(
                "A billing mailbox has up to %(most)s addresses. Use an address that"
                " passes e-mails on to the others.",
                most=MOST_ADDRESSES,
            )
        return self.env._(
            "“%(part)s” is not an e-mail address. Enter addresses like"
            " “books@acme.example”, with commas between.",
            part=part,
        )

    def _log_mailbox(self, before):
        """Note in the audit trail what differs from ``before``: ``{record: {field:
        value}}``, nothing for new ones."""
        entries = [
            {
                **record._get_mailbox_owner(),
                "event": event,
                "old_value": before.get(record, {}).get(name) or False,
                "new_value": record[name] or False,
            }
            for record in self
            for name, event in LOGGED.items()
            if record._get_mailbox_owner()
            and (before.get(record, {}).get(name) or False) != (record[name] or False)
        ]
        if entries:
            self.env["subscription.log"]._log_entries(entries)

    def _get_mailbox_owner(self):
        """Return whose entries of the audit trail those of this record are; nothing
        where nobody manages it. A hook."""
        return {}

    def _mailbox_changed(self):
        """Act on another mailbox. A hook."""

    def _get_mailbox_addresses(self):
        """Return the addresses of this mailbox, which may be that of no record."""
        # Checked when it was stored.
        return email_normalize_all(self.billing_email or "")
