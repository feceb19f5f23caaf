"""Who is asked next, how and after how long: read from files, refused where a case could end in silence."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Literal, cast, get_args

import msgspec

Channel = Literal["app", "console", "http"]
CHANNELS: frozenset[str] = frozenset(get_args(Channel))
LADDER_COLUMNS = ("ladder", "after_s", "to", "channel")
MINUTE_MS = 60_000
MAX_AFTER_MS = 24 * 60 * MINUTE_MS


class FileFault(Exception):
    """A line of a file that cannot work, and what to do about it."""


class Target(msgspec.Struct, frozen=True):
    """Whom a rung asks.

    `to` is `orderer`, `ward_nurses`, `person:` and a number, or a duty of the roster, where `{department}` stands for
    the ward's department. For `console` and `http` it is whom the telephone desk should ring.
    """

    to: str
    channel: Channel = "app"


class Rung(msgspec.Struct, frozen=True):
    """Everybody who is asked at one time after the case was opened."""

    after_ms: int
    targets: tuple[Target, ...]

    @property
    def reaches_a_desk(self) -> bool:
        """It needs neither the messenger nor somebody's device."""
        return any(target.channel != "app" for target in self.targets)


class Ladder(msgspec.Struct, frozen=True):
    """Rungs in the order of time; the last one reaches a desk, and is repeated until somebody has answered."""

    name: str
    rungs: tuple[Rung, ...]


class Clocks(msgspec.Struct, frozen=True):
    """How long each step may take, in milliseconds."""

    receive_ms: int = 5 * MINUTE_MS
    read_back_ms: int = 5 * MINUTE_MS
    tell_ms: int = 5 * MINUTE_MS
    confirm_ms: int = 5 * MINUTE_MS
    act_ms: int = 15 * MINUTE_MS
    close_ms: int = 30 * MINUTE_MS
    accept_ms: int = 3 * MINUTE_MS
    deliver_ms: int = MINUTE_MS
    repeat_ms: int = 5 * MINUTE_MS
    delayed_ms: int = 10 * MINUTE_MS


OUTPATIENT = Clocks(act_ms=30 * MINUTE_MS)


def rung(after_minutes: int, *targets: Target) -> Rung:
    return Rung(after_minutes * MINUTE_MS, targets)


BUILT_IN = Ladder(
    "built-in",
    (
        rung(0, Target("orderer"), Target("ward_nurses")),
        rung(5, Target("orderer"), Target("ward_nurses"), Target("{department}-一线")),
        rung(10, Target("{department}-二线"), Target("{department}-护士长")),
        rung(15, Target("{department}-主任"), Target("{department}", "console")),
        rung(30, Target("总值班"), Target("总值班", "console")),
    ),
)


def checked(ladder: Ladder) -> Ladder:
    """The ladder, if no case on it can end in silence; `FileFault` says why not."""
    times = [rung.after_ms for rung in ladder.rungs]
    if not times or times[0] != 0:
        raise FileFault(f"ladder {ladder.name}: the first rung must be after 0 seconds, or nobody is asked at once")
    if times != sorted(set(times)) or times[-1] > MAX_AFTER_MS:
        raise FileFault(f"ladder {ladder.name}: rungs go up in time, and end within a day")
    if not ladder.rungs[-1].reaches_a_desk:
        raise FileFault(
            f"ladder {ladder.name}: the last rung is only app, so an unanswered case would end in silence;"
            " add a line with console or http"
        )
    return ladder


def read_ladders(text: str) -> Mapping[str, Ladder]:
    """The ladders of a CSV file `ladder,after_s,to,channel`; lines of one ladder and one time are one rung."""
    ladders: dict[str, list[tuple[int, Target]]] = {}
    for line, row in _rows(text, LADDER_COLUMNS):
        ladders.setdefault(_named(row["ladder"], line), []).append((_seconds(row["after_s"], line), _target(row, line)))
    return {name: checked(Ladder(name, _rungs(lines))) for name, lines in ladders.items()}


def clocks_of(wards: Mapping[str, Clocks], ward: str, *, outpatient: bool) -> Clocks:
    """The clocks of a ward: its own, else those of ward `*`, else the built-in ones."""
    return wards.get(ward) or wards.get("*") or (OUTPATIENT if outpatient else Clocks())


def read_clocks(text: str) -> Mapping[str, Clocks]:
    """The clocks of each ward, of a CSV file `ward` and any of `receive_s`, `read_back_s` and so on.

    Ward `*` stands for all others; what is left empty is as in the built-in clocks.
    """
    wards: dict[str, Clocks] = {}
    for line, row in _rows(text, ("ward",)):
        ward = _named(row.pop("ward"), line)
        if ward in wards:
            raise FileFault(f"line {line}: ward {ward} stands there twice")
        wards[ward] = _clocks(row, line)
    return wards


def _clocks(row: Mapping[str, str], line: int) -> Clocks:
    given = {column.removesuffix("_s") + "_ms": _seconds(text, line) for column, text in row.items() if text}
    if unknown := sorted(given.keys() - set(Clocks.__struct_fields__)):
        raise FileFault(f"line {line}: {', '.join(unknown)} is no clock")
    if any(clock_ms == 0 for clock_ms in given.values()):
        raise FileFault(f"line {line}: a clock needs at least one second")
    return Clocks(**given)


def _rungs(lines: list[tuple[int, Target]]) -> tuple[Rung, ...]:
    def after(line: tuple[int, Target]) -> int:
        return line[0]

    grouped = groupby(sorted(lines, key=after), key=after)
    return tuple(Rung(after_ms, tuple(target for _, target in group)) for after_ms, group in grouped)


def _rows(text: str, columns: tuple[str, ...]) -> Iterable[tuple[int, dict[str, str]]]:
    reader = csv.DictReader(text.removeprefix("\ufeff").splitlines(), strict=True)
    if missing := [column for column in columns if column not in (reader.fieldnames or ())]:
        raise FileFault(f"line 1: the column {', '.join(missing)} is missing")
    for row in reader:
        if None in row or None in row.values():
            raise FileFault(f"line {reader.line_num}: as many cells as columns, please")
        yield reader.line_num, {column: cell.strip() for column, cell in row.items()}


def _named(name: str, line: int) -> str:
    if not name:
        raise FileFault(f"line {line}: the first cell is empty")
    return name


def _seconds(text: str, line: int) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 6:
        raise FileFault(f"line {line}: {text!r} is no whole number of seconds")
    return int(text) * 1000


def _target(row: Mapping[str, str], line: int) -> Target:
    if row["channel"] not in CHANNELS:
        raise FileFault(f"line {line}: {row['channel']!r} is no channel: app, console or http")
    if row["channel"] == "app" and not row["to"]:
        raise FileFault(f"line {line}: app needs somebody to ask")
    return Target(row["to"], cast(Channel, row["channel"]))
