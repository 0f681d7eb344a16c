from odoo import api, fields, models
from odoo.exceptions import RedirectWarning, UserError
from odoo.fields import Domain

from .sale_subscription_state import RENEWAL_STATES


class ResPartner(models.Model):
    """How the terms of clients stand with renewing."""

    _inherit = "res.partner"

    renewal_state = fields.Selection(
        lambda self: self.env["sale.subscription"]._get_choices("renewal_state"),
        string="Term State",
        compute="_compute_renewal_state",
        search="_search_renewal_state",
        help="The state of the subscription that most needs renewing.",
    )
    term_end = fields.Date(
        compute="_compute_renewal_state", help="Last day of that term."
    )

    @api.depends_context("uid")
    def _compute_renewal_state(self):
        subscriptions = self.env["sale.subscription"]
        if subscriptions.has_access("read"):
            subscriptions = subscriptions.search(
                [("client_id", "in", self.ids), ("active", "=", True)]
            ).filtered("renewal_state")
        by_client = subscriptions.grouped("client_id")
        for partner in self:
            most_urgent = max(
                by_client.get(partner._origin, []),
                key=lambda term: RENEWAL_STATES.index(term.renewal_state),
                default=subscriptions.browse(),
            )
            partner.renewal_state = most_urgent.renewal_state
            partner.term_end = most_urgent.date

    def _get_shown_subscriptions(self):
        """Return, as superuser, the subscriptions of which this client reads in the
        portal: those that run or will, else the one that was closed last."""
        self.ensure_one()
        # sudo: users of the portal read nothing but what its pages show.
        found = (
            self.env["sale.subscription"]
            .sudo()
            .search(
                [
                    ("client_id", "=", self.id),
                    "|",
                    ("in_progress", "=", True),
                    ("stage_id.type", "=", "post"),
                ],
                order="date desc, id desc",
            )
        )
        return found.filtered("in_progress").sorted("id") or found[:1]

    @api.model
    def _search_renewal_state(self, operator, value):
        """Search by the most urgent state: clients with a more urgent one are left
        out."""
        if operator != "in":
            return NotImplemented
        subscriptions = self.env["sale.subscription"]

        def has(states):
            domain = [("active", "=", True), ("renewal_state", "in", states)]
            return Domain(
                "id", "in", subscriptions._search(domain).subselect("client_id")
            )

        domains = [
            has([state]) & ~has(RENEWAL_STATES[place + 1 :])
            for place, state in enumerate(RENEWAL_STATES)
            if state in value
        ]
        if False in value:
            domains.append(~has(RENEWAL_STATES))
        return Domain.OR(domains)

    def _verify_may_archive(self):
        """:raise RedirectWarning: naming the subscriptions of these clients whose term
        runs or was renewed; it offers to close them"""
        super()._verify_may_archive()
        # sudo: subscriptions count that the user does not see.
        bound = (
            self.env["sale.subscription"]
            .sudo()
            .search(
                [
                    ("client_id", "in", self.ids),
                    ("managing_partner_id", "!=", False),
                    ("renewal_state", "in", ["running", "ending", "renewed"]),
                ]
            )
        )
        if bound:
            client = bound[:1].client_id
            raise RedirectWarning(
                self.env._(
                    "%(client)s cannot be archived: the term of %(subscriptions)s runs,"
                    " or the next one is scheduled. Cancel the renewal and close the"
                    " subscription first; its members lose access then.",
                    client=client.display_name,
                    subscriptions=bound.grouped("client_id")[client]._get_names_text(),
                ),
                client.sudo(False).action_view_subscription_ids(),
                self.env._("Open its subscriptions"),
            )

    def action_renew(self):
        """Open the wizard *Renew* on the subscriptions of these clients that can be
        renewed.

        :raise UserError: when there is none
        """
        subscriptions = self.env["sale.subscription"].search(
            [
                ("client_id", "in", self.ids),
                ("in_progress", "=", True),
                ("date", "!=", False),
                ("renewal_state", "!=", "renewed"),
            ]
        )
        if not subscriptions:
            raise UserError(
                self.env._(
                    "Nothing to renew: a subscription can be renewed while it is in"
                    " progress and has an end, once for each term."
                )
            )
        return subscriptions.action_renew()
