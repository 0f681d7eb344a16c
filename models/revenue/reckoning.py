"""What sources of recurring revenue come to in a year: functions without a database."""

# Days of a year, where a period has days or weeks.
YEAR = 365


def count_periods(unit, count):
    """Return how many periods of ``count`` ``unit`` a year has."""
    of_one = {"days": YEAR, "weeks": YEAR / 7, "months": 12, "years": 1}
    return of_one[unit] / count


def take_last(entries, seats):
    """Return what ``seats`` that are given back cost a year: those that were taken last
    come back first.

    :param entries: ``(seats, amount a year)`` of what was taken before, in its order;
        below zero what was given back
    """
    stack = []
    for number, amount in entries:
        if number > 0:
            stack.append([number, amount / number])
        else:
            _pop(stack, -number)
    return _pop(stack, seats)


def _pop(stack, seats):
    total = 0
    while seats > 0 and stack:
        number, price = stack[-1]
        taken = min(number, seats)
        total += taken * price
        seats -= taken
        stack[-1][0] -= taken
        if not stack[-1][0]:
            stack.pop()
    return total
