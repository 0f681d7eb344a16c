from odoo import api, models

# What a link holds that opens more than its reader may see.
SECRET_PARAMS = ("access_token", "pid", "hash", "auth_signup_token", "auth_login")


class MailThread(models.AbstractModel):
    """The chatter behind links, and links in messages."""

    _inherit = "mail.thread"

    @api.model
    def _get_thread_with_access(self, thread_id, **kwargs):
        """Let restricted users see and say what they may themselves: a link opens
        nothing else to them."""
        if self._is_user_restricted():
            kwargs.update(dict.fromkeys(("hash", "pid", "token"), None))
        return super()._get_thread_with_access(thread_id, **kwargs)

    def _sign_token(self, pid):
        if self._is_user_restricted():
            # For links that Odoo sends, not for the user.
            self = self.sudo()
        return super()._sign_token(pid)

    def _notify_get_action_link(self, link_type, **kwargs):
        """Send no link that needs no login to a document that a restricted user may not
        share: it could send that to itself."""
        if len(self) == 1 and self._is_link_withheld():
            kwargs = {key: kwargs[key] for key in kwargs if key not in SECRET_PARAMS}
        return super()._notify_get_action_link(link_type, **kwargs)

    def _is_link_withheld(self):
        is_document = isinstance(self, self.env.registry["portal.mixin"])
        return (
            is_document
            and self.env.user._is_restricted()
            and bool(self._get_unshared())
        )
