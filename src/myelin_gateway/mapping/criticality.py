"""Whether a result is a critical value: as the laboratory flagged it, else by the hospital's limits."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from myelin_gateway.mapping.units import converted
from myelin_gateway.model import CRITICAL_FLAGS, Criticality, Direction, Flag, Result

if TYPE_CHECKING:
    from myelin_gateway.mapping.maps import Analytes, Limits

STATUSES = frozenset({"F", "P", "C"})
DIRECTIONS: dict[Flag, Direction] = {"HH": "high", "LL": "low", "AA": "abnormal"}
BY_LIMIT: dict[Direction, Flag] = {direction: flag for flag, direction in DIRECTIONS.items()}


def is_critical(result: Result, analytes: Analytes) -> Criticality | None:
    """Return why a result is critical, or None.

    A critical flag counts whatever the code, the unit or the value are: nobody who was flagged waits for a map. Without
    one the limits count, beside an `H` or an `N` too: they are the hospital's, and many laboratories' systems know no
    HH. Whoever wants flags only leaves the limits out.
    """
    if result.status not in STATUSES:
        return None
    limits = analytes.limits_of(result.analyte)
    passed = beyond(result, limits) if limits and result.number is not None else None
    flags = [flag for flag in result.flags if flag in CRITICAL_FLAGS]
    if not flags:
        return passed
    directions = {DIRECTIONS[flag] for flag in flags} - {"abnormal"}
    direction: Direction = directions.pop() if len(directions) == 1 else "abnormal"
    return Criticality(direction, flags[0], passed.bound if passed and passed.direction == direction else None)


def flagged(result: Result, analytes: Analytes) -> Result:
    """Return a result with the critical flag that its limits give it, so that nobody later needs to know the limits."""
    found = is_critical(result, analytes)
    if found is None or found.flag is not None:
        return result
    return msgspec.structs.replace(result, flags=(BY_LIMIT[found.direction], *result.flags))


def beyond(result: Result, limits: Limits) -> Criticality | None:
    """Return which limit a number passes; None where its unit is none that can be compared."""
    if limits.low is not None and (low := in_unit_of(result, limits, limits.low)) is not None and is_below(result, low):
        return Criticality("low", bound=low)
    if (
        limits.high is not None
        and (high := in_unit_of(result, limits, limits.high)) is not None
        and is_above(result, high)
    ):
        return Criticality("high", bound=high)
    return None


def in_unit_of(result: Result, limits: Limits, bound: Decimal) -> Decimal | None:
    # The bound is converted and not the value: what was measured is compared as it was measured.
    return converted(bound, limits.unit, result.unit, limits.loinc or result.analyte.loinc or "")


def is_below(result: Result, low: Decimal) -> bool:
    """Whether all that the result may be is below: `<2.8` is below 2.8, `<10` may be anything."""
    number = result.number or Decimal(0)
    if result.comparator == "<":
        return number <= low
    return result.comparator in {"", "<="} and number < low


def is_above(result: Result, high: Decimal) -> bool:
    number = result.number or Decimal(0)
    if result.comparator == ">":
        return number >= high
    return result.comparator in {"", ">="} and number > high


def has_strange_unit(result: Result, analytes: Analytes) -> bool:
    """Whether the limits of a result cannot be used, because its unit is not known for it: it counts by flag only."""
    limits = analytes.limits_of(result.analyte)
    bound = None if limits is None else limits.low if limits.low is not None else limits.high
    if limits is None or bound is None or result.number is None:
        return False
    return in_unit_of(result, limits, bound) is None
