"""Users of the portal, and what they do there."""

from odoo.http import Request
from odoo.tests import new_test_user


class PortalUserMixin:
    """Ada administers Acme in the portal, Bo Bolt; Kim is a plain member of Acme."""

    @classmethod
    def _create_portal_users(cls):
        cls.ada = cls._create_portal_user("ada", cls.acme, cls.role_administrator)
        cls.kim = cls._create_portal_user("kim", cls.acme, cls.role_standard)
        cls.bo = cls._create_portal_user("bo", cls.bolt, cls.role_administrator)

    @classmethod
    def _create_portal_user(cls, login, client, role):
        user = new_test_user(
            cls.env,
            login,
            "base.group_portal",
            email=f"{login}@{client.name.lower()}.test",
            parent_id=client.id,
        )
        cls.env["subscription.member"].create(
            {
                "client_id": client.id,
                "partner_id": user.partner_id.id,
                "role_id": role.id,
            }
        )
        return user


class PortalBrowserMixin:
    """Logs in, and sends forms, as a browser does."""

    def _log_in(self, user):
        # The password that Odoo gives users of tests.
        self.authenticate(user.login, user.login.ljust(8, "x"))

    def _post(self, url, *, csrf=True, **data):
        """Send a form; with the token of the session unless told otherwise."""
        if csrf:
            data["csrf_token"] = Request.csrf_token(self)
        return self.url_open(url, data=data, method="POST", allow_redirects=False)
