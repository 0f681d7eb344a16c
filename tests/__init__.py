from . import test_concurrency, test_http_workers, test_property, test_seat_doors
