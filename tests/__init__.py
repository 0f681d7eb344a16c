from . import (
    test_administrators,
    test_audit,
    test_concurrency,
    test_invitation,
    test_invitation_concurrency,
    test_portal_accountant,
    test_property,
    test_seat_doors,
)
