from odoo import api, models

from ..core.base import ADDON


class SubscriptionNotice(models.Model):
    """What notices say."""

    _inherit = "subscription.notice"

    def _get_title(self):
        """Return the subject of the message: what it is about, in one line."""
        self.ensure_one()
        titles = {
            ("renewal", "partner"): self._get_partner_title,
            ("renewal", "client"): self._get_client_title,
            ("legal", "client"): self._get_legal_title,
            ("over", "partner"): self._get_over_title,
            ("over", "client"): self._get_over_title,
            ("usage", "partner"): self._get_usage_title,
            ("usage", "client"): self._get_usage_title,
        }
        # Iterating reads the lines of all notices at once, slicing does not.
        line = next(iter(self.listed_line_ids), self.listed_line_ids)
        return titles[self.kind, self.audience](line, self.listed_count)

    @api.model
    def _get_partner_title(self, line, count):
        if count > 1:
            return self.env._("%(count)s subscriptions to renew", count=count)
        values = {
            "client": line.client_id.name,
            "end": line._get_date_text(line.term_end),
        }
        if line._get_days_left() < 0:
            return self.env._("%(client)s: the subscription ended on %(end)s", **values)
        return self.env._("%(client)s: the subscription ends on %(end)s", **values)

    @api.model
    def _get_client_title(self, line, count):
        if count > 1:
            return self.env._("%(count)s of your subscriptions end", count=count)
        values = {
            "subscription": line.subscription_id.display_name,
            "end": line._get_date_text(line.term_end),
        }
        if line._get_days_left() < 0:
            return self.env._(
                "Your subscription %(subscription)s ended on %(end)s", **values
            )
        return self.env._(
            "Your subscription %(subscription)s ends on %(end)s", **values
        )

    def _get_legal_title(self, line, count):
        deadline = line._get_date_text(self.deadline)
        if count > 1:
            return self.env._(
                "You may refuse the renewal of your subscriptions until %(deadline)s",
                deadline=deadline,
            )
        return self.env._(
            "You may refuse the renewal of your subscription %(subscription)s until"
            " %(deadline)s",
            subscription=line.subscription_id.display_name,
            deadline=deadline,
        )

    def _get_over_title(self, line, count):
        if self.audience == "client":
            return self.env._("More seats in use than contracted")
        if count > 1:
            return self.env._(
                "%(count)s modules with more seats in use than contracted", count=count
            )
        return self.env._(
            "%(client)s: more seats in use than contracted", client=line.client_id.name
        )

    def _get_usage_title(self, line, count):
        if count > 1:
            return self.env._("%(count)s modules are running out of seats", count=count)
        values = {
            "client": line.client_id.name,
            "module": line.module_id.name,
            "used": line.used,
            "limit": line.seat_limit,
        }
        if self.audience == "client":
            return self.env._(
                "%(module)s: %(used)s of %(limit)s seats are in use", **values
            )
        return self.env._(
            "%(client)s, %(module)s: %(used)s of %(limit)s seats are in use", **values
        )

    def _get_rows(self):
        """Return what the message lists, as dictionaries."""
        self.ensure_one()
        return [line._get_row() for line in self.listed_line_ids]

    def _get_more_count(self):
        """Return how many lines the message does not list."""
        return self.listed_count - len(self.listed_line_ids)

    def _get_contact_text(self):
        """Return whom a client asks, and how to reach them."""
        return self.addressee_id._get_subscription_contact_text()

    def _get_url(self):
        """Return the address of the screen where the recipient can act: the list of
        clients to renew, the one subscription or the usage of seats, the portal."""
        self.ensure_one()
        if self.audience == "client":
            path = f"/my/subscription/{self.addressee_id.id}"
        elif self.kind == "renewal":
            path = "/odoo/clients-to-renew"
        else:
            path = f"/odoo/action-{ADDON}.subscription_seat_usage_action"
        return self.get_base_url() + path
