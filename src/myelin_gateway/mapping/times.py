"""Times as systems write them, as milliseconds since the epoch.

A time without a zone is China's: Asia/Shanghai, UTC+8 the whole year since 1991, in every province. That is said here
and not taken from the machine, which may stand in UTC.
"""

from __future__ import annotations

import re
from functools import lru_cache

ASIA_SHANGHAI_MINUTES = 8 * 60
# "YYYY[MM[DD[HH[MM[SS[.S[S[S[S]]]]]]]]][+/-ZZZZ]"; coarser than minutes is a day, not an instant.
HL7_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(?:(\d\d)(?:\.(\d{1,6}))?)?([+-]\d{4})?", re.ASCII)
# RFC 3339, zone included: whoever writes a new interface can say it.
WEB_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?:[Zz]|([+-]\d\d:\d\d))", re.ASCII
)
DAYS_IN = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


# The results of one report mostly have one time.
@lru_cache(maxsize=256)
def hl7_instant(text: str) -> int | None:
    """Return the instant of an HL7 time stamp; None for an empty, a coarse or an impossible one."""
    found = HL7_TIME.fullmatch(text.strip())
    return instant(found, ASIA_SHANGHAI_MINUTES) if found else None


def web_instant(text: str) -> int | None:
    """Return the instant of a time as in JSON (RFC 3339, with its zone); None for anything else."""
    found = WEB_TIME.fullmatch(text.strip())
    return instant(found, 0) if found else None


def instant(found: re.Match[str], minutes_if_unsaid: int) -> int | None:
    year, month, day, hour, minute, second = (int(each or 0) for each in found.groups()[:6])
    fraction, zone = found[7] or "", found[8]
    east_minutes = zone_minutes(zone) if zone else minutes_if_unsaid
    is_possible = year >= 1900 and 1 <= month <= 12 and 1 <= day <= days_in(year, month)
    if not is_possible or hour > 23 or minute > 59 or second > 60 or abs(east_minutes) > 14 * 60:
        return None
    minutes = (days_since_epoch(year, month, day) * 24 + hour) * 60 + minute - east_minutes
    return (minutes * 60 + second) * 1000 + int(fraction[:3].ljust(3, "0"))


def zone_minutes(zone: str) -> int:
    sign, digits = -1 if zone[0] == "-" else 1, zone[1:].replace(":", "")
    return sign * (int(digits[:2]) * 60 + int(digits[2:]))


def days_in(year: int, month: int) -> int:
    return DAYS_IN[month - 1] + (month == 2 and is_leap(year))


def is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def days_since_epoch(year: int, month: int, day: int) -> int:
    return days_before(year) - days_before(1970) + sum(days_in(year, each) for each in range(1, month)) + day - 1


def days_before(year: int) -> int:
    past = year - 1
    return past * 365 + past // 4 - past // 100 + past // 400
