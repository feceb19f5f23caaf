"""Who is typing: for how long, who is told, and what crosses to other processes."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from myelin.ephemera.typing import SIGNAL_LIMIT_BYTES, Typing

WARD, OFFICE = "!ward", "!office"
WANG, LI = "@wang:hospital.test", "@li:hospital.test"


@dataclass
class Timer:
    due_s: float
    call: Callable[[], None]
    is_cancelled: bool = False

    def cancel(self) -> None:
        self.is_cancelled = True


@dataclass
class Process:
    """A process with a clock of the test's."""

    process_id: str = "here"
    now_s: float = 0
    timers: list[Timer] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    signals: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.typing = Typing(self.process_id, self.later, self.changed.append, self.signals.append)

    def later(self, delay_s: float, call: Callable[[], None]) -> Timer:
        timer = Timer(self.now_s + delay_s, call)
        self.timers.append(timer)
        return timer

    def wait(self, seconds: float) -> None:
        self.now_s += seconds
        due = [timer for timer in self.timers if timer.due_s <= self.now_s]
        self.timers = [timer for timer in self.timers if timer.due_s > self.now_s]
        for timer in due:
            if not timer.is_cancelled:
                timer.call()


def test_typing_ends_by_itself() -> None:
    here = Process()
    here.typing.set(WARD, WANG, 5_000)
    here.wait(4.9)
    assert here.typing.users(WARD) == [WANG]
    here.wait(0.2)
    assert here.typing.users(WARD) == []
    assert here.changed == [WARD, WARD]


def test_who_goes_on_typing_is_no_news() -> None:
    here = Process()
    here.typing.set(WARD, WANG, 5_000)
    here.wait(4)
    here.typing.set(WARD, WANG, 5_000)
    here.wait(4)
    assert (here.typing.users(WARD), here.changed) == ([WANG], [WARD])


def test_nobody_types_for_ever() -> None:
    here = Process()
    here.typing.set(WARD, WANG, 10**12)
    here.wait(3_600)
    assert here.typing.users(WARD) == []


def test_to_stop_without_having_begun_is_nothing() -> None:
    here = Process()
    here.typing.set(WARD, WANG, 0)
    assert (here.changed, here.typing.count) == ([], 0)


def test_a_reader_is_told_what_changed_since() -> None:
    here = Process()
    here.typing.set(WARD, WANG, 5_000)
    seen = here.typing.seen(here.typing.version)
    assert list(here.typing.rooms_after(seen)) == []
    here.typing.set(OFFICE, LI, 5_000)
    here.typing.set(WARD, WANG, 0)
    assert list(here.typing.rooms_after(seen)) == [WARD, OFFICE]
    assert list(here.typing.rooms_after(-1)) == [WARD, OFFICE]


def test_what_another_process_counted_is_unknown() -> None:
    here, there = Process(), Process("there")
    there.typing.set(WARD, WANG, 5_000)
    for version in (there.typing.version, "0", "", "here-", "here-x"):
        assert here.typing.seen(version) == -1
    assert here.typing.seen(here.typing.version) == 0


def test_signals_wait_for_company_and_arrive() -> None:
    here, there = Process(), Process("there")
    here.typing.set(WARD, WANG, 5_000)
    here.typing.set(WARD, LI, 5_000)
    here.typing.set(WARD, WANG, 0)
    assert here.signals == []
    here.wait(0.1)
    (signal,) = here.signals
    assert json.loads(signal) == [[WARD, WANG, 0], [WARD, LI, 5_000]]
    there.typing.received(signal)
    assert there.typing.users(WARD) == [LI]
    there.wait(1)
    # What was heard is not said again.
    assert there.signals == []


def test_signals_stay_short() -> None:
    here, there = Process(), Process("there")
    names = [f"@{number:0200}:hospital.test" for number in range(100)]
    for name in names:
        here.typing.set(WARD, name, 5_000)
    here.wait(0.1)
    assert len(here.signals) > 1
    for signal in here.signals:
        assert len(signal.encode()) <= SIGNAL_LIMIT_BYTES
        there.typing.received(signal)
    assert there.typing.users(WARD) == names
