from . import test_seat_doors
