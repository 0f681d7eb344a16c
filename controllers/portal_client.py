import functools
import inspect

from werkzeug.exceptions import NotFound

from odoo.exceptions import UserError
from odoo.http import request, route

from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.addons.portal.controllers.portal import pager as portal_pager

HOME = "/my/subscription"
NOTICE_KEY = "subscription_portal_notice"
CHOSEN_KEY = "subscription_portal_client"
# The largest id that the database has.
MAX_ID = 2**31 - 1


def is_id(text):
    """Return whether ``text``, from a form or an address, can be an id."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= len(str(MAX_ID))
    return is_number and int(text) <= MAX_ID


def clean_text(text, most=128):
    """Return the line ``text``, from a form or an address, as the database takes it."""
    return " ".join(str(text).replace("\0", " ").split())[:most]


def with_client(method):
    """Return ``method``, which takes a ``client``, as Odoo calls it: with its id."""

    @functools.wraps(method)
    def find(self, client_id, **values):
        return method(self, self._get_client(client_id), **values)

    signature = inspect.signature(method)
    names = {"client": "client_id"}
    find.__signature__ = signature.replace(
        parameters=[
            one.replace(name=names.get(one.name, one.name))
            for one in signature.parameters.values()
        ]
    )
    return find


def client_page(*paths, **options):
    """Return the decorator of a page of a client, at ``paths`` below its address. The
    method takes the ``client``.

    :param options: more of what Odoo's routes take
    :raise NotFound: when it is none that the user administers
    """
    page = route(
        [f"{HOME}/<int:client_id>{path}" for path in paths],
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
        **options,
    )
    return lambda method: page(with_client(method))


def client_action(path, back=None):
    """Return the decorator of what a form of a client does, at ``path`` below its
    address. The method takes the ``client``, as pages do.

    Whoever logs in again after the session has ended comes back here by a link, which
    sends nothing: that is told, and nothing is done.

    :param str back: the path of the page that has the form, with the values of ``path``
        in braces; by default the page that ``path`` begins with
    """

    def decorate(method):
        @route(
            f"{HOME}/<int:client_id>{path}",
            type="http",
            auth="user",
            methods=["GET", "POST"],
            website=True,
        )
        @with_client
        @functools.wraps(method)
        def act(self, client, **values):
            if request.httprequest.method != "POST":
                return self._return_unsent(client, path, back and back.format(**values))
            return method(self, client, **values)

        return act

    return decorate


class ClientPortal(CustomerPortal):
    """The pages of a client, for those who administer it. Who administers several
    switches between them: each has addresses of its own, so that what is done on a page
    left open is done to the client that it shows.

    A client is looked up among those that the user administers, and what belongs to it
    among its own: all ids that are somebody else's are as good as missing.
    """

    # ------------------------------------------------------------------ finding

    def _get_clients(self):
        """Return the clients that the user administers, as superuser, by name."""
        return request.env.user._get_administered_clients().sorted("name")

    def _get_client(self, client_id=None):
        """Return one of these clients.

        :param client_id: its id; by default the one shown last, else the first
        :raise NotFound: when it is none of the user's
        """
        clients = self._get_clients()
        if client_id is None:
            chosen = request.session.get(CHOSEN_KEY)
            return clients.filtered(lambda one: one.id == chosen) or clients[:1]
        client = clients.filtered(lambda one: one.id == client_id)
        if not client:
            raise NotFound
        return client

    def _get_own(self, model, client, ids, domain=()):
        """Return the records of ``client`` that ``ids`` name, as superuser.

        :param str model: one with a ``client_id``
        :param ids: an id, a text, or several of them, as forms send them
        :raise NotFound: when one is not the client's
        """
        ids = {str(one) for one in (ids if isinstance(ids, list) else [ids])}
        wanted = self._read_ids(ids)
        # sudo: a user of the portal reads nothing but what its pages show.
        found = (
            request.env[model]
            .sudo()
            .search(
                [
                    *[("client_id", "=", client.id), ("id", "in", list(wanted))],
                    *domain,
                ]
            )
        )
        if len(found) != len(ids):
            raise NotFound
        return found

    def _read_ids(self, texts):
        """Return the ids that ``texts``, as forms send them, can stand for."""
        return {int(one) for one in texts if is_id(one)}

    def _find_page(self, records, domain, url, page, *, args=None, order=None, step=0):
        """Return what is on a page of the list at ``url``, how many there are on all,
        and the pager.

        :param records: of the model, with the rights to search it by
        :param dict args: what the address says of the list
        :param int step: how many a page has, by default as many as Odoo's own
        """
        step = step or self._items_per_page
        total = records.search_count(domain)
        pager = portal_pager(url, total, page, step, url_args=args)
        found = records.search(domain, order=order, limit=step, offset=pager["offset"])
        return found, total, pager

    def _get_sent(self, name):
        """Return all values that the form sent as ``name``."""
        return request.httprequest.form.getlist(name)

    # ------------------------------------------------------------------ showing

    def _get_tabs(self, client):
        """Return the pages of ``client`` that each page links to: ``{key: (sequence,
        label, address)}``."""
        return {"overview": (10, request.env._("Overview"), self._get_url(client))}

    def _get_url(self, client, path=""):
        return f"{HOME}/{client.id}{path}"

    def _render_client(self, client, template, tab, **values):
        """Render a page of ``client``, the one chosen from then on.

        :param str template: its name in this addon
        :param str tab: the key of what it belongs to, see ``_get_tabs``
        """
        if request.session.get(CHOSEN_KEY) != client.id:
            request.session[CHOSEN_KEY] = client.id
        tabs = self._get_tabs(client)
        order = sorted(tabs, key=lambda key: tabs[key][0])
        return request.render(
            f"partner_managed_subscription.{template}",
            {
                **self._prepare_portal_layout_values(),
                "page_name": "subscription",
                "client": client,
                "clients": self._get_clients(),
                "client_url": self._get_url(client),
                "tabs": [(key, *tabs[key][1:]) for key in order],
                "tab": tab,
                # What the browser shows on its own tab.
                "title": f"{tabs[tab][1]} | {client.name}",
                "notice": request.session.pop(NOTICE_KEY, None),
                "error": "",
                "form": {},
                **values,
            },
        )

    def _render_confirm(self, client, tab, *, title, texts, action, button, **values):
        """Render the page that asks before something is done.

        :param texts: what it does, in sentences; empty ones are left out
        :param str action: the path of the form, below the client's address
        :param str button: what the button that does it says
        :keyword fields: pairs of a name and a value that the form sends
        :keyword back: the path that the other button leads to
        :keyword is_dangerous: whether it takes something from somebody
        """
        return self._render_client(
            client,
            "portal_confirm",
            tab,
            **{"fields": [], "back": "", "is_dangerous": False, **values},
            title=title,
            texts=[text for text in texts if text],
            action=action,
            button=button,
        )

    # ------------------------------------------------------------------ doing

    def _submit(self, client, work, back, refuse):
        """Do ``work``, and go on to ``back``; nothing of it is done when it is refused.

        :param work: called without arguments; returns what to tell, or nothing
        :param str back: a path below the client's address
        :param refuse: called with the text of the refusal; returns the page that keeps
            what was typed
        """
        return self._attempt(
            work, lambda text: self._return(client, back, text), refuse
        )

    def _attempt(self, work, go_on, refuse):
        """Do ``work``; nothing of it is done when it is refused.

        :param go_on: called with what ``work`` returned; returns the answer
        :param refuse: called with the text of the refusal; returns the answer
        """
        try:
            with request.env.cr.savepoint():
                result = work()
                request.env.flush_all()
        except UserError as error:
            return refuse(str(error))
        return go_on(result)

    def _submit_confirmed(self, client, tab, ask, work, back):
        """Ask with the page of :meth:`_render_confirm` first, and ``_submit`` once that
        was agreed to; a refusal is told on the same page.

        :param dict ask: what the page is rendered with
        """
        ask = {**ask, "fields": [*ask.get("fields", []), ("confirmed", "1")]}
        ask.setdefault("back", back)
        if not self._get_sent("confirmed"):
            return self._render_confirm(client, tab, **ask)

        def refuse(error):
            return self._render_confirm(client, tab, error=error, **ask)

        return self._submit(client, work, back, refuse)

    def _return(self, client, path="", text="", kind="success"):
        """Go to ``path`` of ``client``, where ``text`` is shown once; home, where the
        user does not administer it any more."""
        if client not in self._get_clients():
            return request.redirect("/my")
        if text:
            request.session[NOTICE_KEY] = {"text": str(text), "kind": kind}
        return request.redirect(self._get_url(client, path))

    def _return_unsent(self, client, path, back=None):
        if back is None:
            page = path.split("/")[1]
            known = {url for _sequence, _label, url in self._get_tabs(client).values()}
            back = f"/{page}" if self._get_url(client, f"/{page}") in known else ""
        # By the second class a script knows that it can put back what was typed.
        text = self._get_unsent_text()
        return self._return(client, back, text, kind="warning o_my_unsent")

    def _get_unsent_text(self):
        return request.env._(
            "Nothing was done: your session had ended. Please try again."
        )
