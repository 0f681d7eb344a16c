from odoo.http import request
from odoo.tools import str2bool

from .portal_client import ClientPortal, client_action, client_page

LIST = "/requests"
# What an administrator asks for here; members ask for modules on a page of their own.
KINDS = ("seats", "plan", "renewal", "partner")


class RequestPortal(ClientPortal):
    """What a client asks its partner for, and what its members ask for."""

    def _get_tabs(self, client):
        address = self._get_url(client, LIST)
        tab = {"requests": (40, request.env._("Requests"), address)}
        return {**super()._get_tabs(client), **tab}

    @client_page("/requests", "/requests/page/<int:page>")
    def my_requests(self, client, page=1, **_values):
        return self._render_requests(client, page)

    @client_page("/requests/new")
    def my_requests_new(self, client, **values):
        if values.get("pool_id"):
            self._get_own("subscription.seat.pool", client, values["pool_id"])
            values.setdefault("kind", "seats")
        return self._render_new_request(client, values)

    @client_action("/requests/ask")
    def my_requests_ask(self, client, **values):
        asked = self._read_asked(client, values)
        return self._submit(
            client,
            lambda: self._ask_for_client(client, values.get("kind"), asked),
            LIST,
            lambda error: self._render_new_request(client, values, error),
        )

    @client_action("/requests/<int:request_id>/withdraw")
    def my_requests_withdraw(self, client, request_id, **_values):
        asked = self._get_own_request(client, request_id)
        return self._do_with_request(
            client, asked._withdraw, request.env._("Withdrawn.")
        )

    @client_action("/requests/<int:request_id>/approve")
    def my_requests_approve(self, client, request_id, confirmed="", **_values):
        asked = self._get_own_request(client, request_id, [("kind", "=", "module")])
        effect = not str2bool(confirmed, False) and asked._get_module_effect()
        if effect and asked.state == "waiting":
            return self._render_confirm(
                client,
                "requests",
                title=asked.what_text,
                texts=[effect],
                action=f"{LIST}/{asked.id}/approve",
                button=request.env._("Give the seat"),
                fields=[("confirmed", "1")],
                back=LIST,
            )
        text = request.env._("%(request)s: done.", request=asked.what_text)
        return self._do_with_request(client, asked._approve, text)

    @client_action("/requests/<int:request_id>/refuse")
    def my_requests_refuse(self, client, request_id, answer="", **_values):
        asked = self._get_own_request(client, request_id, [("kind", "=", "module")])
        return self._do_with_request(
            client,
            lambda: asked._refuse(answer),
            request.env._("Refused."),
            {"request_id": asked.id, "answer": answer},
        )

    # ------------------------------------------------------------------ reading

    def _get_own_request(self, client, request_id, domain=()):
        return self._get_own("subscription.request", client, str(request_id), domain)

    def _get_asked_record(self, model, client, values, name, domain=()):
        """Return the record of the client that the form names, none where nothing was
        chosen.

        :raise NotFound: when it is somebody else's
        """
        if not values.get(name):
            return request.env[model]
        return self._get_own(model, client, values[name], domain)

    def _get_asked_subscription(self, client, values):
        """Return the subscription that is meant: the only one, if there is one."""
        found = self._get_asked_record(
            "sale.subscription", client, values, "subscription_id"
        )
        return found or self._get_askable_subscriptions(client)[:1]

    def _get_askable_subscriptions(self, client):
        # sudo: a user of the portal reads nothing but what its pages show.
        return (
            request.env["sale.subscription"]
            .sudo()
            .search(
                [("client_id", "=", client.id), ("in_progress", "=", True)], order="id"
            )
        )

    def _read_asked(self, client, values):
        """Return what the form asks for, as ``subscription.request._ask`` has it."""
        subscription = self._get_asked_subscription(client, values)
        plans = request.env["subscription.request"]._get_offered_plans(subscription)
        return {
            **{name: values.get(name) for name in ("number", "years", "seat_choice")},
            "message": values.get("message"),
            "subscription": subscription,
            "pool": self._get_asked_record(
                "subscription.seat.pool", client, values, "pool_id"
            ),
            "template": plans.filtered(
                lambda plan: str(plan.id) == values.get("template_id")
            ),
            "numbers": {
                pool: values.get(f"seats_{pool.id}")
                for pool in subscription.seat_pool_ids
                if not pool.is_unlimited
            },
        }

    # ------------------------------------------------------------------ doing

    def _ask_for_client(self, client, kind, asked):
        # sudo: portal users have no rights of their own; the client is theirs.
        made = request.env["subscription.request"].sudo()._ask(client, kind, asked)
        return request.env._("%(request)s: asked for.", request=made.what_text)

    def _do_with_request(self, client, work, text, form=None):
        """Do ``work`` on a request, and say ``text``; a refusal is told on the list."""

        def answer():
            work()
            return text

        return self._submit(
            client,
            answer,
            LIST,
            lambda error: self._render_requests(client, error=error, form=form or {}),
        )

    # ------------------------------------------------------------------ showing

    def _render_requests(self, client, page=1, **values):
        # sudo: a user of the portal reads nothing but what its pages show.
        requests = request.env["subscription.request"].sudo()
        domain = [("client_id", "=", client.id)]
        url = self._get_url(client, LIST)
        found, _total, pager = self._find_page(requests, domain, url, page)
        return self._render_client(
            client,
            "portal_requests",
            "requests",
            requests=found,
            pager=pager,
            states=dict(requests._get_choices("state")),
            **values,
        )

    def _render_new_request(self, client, values, error=""):
        kind = values.get("kind")
        kind = kind if kind in KINDS else KINDS[0]
        requests = request.env["subscription.request"]
        subscriptions = self._get_askable_subscriptions(client)
        subscription = self._get_asked_subscription(client, values)
        names = dict(requests._get_choices("kind"))
        return self._render_client(
            client,
            "portal_request_new",
            "requests",
            kind=kind,
            kinds=[(one, names[one]) for one in KINDS],
            form=values,
            error=error,
            subscriptions=subscriptions,
            subscription=subscription,
            pools=self._get_askable_pools_of(client),
            plans=requests._get_offered_plans(subscription) if subscription else (),
            choices=requests._get_choices("seat_choice"),
            asked_text=self._get_answerer_text(client, kind),
        )

    def _get_askable_pools_of(self, client):
        pools = client.seat_pool_ids.filtered(
            lambda pool: pool.subscription_id.in_progress and not pool.is_unlimited
        )
        # Read at once: of each alone they would be read one by one.
        pools.mapped("used")
        return pools

    def _get_answerer_text(self, client, kind):
        """Return who will answer."""
        if kind != "partner":
            return client._get_subscription_contact_text()
        vendor = (client.company_id or request.env.company).sudo().partner_id
        return ", ".join(filter(None, (vendor.name, vendor.email, vendor.phone)))
