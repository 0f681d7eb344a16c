"""What tests of screens have in common."""

from dateutil.relativedelta import relativedelta
from lxml import etree

from odoo import fields
from odoo.tests import Form
from odoo.tools.safe_eval import safe_eval

from .subscription import ADDON

# How many records of a list are opened.
MOST = 5
RELATIONAL = ("many2one", "one2many", "many2many")


class ViewMixin:
    """Looks at screens as the web client does. The class has ``users``, by role."""

    def _evaluate(self, expression, user):
        """Return what the web client makes of a domain or context."""
        values = {
            "uid": user.id,
            "allowed_company_ids": user.company_ids.ids,
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

    def _get_menu_actions(self, user, root=None):
        """Return the window actions of the menus that ``user`` sees, by menu.

        :param root: the menu below which they are, all by default
        """
        menus = self.env["ir.ui.menu"].with_user(user).load_menus(False)
        if root and root.id not in menus:
            return {}
        pending, actions = [menus[root.id if root else "root"]], {}
        while pending:
            menu = pending.pop()
            pending += [menus[child] for child in menu["children"]]
            # Dashboards are no windows.
            if menu.get("action_model") == "ir.actions.act_window":
                action = self.env[menu["action_model"]].sudo()
                actions[menu["name"]] = action.browse(menu["action_id"])
        return actions

    def _open_action(self, user, action):
        """Read what the web client reads when ``user`` opens each view of it, and each
        record from there. Return the records."""
        domain = self._evaluate(action.domain, user)
        context = self._evaluate(action.context, user) or {}
        model = self.env[action.res_model].with_user(user).with_context(**context)
        views = model.get_views([*action.views, (action.search_view_id.id, "search")])
        infos = views["models"][model._name]["fields"]
        records = model.browse()
        for view_type, view in views["views"].items():
            arch = etree.fromstring(view["arch"])
            if view_type in ("list", "kanban"):
                found = model.web_search_read(domain, self._get_spec(arch, infos))
                records |= model.browse(row["id"] for row in found["records"])
            elif view_type in ("pivot", "graph"):
                names = [
                    f"{name}:{node.get('interval') or 'month'}"
                    if infos[name]["type"] in ("date", "datetime")
                    else name
                    for node in arch.iter("field")
                    for name in [node.get("name")]
                    if node.get("type") != "measure"
                ]
                model.formatted_read_group(domain, names[:1], ["__count"])
            elif view_type == "form" and model._transient:
                Form(model, view=view["id"])
            elif view_type == "form":
                for record in records[:MOST]:
                    Form(record, view=view["id"])
        return records


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
