from . import (
    test_administrators,
    test_audit,
    test_concurrency,
    test_property,
    test_seat_doors,
)
