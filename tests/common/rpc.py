"""What tests that call as programs do have in common."""

from unittest.mock import patch

from passlib.context import CryptContext

from odoo.tests import HttpCase, get_db_name
from odoo.tools import mute_logger


def create_key(user):
    """Create a key to the interface for programs; it never expires.

    As with the passwords of users in tests, hashing it takes no time.
    """
    quick = CryptContext(["pbkdf2_sha512"], pbkdf2_sha512__rounds=1)
    keys = user.env["res.users.apikeys"].with_user(user).sudo()
    with patch("odoo.addons.base.models.res_users.KEY_CRYPT_CONTEXT", quick):
        return keys._generate("rpc", "test", None)


def prepare_json_call(key, model, method, ids=(), /, **kwargs):
    """Return the path of a call by JSON, and the arguments of the request."""
    headers = {"X-Odoo-Database": get_db_name()}
    if key:
        headers["Authorization"] = f"bearer {key}"
    body = {"ids": list(ids), **kwargs} if ids else kwargs
    return f"/json/2/{model}/{method}", {"json": body, "headers": headers}


class RpcCase(HttpCase):
    """Users with keys to the interface for programs."""

    # By the names that ``_call_json`` takes.
    keys = {}

    @classmethod
    def _create_keys(cls, users):
        """Give each of ``users``, ``{name: user}``, a key."""
        cls.keys = {name: create_key(user) for name, user in users.items()}

    def _call_json(self, name, model, method, ids=(), /, **kwargs):
        """Call a method by JSON and return the response.

        :param name: whose key it is; who has none calls without
        """
        key = self.keys.get(name)
        path, arguments = prepare_json_call(key, model, method, ids, **kwargs)
        with mute_logger("odoo.http"):
            return self.url_open(path, timeout=60, **arguments)
