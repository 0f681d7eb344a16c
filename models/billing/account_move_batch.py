from odoo import api, models

from .batch_taxes import BatchTaxes


class AccountMove(models.Model):
    _inherit = "account.move"

    @api.model
    def _create_batch(self, vals_list):
        """Create draft customer invoices and credit notes of one company, with taxes
        computed beforehand, so that Odoo need not write its lines again.

        What comes out equals what ``create`` makes of the same values. Nothing is
        switched off: Odoo computes the taxes again, finds them there, and would mend
        what differs. A move with something unforeseen (:class:`BatchTaxes` says what)
        is created from its values alone, in the same call and at its place.

        Nobody is subscribed and no message of creation is written. Posting is the
        caller's.

        :param list vals_list: values as for ``create``, with the lines in
            ``invoice_line_ids``; accounts and taxes as the fiscal position maps them,
            and the analytic distribution of each product line, False for none
        :return: the moves in the order of ``vals_list``, and how many of them took the
            ordinary path
        :rtype: tuple
        :raise: what ``create`` raises
        """
        model = self.with_context(mail_create_nosubscribe=True, mail_create_nolog=True)
        taxes = BatchTaxes(model)
        ordinary = 0
        to_create = []
        for vals in vals_list:
            foreseen = taxes.is_foreseen(vals)
            ordinary += not foreseen
            to_create.append(taxes.complete(vals) if foreseen else vals)
        return model.create(to_create).with_env(self.env), ordinary
