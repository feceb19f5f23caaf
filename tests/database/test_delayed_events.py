"""Delayed events on a real database: of two processes that send the same one does, and what was changed holds."""

import asyncio
from pathlib import Path

import pytest
from msgspec.structs import replace

from myelin.actions.accounts import deactivate_account
from myelin.actions.delayed_events import DelayedSends, send_delayed
from myelin.actions.sender import Sender
from myelin.matrix.errors import Forbidden, Overtaken
from myelin.stores.delayed_events import DelayedEvent
from tests.cores import Core, lose_answer, running_core

pytestmark = [pytest.mark.database, pytest.mark.anyio]

LONG_MS = 3_600_000


async def waiting(core: Core, sender: Sender, room_id: str, text: str, delay_ms: int = LONG_MS) -> DelayedEvent:
    """An event that was asked for at the beginning of time."""
    delayed = DelayedEvent(
        delay_id=f"delay of {text}",
        user_id=sender.user_id,
        device_id=sender.device_id,
        room_id=room_id,
        type="m.room.message",
        state_key=None,
        content={"msgtype": "m.text", "body": text},
        delay_ms=delay_ms,
        running_since=10_000,
        since_position=core.built.memory.head,
    )
    assert await core.built.delayed.events.schedule(delayed, 1000) == delayed.delay_id
    return delayed


def sends_at(core: Core, now_ms: int) -> DelayedSends:
    return DelayedSends(core.pool.submit, core.built.delayed.events, lambda: now_ms)


async def test_two_processes_send_everything_once(database_url: str, tmp_path: Path) -> None:
    async with running_core(database_url, tmp_path) as one, running_core(database_url, tmp_path) as other:
        wang = await one.person("wang")
        room_id = await one.room(wang)
        texts = [f"{number:03}" for number in range(120)]
        for text in texts:
            await waiting(one, wang, room_id, text, LONG_MS * 1_000_000)
        due = LONG_MS * 1_000_000 + 10_000
        while any(await asyncio.gather(sends_at(one, due).send_due(), sends_at(other, due).send_due())):
            pass
        assert sorted(await one.said()) == texts


async def test_whoever_is_overtaken_sends_nothing(database_url: str, tmp_path: Path) -> None:
    async with running_core(database_url, tmp_path) as core:
        wang = await core.person("wang")
        room_id, events = await core.room(wang), core.built.delayed.events
        far = LONG_MS * 1_000_000
        cancelled, restarted = [await waiting(core, wang, room_id, text, far) for text in ("cancelled", "restarted")]
        assert await events.cancel(cancelled.delay_id, 20_000)
        assert await events.restart(restarted.delay_id, 20_000)
        for delayed in (cancelled, restarted):
            with pytest.raises(Overtaken):
                await core.pool.submit(send_delayed(delayed, "delay"))
        # What was only restarted is not given up because somebody had read it before.
        assert not await events.refuse(restarted, Forbidden(), 30_000)
        assert await core.said() == []


async def test_others_of_the_batch_are_not_concerned(database_url: str, tmp_path: Path) -> None:
    async with running_core(database_url, tmp_path) as core:
        wang = await core.person("wang")
        room_id = await core.room(wang)
        delayed = await waiting(core, wang, room_id, "cancelled", LONG_MS * 1_000_000)
        await core.built.delayed.events.cancel(delayed.delay_id, 20_000)
        outcomes = await asyncio.gather(
            core.say(wang, room_id, "before"),
            core.pool.submit(send_delayed(delayed, "action")),
            core.say(wang, room_id, "after"),
            return_exceptions=True,
        )
        assert isinstance(outcomes[1], Overtaken)
        assert await core.said() == ["before", "after"]


async def test_a_closed_account_sends_nothing(database_url: str, tmp_path: Path) -> None:
    async with running_core(database_url, tmp_path) as core:
        wang = await core.person("wang")
        delayed = await waiting(core, wang, await core.room(wang), "too late", LONG_MS * 1_000_000)
        await core.pool.submit(deactivate_account(wang.user_id, erase=False))
        with pytest.raises(Forbidden):
            await core.pool.submit(send_delayed(delayed, "delay"))


async def test_a_lost_answer_sends_once(database_url: str, tmp_path: Path) -> None:
    async with running_core(database_url, tmp_path) as core:
        wang = await core.person("wang")
        delayed = await waiting(core, wang, await core.room(wang), "once", LONG_MS * 1_000_000)
        core.writer.faults.append(lose_answer)
        event_id = await core.pool.submit(send_delayed(delayed, "action"))
        assert await core.said() == ["once"]
        kept = await core.built.delayed.events.one(delayed.delay_id)
        assert kept is not None
        assert (kept.outcome, kept.event_id, kept.content) == ("send", event_id, {})


async def test_outcomes_are_forgotten_after_their_time(database_url: str, tmp_path: Path) -> None:
    async with running_core(database_url, tmp_path) as core:
        wang = await core.person("wang")
        room_id, events = await core.room(wang), core.built.delayed.events
        for text, at in (("old", 20_000), ("new", 30_000)):
            await events.cancel((await waiting(core, wang, room_id, text, LONG_MS * 1_000_000)).delay_id, at)
        await events.forget_before(25_000)
        assert [each.delay_id for each in await events.of(wang.user_id, True, None, 0, 10)] == ["delay of new"]


async def test_many_requests_at_once_keep_the_limit(database_url: str, tmp_path: Path) -> None:
    async with running_core(database_url, tmp_path) as core:
        wang = await core.person("wang")
        first = await waiting(core, wang, await core.room(wang), "first", LONG_MS * 1_000_000)
        again = (replace(first, delay_id=f"d{number}") for number in range(12))
        kept = await asyncio.gather(*(core.built.delayed.events.schedule(each, 5) for each in again))
        assert sum(each is not None for each in kept) == 4
