from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class ResPartner(models.Model):
    """The place of companies below those that manage them, and how it stays right when
    several are moved at once."""

    _inherit = "res.partner"

    def _get_management_chain(self):
        """Return these partners and those above them, read from their paths."""
        above = "".join(partner.management_path or "" for partner in self.sudo())
        return self.browse(int(part) for part in above.split("/")[:-1]) | self

    def _prepare_place(self, vals):
        """Lock what the place of these companies, which ``vals`` change, follows from.

        :raise ValidationError: when a company would come to manage itself
        """
        self.check_access("write")
        # The fresh look of an exclusive lock shows who was created there meanwhile, not
        # who moved there: for that the new place is locked as well.
        self._lock_places([vals])._lock_exclusive()
        self._lock_subtree(vals)
        if vals.get("managing_partner_id"):
            self._verify_no_cycle(self._get_given(vals, "managing_partner_id"))

    @api.model
    def _lock_places(self, vals_list):
        """Take a shared lock on the companies that contacts written with ``vals_list``
        take their path from, and on those above: were one of them moved at the same
        time, the path would be wrong, or lead in a circle.

        :return: the companies themselves
        """
        managers, parents = (
            self.browse().union(*(self._get_given(vals, name) for vals in vals_list))
            for name in ("managing_partner_id", "parent_id")
        )
        places = managers | parents.sudo().filtered("management_path")
        places._get_management_chain()._lock_shared()
        return places

    def _lock_subtree(self, vals):
        """Take an exclusive lock on these companies and on all below them, whose paths
        change with theirs; ordinary contacts have none."""
        moving = self.sudo().filtered("management_path")
        below = Domain.OR(
            Domain("management_path", "=like", f"{path}%")
            for path in moving.mapped("management_path")
        )
        if vals.get("managing_partner_id") or vals.get("is_managing_partner"):
            moving = self.sudo()
        if moving:
            subtree = moving.with_context(active_test=False).search(below) | moving
            subtree._lock_exclusive("managed_partner_ids", "child_ids")

    def _verify_no_cycle(self, manager):
        """:raise ValidationError: when ``manager`` is one of these companies or managed
        by one of them"""
        above = self & manager._get_management_chain()
        if above:
            raise ValidationError(
                self.env._(
                    "%(manager)s cannot manage %(company)s: it is %(company)s itself or"
                    " managed by it.",
                    manager=manager.display_name,
                    company=above[0].display_name,
                )
            )
