from urllib.parse import urlencode

from odoo.exceptions import UserError
from odoo.http import Controller, request, route

TEMPLATE = "partner_managed_subscription.invitation_page"


class InvitationController(Controller):
    """The page behind the link of an invitation.

    Looking at it changes nothing, so that mail filters may follow the link. An
    invitation that was accepted, withdrawn, has expired or never was: the page is the
    same and does not tell which.
    """

    @route(
        "/subscription/invitation/<string:token>",
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
        sitemap=False,
    )
    def show(self, token):
        return self._render(self._prepare_values(token))

    @route(
        "/subscription/invitation/<string:token>/accept",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
        sitemap=False,
    )
    def accept(self, token):
        values = self._prepare_values(token)
        if values["step"] not in ("accept", "create"):
            return self._render(values)
        try:
            # Nothing is accepted when it is refused half-way.
            with request.env.cr.savepoint():
                user = values["invitation"]._accept(
                    request.env.user if values["step"] == "accept" else None
                )
        except UserError as error:
            return self._render({**values, "error": str(error)})
        url = values["invitation"]._get_landing_url()
        if values["step"] == "create":
            url = self._get_password_url(user, url)
        return request.redirect(url)

    def _prepare_values(self, token):
        """Return the values of the page; ``step`` is what the visitor can do next."""
        invitation = request.env["subscription.invitation"]._find_open(token)
        url = f"/subscription/invitation/{token}"
        values = {"invitation": invitation, "url": url, "step": "invalid"}
        if not invitation:
            return values
        login_url = f"/web/login?{urlencode({'redirect': url})}"
        logout_url = f"/web/session/logout?{urlencode({'redirect': url})}"
        step = self._get_step(invitation)
        return {
            **values,
            "step": step,
            "login_url": login_url,
            "logout_url": logout_url,
        }

    def _get_step(self, invitation):
        """Return what the visitor can do with ``invitation``: accept it with the
        account used or a new one, log in, log out or nothing."""
        user = request.env.user
        users = invitation._get_users()
        if not user._is_public() and user not in users:
            return "logout"
        if not users:
            return "create"
        if all(map(invitation._get_obstacle, users)):
            return "unsuited"
        if user._is_public():
            return "login"
        return "unsuited" if invitation._get_obstacle(user) else "accept"

    def _get_password_url(self, user, url):
        """Return where the new ``user`` chooses a password, and goes on to ``url``."""
        partner = user.sudo().partner_id
        partner.signup_prepare()
        urls = partner.with_context(relative_url=True)._get_signup_url_for_action(
            url=url
        )
        return urls[partner.id]

    def _render(self, values):
        """Render the page so that nobody else comes to know its address."""
        response = request.render(TEMPLATE, values)
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Robots-Tag"] = "noindex"
        response.headers["X-Frame-Options"] = "DENY"
        return response
