from werkzeug.exceptions import NotFound

from odoo.http import request

from .portal_client import ClientPortal, clean_text, client_action, client_page


class AccountantPortal(ClientPortal):
    """The accountants of a client: inviting them, and ending their access."""

    def _get_tabs(self, client):
        url = self._get_url(client, "/accountants")
        tab = (60, request.env._("Accountants"), url)
        return {**super()._get_tabs(client), "accountants": tab}

    @client_page("/accountants")
    def subscription_accountants(self, client_id, **_values):
        return self._render_accountants(self._get_client(client_id))

    @client_action("/accountants/invite")
    def subscription_accountants_invite(self, client_id, name="", email="", **_values):
        client = self._get_client(client_id)
        invitations = request.env["subscription.invitation"].sudo()
        form = {"name": clean_text(name, 64), "email": clean_text(email)}

        def invite():
            invitation = invitations._invite(client, form["email"], form["name"])
            return request.env._("%(email)s has been invited.", email=invitation.email)

        def refuse(text):
            return self._render_accountants(client, error=text, form=form)

        return self._submit(client, invite, "/accountants", refuse)

    @client_action("/accountants/<int:member_id>/resend")
    def subscription_accountants_resend(self, client_id, member_id, **_values):
        client = self._get_client(client_id)
        member = self._get_accountant(client, member_id)
        invitations = member.invitation_ids.filtered(
            lambda one: one.state in ("sent", "expired")
        )
        if not invitations:
            raise NotFound

        def resend():
            invitations._resend()
            return request.env._(
                "The invitation of %(name)s was sent again.", name=member.name
            )

        def refuse(text):
            return self._render_accountants(client, error=text)

        return self._submit(client, resend, "/accountants", refuse)

    @client_page("/accountants/<int:member_id>/withdraw")
    def subscription_accountants_ask(self, client_id, member_id, **_values):
        """Say what withdrawing the access does, before it is done."""
        client = self._get_client(client_id)
        member = self._get_accountant(client, member_id)
        text = request.env._(
            "%(name)s sees nothing of your company any more, from now on.",
            name=member.name,
        )
        return self._render_confirm(
            client,
            "accountants",
            title=request.env._("Withdraw the access of %(name)s?", name=member.name),
            texts=[text],
            action=f"/accountants/{member.id}/withdraw/do",
            button=request.env._("Withdraw the access"),
            back="/accountants",
            is_dangerous=True,
        )

    @client_action("/accountants/<int:member_id>/withdraw/do")
    def subscription_accountants_withdraw(self, client_id, member_id, **_values):
        client = self._get_client(client_id)
        # Whoever sends the form twice is told the same.
        any_state = [("active", "in", [True, False])]
        member = self._get_accountant(client, member_id, any_state)

        def withdraw():
            if member.active:
                member._withdraw_accountant()
            return request.env._("%(name)s has no access any more.", name=member.name)

        def refuse(text):
            return self._render_accountants(client, error=text)

        return self._submit(client, withdraw, "/accountants", refuse)

    def _get_accountant(self, client, member_id, domain=()):
        """Return the accountant of ``client`` with this id, invited ones included.

        :raise NotFound: when there is none
        """
        is_accountant = [("role_id.is_accountant", "=", True), *domain]
        return self._get_own("subscription.member", client, member_id, is_accountant)

    def _render_accountants(self, client, **values):
        # sudo: users of the portal read nothing but what its pages show.
        members = request.env["subscription.member"].sudo()
        accountants = members.search(
            [("client_id", "=", client.id), ("role_id.is_accountant", "=", True)]
        )
        return self._render_client(
            client,
            "portal_accountants",
            "accountants",
            accountants=accountants,
            days=request.env.company.sudo().invitation_days,
            **values,
        )
