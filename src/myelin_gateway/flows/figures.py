"""How fast critical values are answered: each step's median, P90 and share in time, as a hospital reports them.

A step is counted the first time it was made. Its time runs from the step before it; that of the first from the
laboratory's own time where the partner's setting says so.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence

import msgspec

from myelin_gateway.flows.cases import Case
from myelin_gateway.flows.ladders import Clocks

COLUMNS = ("ward", "step", "cases", "reached", "in_time", "in_time_share", "median_s", "p90_s")
ALL_WARDS = "*"

# A step, those it is measured from (the first of them that was made), and how long it may take.
STEPS: tuple[tuple[str, tuple[str, ...], Callable[[Clocks], int]], ...] = (
    ("notified", (), lambda clocks: clocks.deliver_ms),
    ("received", ("notified", "detected"), lambda clocks: clocks.receive_ms),
    ("read_back", ("received",), lambda clocks: clocks.read_back_ms),
    ("told", ("read_back",), lambda clocks: clocks.tell_ms),
    ("confirmed", ("told", "notified", "detected"), lambda clocks: clocks.confirm_ms),
    ("acted", ("confirmed",), lambda clocks: clocks.act_ms),
    ("closed", ("acted", "confirmed", "detected"), lambda clocks: clocks.close_ms),
)


class Figure(msgspec.Struct, frozen=True):
    """One step of one ward; times in milliseconds, nothing where nobody made the step."""

    ward: str
    step: str
    cases: int
    reached: int
    in_time: int
    median_ms: int | None
    p90_ms: int | None

    @property
    def in_time_share(self) -> float | None:
        """Of all cases, not only of those where the step was made: what never happened was not in time."""
        return self.in_time / self.cases if self.cases else None


def figures(cases: Iterable[Case], *, from_verification: bool = True) -> tuple[Figure, ...]:
    """Each ward's figures, and those of all wards together as ward `*`."""
    everything = tuple(cases)
    wards = sorted({case.ward.name for case in everything})
    groups = [(ward, tuple(c for c in everything if c.ward.name == ward)) for ward in wards]
    return tuple(
        _figure(ward, group, step, sources, limit, from_verification)
        for ward, group in [*groups, (ALL_WARDS, everything)]
        for step, sources, limit in STEPS
    )


def as_csv(rows: Iterable[Figure]) -> str:
    """The figures as a file that a spreadsheet opens; times in seconds."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        share = "" if row.in_time_share is None else f"{row.in_time_share:.3f}"
        times = (_seconds(row.median_ms), _seconds(row.p90_ms))
        writer.writerow((_cell(row.ward), row.step, row.cases, row.reached, row.in_time, share, *times))
    return text.getvalue()


def _figure(
    ward: str,
    cases: Sequence[Case],
    step: str,
    sources: tuple[str, ...],
    limit: Callable[[Clocks], int],
    from_verification: bool,
) -> Figure:
    took = [(ms, case) for case in cases if (ms := _took(case, step, sources, from_verification)) is not None]
    times = sorted(ms for ms, _ in took)
    in_time = sum(ms <= limit(case.clocks) for ms, case in took)
    return Figure(ward, step, len(cases), len(took), in_time, _rank(times, 50), _rank(times, 90))


def _took(case: Case, step: str, sources: tuple[str, ...], from_verification: bool) -> int | None:
    made = _first(case, step)
    if made is None:
        return None
    begun = next((at for source in sources if (at := _first(case, source)) is not None), case.opened_at)
    if not sources and from_verification and case.verified_at is not None:
        begun = case.verified_at
    # What was pressed in time may be read late, so two steps can stand in the other order.
    return max(made - begun, 0)


def _first(case: Case, step: str) -> int | None:
    return next((made.at for made in case.steps if made.name == step), None)


def _rank(times: Sequence[int], percent: int) -> int | None:
    """The nearest rank: a time that was really taken."""
    return times[-(-len(times) * percent // 100) - 1] if times else None


def _seconds(time_ms: int | None) -> str:
    return "" if time_ms is None else f"{time_ms / 1000:.1f}"


def _cell(text: str) -> str:
    """A ward's name, which no spreadsheet takes for a formula."""
    return "'" + text if text.startswith(("=", "+", "-", "@")) else text
