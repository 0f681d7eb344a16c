from odoo import api, models


class SubscriptionSeat(models.Model):
    """What releasing seats does, in sentences."""

    _inherit = "subscription.seat"

    def _get_release_texts(self):
        """Return in sentences what releasing these seats frees, and what goes with
        them."""
        seats = self | self._get_dependent_seats()
        texts = [
            pool._get_freed_text(len(held.filtered("takes_seat")))
            for pool, held in seats.grouped("pool_id").items()
        ]
        others = (seats - self).module_id
        if others:
            text = self.env._(
                "Who has no seat of %(base)s has none of the other modules either: the"
                " access to %(modules)s goes with it.",
                base=", ".join(self.module_id.filtered("is_base").mapped("name")),
                modules=", ".join(others.mapped("name")),
            )
            texts.insert(0, text)
        return texts

    def _get_released_text(self):
        """Return who lost these seats, and how many are free again."""
        return self.env._(
            "%(members)s. Seats that are free again: %(seats)s.",
            members=self.member_id._get_names_text(),
            seats=len(self.filtered("takes_seat")),
        )


class SubscriptionSeatPool(models.Model):
    """What a grant takes of pools, in sentences."""

    _inherit = "subscription.seat.pool"

    @api.model
    def _get_plan_texts(self, plan):
        """Return in sentences what ``plan``, a ``GrantPlan``, takes of each pool."""
        return [pool._get_taken_text(seats) for pool, seats in plan.demand.items()]

    def _get_taken_text(self, seats):
        """Return in a sentence what assigning ``seats`` leaves of this pool."""
        values = {"module": self.module_id.name, "seats": seats}
        if not seats:
            return self.env._("%(module)s: no seat is taken.", **values)
        if self.is_unlimited:
            if seats == 1:
                return self.env._("%(module)s: 1 seat is taken.", **values)
            return self.env._("%(module)s: %(seats)s seats are taken.", **values)
        values["left"] = self._prepare_preview_values(seats)["available"]
        if seats == 1:
            return self.env._(
                "%(module)s: 1 seat is taken; %(left)s left after that.", **values
            )
        return self.env._(
            "%(module)s: %(seats)s seats are taken; %(left)s left after that.", **values
        )

    def _get_freed_text(self, seats):
        """Return in a sentence what releasing ``seats`` leaves of this pool."""
        values = {"module": self.module_id.name, "seats": seats}
        if not seats:
            return self.env._("%(module)s: no seat becomes free.", **values)
        if self.is_unlimited:
            if seats == 1:
                return self.env._("%(module)s: 1 seat is free again.", **values)
            return self.env._("%(module)s: %(seats)s seats are free again.", **values)
        values["left"] = self._prepare_preview_values(-seats)["available"]
        if seats == 1:
            return self.env._(
                "%(module)s: 1 seat is free again; %(left)s left after that.", **values
            )
        return self.env._(
            "%(module)s: %(seats)s seats are free again; %(left)s left after that.",
            **values,
        )
