from odoo import fields, models
from odoo.tools import format_date


class SubscriptionSeatUsageDate(models.TransientModel):
    _name = "subscription.seat.usage.date"
    _description = "Seats in Use on a Date"

    date = fields.Date(
        required=True, default=lambda self: self.env.company._get_today()
    )

    def action_open(self):
        """Open the seats that were in use at the end of the date.

        :raise ValidationError: when it is none that is reckoned with
        """
        self.ensure_one()
        self._verify_day(self.date)
        return self._open_action(
            "subscription_seat_usage_past_action",
            display_name=self.env._(
                "Seats in Use on %(date)s",
                date=format_date(self.env, self.date),
            ),
            context={
                "usage_date": fields.Date.to_string(self.date),
                "pivot_measures": ["used"],
            },
        )
