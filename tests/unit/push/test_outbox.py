"""One dead place costs nobody but itself, and is not asked more than it must be."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from myelin.push.backoff import LONGEST_S, Backoff
from myelin.push.destinations import Gateway
from myelin.push.notes import Note
from myelin.push.outbox import NOTES_LIMIT, Bell, Outbox, Result, Ring, Rung
from myelin.stores.pushers import Pusher


def a_bell(name: str) -> Bell:
    pusher = Pusher(
        user_id="@li:hospital.example",
        app_id="app",
        pushkey=name,
        device_id="D",
        app_display_name="",
        device_display_name="",
        profile_tag="",
        lang="zh",
        data={},
        set_at=0,
        since=0,
    )
    return Bell(pusher, Gateway("https://push.example", "https://push.example/x"), Backoff(lambda: 1.0))


def a_note(position: int, is_urgent: bool = False) -> Note:
    return Note(position, "!ward", f"${position}", "main", "m.room.message", "@wang", is_urgent, {})


class Place:
    """Counts who is asked, and lets time pass when it is told to."""

    def __init__(self) -> None:
        self.result = Result.RUNG
        self.asked: list[str] = []
        self.slept: list[float] = []
        self.awake = asyncio.Event()

    async def ring(self, bell: Bell) -> Rung:
        self.asked.append(bell.pusher.pushkey)
        await asyncio.sleep(0)
        if self.result is Result.RUNG:
            bell.notes.clear()
        return Rung(self.result)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await self.awake.wait()


def in_a_group(story: Callable[[Place, Callable[[Ring], Outbox]], Awaitable[None]]) -> None:
    async def run() -> None:
        place = Place()
        async with asyncio.TaskGroup() as tasks:
            await story(place, lambda ring: Outbox(ring, tasks.create_task, place.sleep, Backoff(lambda: 1.0)))

    asyncio.run(run())


async def settled() -> None:
    for _ in range(50):
        await asyncio.sleep(0)


def test_a_place_that_fails_is_left_alone_and_then_tried_with_one() -> None:
    async def story(place: Place, outbox_of: Callable[[Ring], Outbox]) -> None:
        outbox, bells = outbox_of(place.ring), [a_bell(str(number)) for number in range(100)]
        place.result = Result.PLACE_FAILED
        for bell in bells:
            bell.add(a_note(1))
            outbox.put(bell)
        await settled()
        assert len(place.asked) <= 8
        assert place.slept == [1.0]
        place.result = Result.RUNG
        place.awake.set()
        await settled()
        assert outbox.waiting == 0
        assert not any(bell.notes for bell in bells)

    in_a_group(story)


def test_one_pusher_that_fails_waits_alone() -> None:
    async def story(place: Place, outbox_of: Callable[[Ring], Outbox]) -> None:
        async def ring(bell: Bell) -> Rung:
            if bell.pusher.pushkey == "bad" and not place.awake.is_set():
                return Rung(Result.PUSHER_FAILED, retry_after_s=30)
            return await place.ring(bell)

        outbox, bells = outbox_of(ring), [a_bell("bad"), a_bell("good")]
        for bell in bells:
            bell.add(a_note(1))
            outbox.put(bell)
        await settled()
        assert (place.asked, place.slept) == (["good"], [30.0])
        place.awake.set()
        await settled()
        assert place.asked == ["good", "bad"]

    in_a_group(story)


def test_of_many_notes_the_latest_and_the_urgent_stay() -> None:
    bell = a_bell("phone")
    bell.add(a_note(0, is_urgent=True))
    for position in range(1, 100):
        bell.add(a_note(position))
    assert [note.position for note in bell.notes] == [0, *range(101 - NOTES_LIMIT, 100)]
    assert bell.stand.cursor == -1


def test_waiting_doubles_up_to_a_limit() -> None:
    backoff = Backoff(lambda: 1.0)
    assert [backoff.failed() for _ in range(12)] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]
    assert backoff.failed(at_least_s=1e9) == LONGEST_S
    backoff.succeeded()
    assert backoff.failed(at_least_s=20) == 20
    assert Backoff(lambda: 0.0).failed() == 0.5
