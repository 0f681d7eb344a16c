"""What clients ask for, and the answers."""

from odoo import Command


class RequestsScene:
    """Requests in every state of Boulangeries Vasseur, one to the reseller, and one to
    the other partner."""

    def __init__(self, stage):
        self.stage = stage

    def plan(self):
        at, ago = self.stage.at, self.stage.ago
        at(ago(150), self._ask, "approved", "seats", code="tsend", number="1")
        at(ago(149), self._approve, "approved")
        at(ago(110), self._ask, "refused", "plan", template="enterprise")
        at(ago(108), self._refuse, "refused")
        # Nobody answered: it expired after the days that the settings say.
        at(ago(75), self._ask, "expired", "seats", code="expenses", number="10")
        at(ago(25), self._ask, "withdrawn", "seats", code="time", number="5")
        at(ago(24), self._withdraw, "withdrawn")
        # They wait: the partner's has done so for long.
        at(ago(6), self._ask, "waiting", "seats", code="tbox", number="4")
        at(ago(4), self._ask_module, "expenses")
        at(ago(2), self._ask_renewal)
        # Beyond its limit already.
        at(ago(1), self._ask_users, "opaline", "olivier_pecron", "Nous sommes huit.")
        at(
            ago(1),
            self._ask_users,
            "cevennes",
            "helene_mazel",
            "Trois remplaçants arrivent.",
        )
        at(ago(1), self._ask_partner)

    def _ask(self, name, kind, code="", number="", template=""):
        stage = self.stage
        requests = stage.by("client")["subscription.request"].sudo()
        values = {"number": number}
        if code:
            values["pool"] = stage.pools("vasseur", code).with_env(requests.env)
        values["subscription"] = stage.ref("subscription_vasseur")
        if template:
            values["template"] = stage.ref(f"plan_{template}")
        values["message"] = self._get_messages()[name]
        self._name(name, requests._ask(stage.ref("client_vasseur"), kind, values))

    def _get_messages(self):
        return {
            "approved": "Nous embauchons un commercial.",
            "refused": "Serait-ce plus simple pour nos trois boutiques ?",
            "expired": "",
            "withdrawn": "Pour la saison d'été.",
            "waiting": "La boutique de Douai ouvre le mois prochain.",
        }

    def _name(self, name, request):
        self.stage.name(f"request_{name}", request.sudo())

    def _ask_module(self, code):
        requests = self.stage.by("member")["subscription.request"].sudo()
        member = self.stage.ref("member_vasseur_karim_benali")
        pool = self.stage.pools("vasseur", code)
        member, pool = (one.with_env(requests.env) for one in (member, pool))
        request = requests._ask_module(member, pool, "Pour les fiches de paie.")
        self._name("module", request)

    def _ask_renewal(self):
        requests = self.stage.by("client")["subscription.request"].sudo()
        values = {
            "subscription": self.stage.ref("subscription_vasseur"),
            "years": "1",
            "seat_choice": "same",
            "message": "Pour une année de plus, s'il vous plaît.",
        }
        client = self.stage.ref("client_vasseur")
        self._name("renewal", requests._ask(client, "renewal", values))

    def _ask_users(self, name, administrator, message):
        """Let the administrator of a client ask for users. Its login is not one to try
        the demo with: it has no password."""
        stage = self.stage
        member = stage.ref(f"member_{name}_{administrator}")
        values = {
            "partner_id": member.partner_id.id,
            "login": member.email,
            "group_ids": [Command.set(stage.env.ref("base.group_portal").ids)],
        }
        users = stage.env["res.users"].with_context(no_reset_password=True)
        user = stage.name(f"login_{name}", users.create(values))
        requests = stage.env(user=user.id)["subscription.request"].sudo()
        pool = stage.pools(name, "base").with_env(requests.env)
        values = {"pool": pool, "number": "3", "message": message}
        client = stage.ref(f"client_{name}")
        self._name(name, requests._ask(client, "seats", values))

    def _ask_partner(self):
        requests = self.stage.by("client")["subscription.request"].sudo()
        values = {"message": "Nous cherchons un partenaire plus proche d'Arras."}
        client = self.stage.ref("client_vasseur")
        self._name("partner", requests._ask(client, "partner", values))

    def _get(self, name, login):
        return self.stage.ref(f"request_{name}").with_env(self.stage.by(login))

    def _approve(self, name):
        self._get(name, "nord").action_approve()

    def _refuse(self, name):
        answer = (
            "Votre formule vous coûte moins, tant que vous restez sous 30 personnes."
        )
        self._get(name, "nord")._refuse(answer)

    def _withdraw(self, name):
        self._get(name, "client").sudo()._withdraw()
