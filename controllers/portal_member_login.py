from odoo.http import request

from .portal_client import client_action
from .portal_member import MemberPortal


class MemberLoginPortal(MemberPortal):
    """Inviting members of a client, and taking that back."""

    @client_action("/members/<int:member_id>/invite", back="/members/{member_id}")
    def member_invite(self, client_id, member_id, **_sent):
        client = self._get_client(client_id)
        member = self._get_member(client, member_id)

        def work():
            member._invite()
            return request.env._("%(email)s has been invited.", email=member.email)

        return self._submit(
            client,
            work,
            f"/members/{member.id}",
            lambda error: self._refuse(client, member, error),
        )

    @client_action("/members/<int:member_id>/withdraw", back="/members/{member_id}")
    def member_withdraw(self, client_id, member_id, **_sent):
        client = self._get_client(client_id)
        member = self._get_member(client, member_id)

        def work():
            member._withdraw_invitation()
            return request.env._("The invitation of %s was withdrawn.", member.name)

        leaves = not (member.joined_at or member._has_login())
        ask = {
            "title": request.env._("Withdraw the invitation of %s?", member.name),
            "texts": [
                request.env._("The link in the e-mail does not work any more."),
                leaves and request.env._("Who has never signed in is removed with it."),
                leaves and member._get_freed_text(),
                leaves and member._get_leave_text(),
            ],
            "action": f"/members/{member.id}/withdraw",
            "button": request.env._("Withdraw"),
            "back": f"/members/{member.id}",
            "is_dangerous": True,
        }
        return self._submit_confirmed(
            client, "members", ask, work, f"/members/{member.id}"
        )
