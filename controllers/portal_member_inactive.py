from odoo.http import request

from .portal_client import client_action, client_page
from .portal_member import PEOPLE, MemberPortal

# Members that are shown, and chosen, at once.
MOST = 200


class InactivePortal(MemberPortal):
    """Removing the members who hold a seat and do nothing."""

    @client_page("/members/inactive")
    def members_inactive(self, client_id):
        client = self._get_client(client_id)
        return self._render_inactive(client)

    def _render_inactive(self, client, **values):
        members = request.env["subscription.member"].sudo()
        domain = members._get_inactive_domain(client)
        found = members.search(domain, order="name, id", limit=MOST)
        total = members.search_count(domain)
        return self._render_client(
            client,
            "portal_members_inactive",
            "members",
            members=found,
            total=total,
            first_text=request.env._(
                "These are the first %(first)s of %(total)s. Remove them, and come back"
                " for the others.",
                first=len(found),
                total=total,
            ),
            has_team=bool(client.subscription_team_ids),
            freed=found._get_freed_text(),
            **values,
        )

    @client_action("/members/inactive/remove")
    def members_inactive_remove(self, client_id, **_sent):
        client = self._get_client(client_id)
        sent = self._get_sent("member_ids")
        if not sent:
            return self._render_inactive(
                client, error=request.env._("Choose at least one member.")
            )
        members = self._get_own("subscription.member", client, sent, PEOPLE)

        def work():
            removed = members._remove_inactive()
            texts = [request.env._("Members removed: %s.", len(removed))]
            if members - removed:
                texts.append(
                    request.env._(
                        "Not inactive any more, and kept: %s.",
                        (members - removed)._get_names_text(),
                    )
                )
            return "\n".join(texts)

        ask = {
            "title": request.env._("Remove inactive members?"),
            "texts": [
                request.env._("These members leave: %s.", members._get_names_text()),
                members._get_freed_text(),
                members._get_leave_text(),
            ],
            "action": "/members/inactive/remove",
            "fields": [("member_ids", one.id) for one in members],
            "button": request.env._("Remove"),
            "back": "/members/inactive",
            "is_dangerous": True,
        }
        return self._submit_confirmed(client, "members", ask, work, "/members")
