from . import test_concurrency, test_seat_doors
