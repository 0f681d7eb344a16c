from . import (
    test_access,
    test_administrators,
    test_audit,
    test_concurrency,
    test_invitation,
    test_invitation_concurrency,
    test_isolation,
    test_isolation_http,
    test_multi_company,
    test_portal_accountant,
    test_property,
    test_seat_doors,
)
