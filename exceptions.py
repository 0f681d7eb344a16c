from odoo.exceptions import UserError


class SeatRefusal(UserError):
    """A seat that cannot be given.

    The message is written for the client: which limit, how many seats are in use,
    whom to contact and what else can be done, one line for each pool that falls short.
    """


class LicenceRefusal(UserError):
    """Licences that a partner does not have.

    The message is written for the partner: which stock, what is left of it, how much is
    missing, whom to contact and what else can be done, one line for each stock that
    falls short.
    """
