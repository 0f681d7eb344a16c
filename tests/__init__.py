from . import test_concurrency, test_property, test_seat_doors
