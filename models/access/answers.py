"""What ``onchange`` returns, without the references that the user may not read."""

from odoo.fields import Command

from .values import get_origin


def mask(records, values, is_shown):
    """Return ``values`` of ``records``, in the form in which ``onchange`` gives them
    back, without the references for which ``is_shown(model, id)`` is false. What the
    records refer to already stays as it is."""
    return {
        name: _mask_value(records, name, value, is_shown)
        for name, value in values.items()
    }


def get_links(records, values):
    """Return ``{(model, id)}`` of what ``values`` refer to."""
    links = set()
    mask(records, values, lambda *link: links.add(link) or True)
    return links


def _mask_value(records, name, value, is_shown):
    field = records._fields.get(name)
    if not value or field is None:
        return value
    if field.type == "many2one":
        return _mask_many2one(records, field, value, is_shown)
    if field.type in ("one2many", "many2many"):
        comodel = records.env[field.comodel_name]
        return [
            masked
            for item in value
            if (masked := _mask_item(comodel, item, is_shown)) is not None
        ]
    return value


def _mask_many2one(records, field, value, is_shown):
    id_ = get_origin(value["id"] if isinstance(value, dict) else value)
    # As superuser: the value is compared, not told.
    known = bool(id_) and all(record[field.name].id == id_ for record in records.sudo())
    if id_ and not (records and known) and not is_shown(field.comodel_name, id_):
        return False
    if isinstance(value, dict):
        comodel = records.env[field.comodel_name].browse(id_ or ())
        return mask(comodel, value, is_shown)
    return value


def _mask_item(comodel, item, is_shown):
    """Return the command, the line or the id ``item``, None if it is not shown."""
    is_command = isinstance(item, (list, tuple))
    code, id_, payload = (*item, 0, 0)[:3] if is_command else (None, item, None)
    if isinstance(id_, dict):
        id_ = id_.get("id")
    origin = False if isinstance(id_, str) else get_origin(id_)
    if code in (Command.CREATE, Command.DELETE, Command.UNLINK, Command.CLEAR):
        origin = False
    if origin and not is_shown(comodel._name, origin):
        return None
    if code in (Command.CREATE, Command.UPDATE):
        lines = comodel.browse(origin or ())
        return code, item[1], mask(lines, payload, is_shown)
    return item
