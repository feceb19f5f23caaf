"""One place to push to, with what waits for it: a dead or slow one costs nobody but itself.

A few at a time are rung there. Where the place itself fails, it is left alone for a while, and then tried with one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from enum import Enum, auto

import msgspec

from myelin.push.backoff import Backoff
from myelin.push.destinations import Gateway, Subscription
from myelin.push.notes import Note
from myelin.stores.pushers import Pusher, Stand

RUNG_AT_ONCE = 8
# More than anybody looks at one by one: the next ring tells how much waits in all.
NOTES_LIMIT = 64


class Bell:
    """A pusher at work. Of many notes the oldest fall away, the urgent ones last: the next one tells how much waits."""

    def __init__(self, pusher: Pusher, place: Gateway | Subscription, backoff: Backoff) -> None:
        self.pusher = pusher
        self.place = place
        self.backoff = backoff
        self.notes: list[Note] = []
        self.badge_is_due = False
        self.badge = -1
        self.is_queued = False
        self.is_removed = False
        self.failing_since = pusher.failing_since
        # What is durable of it; None where nobody knows.
        self.kept: Stand | None = Stand(pusher.key, pusher.cursor, pusher.failing_since)

    @property
    def stand(self) -> Stand:
        """Where it stands: what is not rung yet is found again after a crash."""
        cursor = self.notes[0].position - 1 if self.notes else None
        return Stand(self.pusher.key, cursor, self.failing_since)

    @property
    def has_turned(self) -> bool:
        """Whether it came behind or caught up, or began or ceased to fail, since that was kept."""
        now, kept = self.stand, self.kept
        if kept is None:
            return True
        return (now.cursor is None) != (kept.cursor is None) or now.failing_since != kept.failing_since

    @property
    def has_work(self) -> bool:
        return not self.is_removed and (bool(self.notes) or self.badge_is_due)

    def owe_badge(self) -> None:
        """Have the count of unread messages told by itself, where that is wanted."""
        self.badge_is_due = not isinstance(self.place, Subscription) or not self.place.events_only

    def add(self, note: Note) -> None:
        """Have one more event told."""
        self.notes.append(note)
        if len(self.notes) > NOTES_LIMIT:
            self.notes.remove(next((each for each in self.notes if not each.is_urgent), self.notes[0]))

    def done(self, note: Note) -> None:
        """Take note that an event was told, or needs to be told no more."""
        if note in self.notes:
            self.notes.remove(note)


class Result(Enum):
    """What came of ringing once."""

    RUNG = auto()
    PUSHER_FAILED = auto()
    PLACE_FAILED = auto()


class Rung(msgspec.Struct, frozen=True):
    """What came of it, and how long the other side asks to be left alone."""

    result: Result
    retry_after_s: float = 0.0


Ring = Callable[[Bell], Awaitable[Rung]]
Start = Callable[[Coroutine[None, None, None]], object]
Sleep = Callable[[float], Awaitable[None]]


class Outbox:
    """The bells that wait for one place, and the few tasks that ring them."""

    def __init__(self, ring: Ring, start: Start, sleep: Sleep, backoff: Backoff) -> None:
        self._ring = ring
        self._start = start
        self._sleep = sleep
        self._backoff = backoff
        self._ready: deque[Bell] = deque()
        self._at_work = 0
        self._rests = False

    @property
    def waiting(self) -> int:
        """How many bells wait."""
        return len(self._ready)

    def put(self, bell: Bell) -> None:
        """Have a bell rung, once however often it is put here."""
        if not bell.is_queued and bell.has_work:
            bell.is_queued = True
            self._ready.append(bell)
            self._staff()

    def _staff(self) -> None:
        limit = 1 if self._backoff.failures else RUNG_AT_ONCE
        while not self._rests and self._at_work < min(limit, len(self._ready) + self._at_work):
            self._at_work += 1
            self._start(self._work())

    async def _work(self) -> None:
        try:
            while self._ready and not self._rests:
                await self._once(self._ready.popleft())
        finally:
            self._at_work -= 1
        self._staff()

    async def _once(self, bell: Bell) -> None:
        rung = await self._ring(bell) if bell.has_work else Rung(Result.RUNG)
        if rung.result is Result.PLACE_FAILED:
            # To the end: one that no place could serve holds up nobody else.
            self._ready.append(bell)
            await self._rest(rung.retry_after_s)
            return
        self._backoff.succeeded()
        if rung.result is Result.PUSHER_FAILED:
            self._start(self._later(bell, bell.backoff.failed(rung.retry_after_s)))
            return
        bell.backoff.succeeded()
        bell.is_queued = False
        self.put(bell)
        self._staff()

    async def _rest(self, at_least_s: float) -> None:
        if self._rests:
            return
        self._rests = True
        try:
            await self._sleep(self._backoff.failed(at_least_s))
        finally:
            self._rests = False

    async def _later(self, bell: Bell, wait_s: float) -> None:
        await self._sleep(wait_s)
        bell.is_queued = False
        self.put(bell)
