from werkzeug.exceptions import NotFound

from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request

from ..member_lines import MAX_BYTES, Person, clean
from .portal_client import client_action, client_page
from .portal_member import MemberPortal

# Contacts that are offered to be chosen; the others are found by their addresses.
MOST_CONTACTS = 100
TEXTS = ("name", "email", "people", "file_text")
CHOICES = ("role_id", "allow_partial", "invite")
IDS = ("contact_ids", "team_ids", "pool_ids")


class MemberAddPortal(MemberPortal):
    """Adding members: contacts, one by e-mail, a list or a file.

    What the page before has shown is not believed: the form sends everything again, it
    is planned anew, and shown again where something else would come of it.
    """

    @client_page("/members/add")
    def members_add(self, client):
        return self._render_members_add(client)

    @client_action("/members/add/change")
    def members_add_change(self, client, **_sent):
        return self._render_members_add(client, form=self._read_form())

    @client_action("/members/add/preview")
    def members_add_preview(self, client, **_sent):
        form = self._read_form()
        try:
            form["file_text"] = self._read_file() or form["file_text"]
            plan, unread = self._plan(client, form)
        except UserError as error:
            return self._render_members_add(client, form=form, error=str(error))
        if not plan.results:
            return self._render_members_add(
                client, form=form, error=request.env._("Say who is to be added.")
            )
        return self._render_plan(client, form, plan, unread=unread)

    @client_action("/members/add/confirm")
    def members_add_confirm(self, client, **_sent):
        form = self._read_form()
        try:
            plan, _unread = self._plan(client, form)
        except UserError as error:
            return self._render_members_add(client, form=form, error=str(error))
        if plan.get_digest() not in self._get_sent("seen"):
            return self._render_plan(
                client,
                form,
                plan,
                error=request.env._(
                    "Something has changed meanwhile, and nobody was added yet. This is"
                    " what would be done now."
                ),
            )
        return self._attempt(
            lambda: client._add_members(plan, invite=bool(form["invite"])),
            lambda _members: self._render_plan(client, form, plan, is_done=True),
            lambda error: self._render_plan(client, form, plan, error=error),
        )

    # ------------------------------------------------------------------ form

    def _read_form(self):
        """Return what the form says, as texts."""
        form = {
            name: (self._get_sent(name) or [""])[0].replace("\x00", "")
            for name in (*TEXTS, *CHOICES)
        }
        return {**form, **{name: self._get_sent(name) for name in IDS}}

    def _read_file(self):
        """Return the text of the file that was sent, empty without one.

        :raise UserError: when it is no text
        """
        file = request.httprequest.files.get("file")
        if not file or not file.filename:
            return ""
        partners = request.env["res.partner"].sudo()
        return partners._read_members_file(file.read(MAX_BYTES + 1))

    def _plan(self, client, form):
        """Return the plan of what ``form`` asks for, and the heads of columns that are
        not read.

        :raise NotFound: when it names what is not the client's
        :raise UserError: when a list cannot be read
        """
        lists = [
            client._read_members_text(form[name]) for name in ("people", "file_text")
        ]
        people = [*self._read_people(client, form), *lists[0].people, *lists[1].people]
        plan = client._plan_members(
            people,
            role=self._find(self._get_roles(), form["role_id"] or "0"),
            teams=self._get_teams(client, form["team_ids"]),
            pools=self._get_own("subscription.seat.pool", client, form["pool_ids"]),
            allow_partial=bool(form["allow_partial"]),
        )
        return plan, [*lists[0].unread, *lists[1].unread]

    def _read_people(self, client, form):
        """Return those who were not written in a list."""
        people = [
            Person(0, contact.name, contact.email or "", contact_id=contact.id)
            for contact in self._get_contacts(client, form["contact_ids"])
        ]
        if form["name"].strip() or form["email"].strip():
            people.append(Person(0, clean(form["name"]), clean(form["email"])))
        return people

    def _get_contacts(self, client, ids):
        """Return the contacts of ``client`` that ``ids`` name.

        :raise NotFound: when one is not the client's
        """
        named = Domain("id", "in", list(self._read_ids(ids)))
        # sudo: a user of the portal reads nothing but what its pages show.
        contacts = request.env["res.partner"].sudo()
        found = contacts.search(client._get_joinable_domain() & named)
        if len(found) != len(set(ids)):
            raise NotFound
        return found

    # ------------------------------------------------------------------ pages

    def _render_members_add(self, client, *, form=None, **values):
        contacts = request.env["res.partner"].sudo()
        role = request.env["subscription.member"].sudo()._default_role_id()
        return self._render_client(
            client,
            "portal_member_add",
            "members",
            form={
                **dict.fromkeys((*TEXTS, "allow_partial"), ""),
                "invite": "1",
                **dict.fromkeys(IDS, []),
                "role_id": str(role.id),
                **(form or {}),
            },
            contacts=contacts.search(
                client._get_new_contact_domain(), order="name", limit=MOST_CONTACTS
            ),
            role_choices=[
                (one.id, self._get_role_text(one)) for one in self._get_roles()
            ],
            teams=client.subscription_team_ids,
            pools=client.seat_pool_ids.filtered(lambda pool: not pool.is_base),
            base_pools=client.seat_pool_ids.filtered("is_base"),
            **values,
        )

    def _render_plan(self, client, form, plan, *, unread=(), is_done=False, **values):
        fields = [(name, form[name]) for name in (*TEXTS, *CHOICES)]
        fields += [(name, one) for name in IDS for one in form[name]]
        return self._render_client(
            client,
            "portal_member_plan",
            "members",
            form=form,
            plan=plan,
            wrong=[line for line in plan.results if line.is_wrong],
            coming=[line for line in plan.results if line.is_coming],
            idle=[
                line for line in plan.results if not (line.is_coming or line.is_wrong)
            ],
            get_name=client._get_line_name,
            get_text=lambda line: client._get_line_text(line, is_done=is_done),
            fields=[(name, value) for name, value in fields if value],
            unread=self._get_unread_text(unread),
            button=self._get_button_text(len(plan.coming)),
            done_text=self._get_done_text(plan) if is_done else "",
            is_done=is_done,
            billing_text="" if is_done else client._get_add_text(plan),
            **values,
        )

    def _get_role_text(self, role):
        if role.takes_seat:
            return role.name
        return request.env._("%s (takes no seat)", role.name)

    def _get_unread_text(self, heads):
        return heads and request.env._(
            "Columns that are not read: %s.", ", ".join(heads)
        )

    def _get_button_text(self, count):
        if count == 1:
            return request.env._("Add 1 member")
        return request.env._("Add %s members", count)

    def _get_done_text(self, plan):
        wrong = sum(line.is_wrong for line in plan.results)
        texts = [request.env._("Members added: %s.", len(plan.coming))]
        if wrong:
            texts.append(request.env._("Left out: %s.", wrong))
        return " ".join(texts)
