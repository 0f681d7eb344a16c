import json

from odoo.http import request

from odoo.addons.web.controllers.export import ExcelExport


class GroupedExport(ExcelExport):
    """Odoo's workbook of a grouped list, which adds up rows by itself: what the list
    leaves empty, since it is of different modules, is empty there as well."""

    def from_group_data(self, fields, columns_headers, groups):
        names = self._get_module_sums(groups)
        # All at once: a group adds up those in it.
        totals = groups.aggregated_values if names else {}
        if totals:
            self._leave_empty(groups, names)
        return super().from_group_data(fields, columns_headers, groups)

    def _get_module_sums(self, groups):
        """Return the exported fields that are added up for each module alone."""
        sums = getattr(groups._model, "_module_sums", ())
        return [name for name in groups._export_field_names if name in sums]

    def _leave_empty(self, groups, names):
        """Take the totals out of ``groups`` that the list does not show, level by
        level."""
        model, domain = self._get_exported(groups._model)
        levels = [groups._groupby[: depth + 1] for depth in range(len(groups._groupby))]
        sums = [f"{name}:sum" for name in names]
        for level in levels:
            for row in model.formatted_read_group(domain, level, sums):
                empty = [name for name in names if row[f"{name}:sum"] in (None, False)]
                node = self._find_node(groups, [row[key] for key in level])
                node.aggregated_values.update(dict.fromkeys(empty))

    def _get_exported(self, model):
        """Return what is exported as Odoo reads it: the model, and a domain."""
        asked = json.loads(request.params["data"])
        if asked.get("ids"):
            return model.with_context(active_test=False), [("id", "in", asked["ids"])]
        return model, asked["domain"]

    def _find_node(self, groups, path):
        for key in path:
            groups = groups.child(key)
        return groups
