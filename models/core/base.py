from odoo import api, models

ADDON = "partner_managed_subscription"
CLOSE = {"type": "ir.actions.act_window_close"}
RELOAD = {"type": "ir.actions.client", "tag": "soft_reload"}


class Base(models.AbstractModel):
    """What the models and wizards of this addon share with each other."""

    _inherit = "base"

    @api.model
    def _open_action(self, xmlid, **values):
        """Return the window action of this addon called ``xmlid``, with ``values`` in
        place of its own."""
        action = self.env["ir.actions.act_window"]._for_xml_id(f"{ADDON}.{xmlid}")
        return {**action, **values}

    @api.model
    def _notify(self, message, *, kind="success", then=None, **params):
        """Return the action that says ``message`` in a corner of the screen.

        :param str kind: ``success``, ``warning``, ``info`` or ``danger``
        :param dict then: the action that follows; by default the dialog is closed
        :param params: ``title`` and ``sticky``, as Odoo's notifications have them
        """
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": kind,
                "message": message,
                "next": then or CLOSE,
                **params,
            },
        }

    @api.model
    def _get_choices(self, name):
        """Return the values of the selection ``name`` with their names, as the user
        reads them. Fields of other models borrow them, and messages say them."""
        return self._fields[name]._description_selection(self.env)

    def _get_names_text(self):
        """Return the names of these records; of many, the first five."""
        names = ", ".join(self[:5].mapped("display_name"))
        if len(self) <= 5:
            return names
        return self.env._(
            "%(names)s and %(count)s more", names=names, count=len(self) - 5
        )
