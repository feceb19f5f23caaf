"""The file of duties: what its rows say, checked as far as the file alone can tell.

A row with a beginning and an end is a shift. One with a person and no times names who stands in whenever no shift says
otherwise. One without a person only says which roles answer in turn where the roster has a gap.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path

import msgspec

from myelin.directory.faults import Fault, FaultyFile
from myelin.directory.tables import Row, read_table
from myelin.matrix.sign_in_names import sign_in_user_id

HEADINGS = {
    "role": ("角色",),
    "employee_number": ("工号",),
    "from": ("开始",),
    "to": ("结束",),
    "fallback": ("后备",),
}
REQUIRED = ("role", "employee_number", "from", "to")
ROLE_LIMIT = 100
# Asia/Shanghai has had no summer time since 1992, and no roster is so old: the offset is the zone.
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
EARLIEST = datetime(2000, 1, 1, tzinfo=SHANGHAI)
NO_FALLBACK = ("无", "-")
BETWEEN_ROLES = re.compile(r"[;,、>\s]+")
INSTANT = re.compile(
    r"(?P<year>\d{4})[-/.年](?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})日?"
    r"(?:[T\s]*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?)?\s*(?P<offset>Z|[+-]\d{2}:?\d{2})?",
    re.ASCII,
)


class ListedDuty(msgspec.Struct, frozen=True, kw_only=True):
    """One row. Times are in ms; `fallback` is None where the row says nothing of it."""

    line: int
    role: str
    employee_number: str = ""
    user_id: str | None = None
    begins: int | None = None
    ends: int | None = None
    fallback: tuple[str, ...] | None = None


def read_duties(path: Path, server_name: str) -> list[ListedDuty]:
    """Return the rows of a file; `FaultyFile` with every line that is wrong."""
    duties: list[ListedDuty] = []
    faults: list[Fault] = []
    for row in read_table(path, HEADINGS, REQUIRED):
        reasons = list(wrong_in(row, server_name))
        faults += [Fault(row.line, reason) for reason in reasons]
        if not reasons:
            duties.append(listed(row, server_name))
    faults += [*repeated(duties), *contradictions(duties)]
    if faults:
        raise FaultyFile(faults)
    return duties


def wrong_in(row: Row, server_name: str) -> Iterator[str]:
    """Yield what is wrong with a row by itself."""
    if not row["role"] or len(row["role"]) > ROLE_LIMIT or BETWEEN_ROLES.search(row["role"]):
        yield f"角色 (role) is a name of 1 to {ROLE_LIMIT} characters without blanks, commas and semicolons"
    number = row["employee_number"]
    if number and (number.startswith("@") or sign_in_user_id(number, server_name) is None):
        yield f"工号 (employee_number) {number} cannot be a number"
    if bool(row["from"]) != bool(row["to"]) or (row["from"] and not number):
        yield "a shift has a person, a beginning and an end: 工号, 开始, 结束 (employee_number, from, to)"
        return
    begins, ends = (instant_of(row[column]) for column in ("from", "to"))
    for column, instant in (("from", begins), ("to", ends)):
        if row[column] and instant is None:
            yield f"{HEADINGS[column][0]} ({column}) is no time such as 2026-12-01 08:00 (Asia/Shanghai)"
    if begins is not None and ends is not None and begins >= ends:
        yield "the shift ends before it begins"
    if not number and fallback_of(row["fallback"]) is None:
        yield "the row names neither a person nor a fallback"


def listed(row: Row, server_name: str) -> ListedDuty:
    return ListedDuty(
        line=row.line,
        role=row["role"],
        employee_number=row["employee_number"],
        user_id=sign_in_user_id(row["employee_number"], server_name) if row["employee_number"] else None,
        begins=instant_of(row["from"]),
        ends=instant_of(row["to"]),
        fallback=fallback_of(row["fallback"]),
    )


def instant_of(text: str) -> int | None:
    """Return the ms of a time in Asia/Shanghai, or of one that says its offset; None for what is no time.

    24:00 is the end of a day, and a day alone its beginning.
    """
    found = INSTANT.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second = (
        int(found[part] or 0) for part in ("year", "month", "day", "hour", "minute", "second")
    )
    is_midnight = (hour, minute, second) == (24, 0, 0)
    try:
        start = datetime(year, month, day, 0 if is_midnight else hour, minute, second, tzinfo=zone(found["offset"]))
        instant = start + timedelta(days=is_midnight)
    except (ValueError, OverflowError):
        return None
    return int(instant.timestamp()) * 1000 if instant >= EARLIEST else None


def zone(offset: str | None) -> timezone:
    """Return the zone of an offset; ValueError for one that no clock has."""
    if offset is None:
        return SHANGHAI
    if offset == "Z":
        return timezone.utc  # noqa: UP017 - one class for all zones
    sign, digits = (-1 if offset[0] == "-" else 1), offset[1:].replace(":", "")
    return timezone(sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:])))


def fallback_of(text: str) -> tuple[str, ...] | None:
    """Return the roles that a cell lists, none for 无 or -, None for an empty cell."""
    if text in NO_FALLBACK:
        return ()
    return tuple(dict.fromkeys(filter(None, BETWEEN_ROLES.split(text)))) or None


def repeated(duties: Sequence[ListedDuty]) -> Iterator[Fault]:
    """Yield the lines that say what another line has said."""
    first: dict[tuple[str, str | None, int | None, int | None], int] = {}
    for duty in duties:
        if duty.user_id is not None:
            line = first.setdefault((duty.role, duty.user_id, duty.begins, duty.ends), duty.line)
            if line != duty.line:
                yield Fault(duty.line, f"this is line {line} again")


def contradictions(duties: Sequence[ListedDuty]) -> Iterator[Fault]:
    """Yield the lines that give a role another fallback, or another standing person, than a line before."""
    fallbacks: dict[str, ListedDuty] = {}
    standing: dict[str, ListedDuty] = {}
    for duty in duties:
        if duty.fallback is not None:
            before = fallbacks.setdefault(duty.role, duty)
            if before.fallback != duty.fallback:
                yield Fault(duty.line, f"后备 (fallback) of {duty.role} is another one than in line {before.line}")
        if duty.begins is None and duty.user_id is not None:
            before = standing.setdefault(duty.role, duty)
            if before.user_id != duty.user_id:
                yield Fault(duty.line, f"{duty.role} has a standing person already, in line {before.line}")
