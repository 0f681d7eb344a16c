"""What tests of screens have in common."""

from dateutil.relativedelta import relativedelta
from lxml import etree

from odoo import fields
from odoo.tools.safe_eval import safe_eval

from .subscription import ADDON

RELATIONAL = ("many2one", "one2many", "many2many")


class ViewMixin:
    """Looks at screens as the web client does. The class has ``users``, by role."""

    def _evaluate(self, expression, user):
        """Return what the web client makes of a domain or context."""
        values = {
            "uid": user.id,
            "context_today": lambda: fields.Date.context_today(self.env.user),
            "relativedelta": relativedelta,
        }
        return safe_eval(expression or "[]", values)

    def _get_arch(self, model, view_type, role, view=None):
        """Return the view as the web client gets it for a user with ``role``.

        :param view: which view of this addon, the default one of the model if None
        """
        model = self.env[model].with_user(self.users[role])
        view_id = view and self.env.ref(f"{ADDON}.{view}").id
        views = model.get_views([(view_id or False, view_type)])
        return etree.fromstring(views["views"][view_type]["arch"])

    @staticmethod
    def _get_spec(arch, infos):
        """Return the specification with which the web client reads ``arch``."""
        names = {
            node.get("name") for node in arch.xpath("//field[not(ancestor::field)]")
        }
        return {
            name: {"fields": {"display_name": {}}}
            if infos[name]["type"] in RELATIONAL
            else {}
            for name in names
        }


def get_specification(records, arch):
    """Return what the web client reads for a view of ``records``, lists in it
    included."""
    specification = {}
    for node in arch.xpath(".//field[not(ancestor::field)]"):
        field = records._fields[node.get("name")]
        inner = {}
        if field.type == "many2one":
            inner = {"fields": {"display_name": {}}}
        elif field.relational and len(node):
            lines = records.env[field.comodel_name]
            copy = etree.fromstring(etree.tostring(node[0]))
            inner = {"fields": get_specification(lines, copy)}
        specification[field.name] = inner
    return specification
