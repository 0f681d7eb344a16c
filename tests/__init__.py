from . import (
    test_concurrency,
    test_hierarchy,
    test_http_workers,
    test_plan,
    test_property,
    test_seat_doors,
    test_views,
)
