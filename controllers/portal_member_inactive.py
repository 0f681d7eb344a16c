from werkzeug.exceptions import NotFound

from odoo.http import request

from ..models.seat.subscription_member_list import UNSEEN_DAYS
from .portal_client import client_action, client_page
from .portal_member import PEOPLE, MemberPortal

# Members that are shown, and chosen, at once.
MOST = 200


class InactivePortal(MemberPortal):
    """Removing the members who hold a seat and do nothing."""

    @client_page("/members/inactive")
    def members_inactive(self, client_id, days=""):
        client = self._get_client(client_id)
        return self._render_inactive(client, days)

    def _read_days(self, text):
        """Return the days without signing in that a form asks for, None for those who
        are in no active team.

        :raise NotFound: when they are not offered
        """
        if not text:
            return None
        if text not in map(str, UNSEEN_DAYS):
            raise NotFound
        return int(text)

    def _render_inactive(self, client, days="", **values):
        members = request.env["subscription.member"].sudo()
        domain = members._get_inactive_domain(client, self._read_days(days))
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
            days=days,
            days_choices=UNSEEN_DAYS,
            has_team=bool(client.subscription_team_ids),
            freed=found._get_freed_text(),
            **values,
        )

    @client_action("/members/inactive/remove")
    def members_inactive_remove(self, client_id, days="", **_sent):
        client = self._get_client(client_id)
        unseen = self._read_days(days)
        sent = self._get_sent("member_ids")
        if not sent:
            return self._render_inactive(
                client, days, error=request.env._("Choose at least one member.")
            )
        members = self._get_own("subscription.member", client, sent, PEOPLE)

        def work():
            removed = members._remove_inactive(unseen)
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
            "fields": [("days", days), *(("member_ids", one.id) for one in members)],
            "button": request.env._("Remove"),
            "back": "/members/inactive",
            "is_dangerous": True,
        }
        return self._submit_confirmed(client, "members", ask, work, "/members")
