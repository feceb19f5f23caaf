"""Acknowledgements where several happen at once: in one batch, and in two processes."""

import asyncio
from pathlib import Path

import pytest

from myelin.actions.acknowledgement import Wanted, acknowledge, remind, request_acknowledgement
from myelin.actions.sender import Sender
from myelin.matrix.errors import LimitExceeded
from myelin.state.acknowledgement import ACK, REMINDER
from tests.cores import Core, running_core

pytestmark = [pytest.mark.database, pytest.mark.anyio]

FAR_MS = 9_000_000_000_000


async def asked(core: Core) -> tuple[Sender, list[Sender], str, str]:
    """The sender of a message, those who are asked to acknowledge it, the room and the message."""
    wang, *others = [await core.person(name) for name in ("wang", "li", "zhao")]
    room_id = await core.room(wang, *others)
    said = await core.say(wang, room_id, "fasting from midnight")
    await core.pool.submit(request_acknowledgement(wang, room_id, said, Wanted(None, FAR_MS)))
    return wang, others, room_id, said


async def count(core: Core, event_type: str) -> int:
    return sum(entry.event is not None and entry.event.type == event_type for entry in await core.log())


async def test_two_processes_write_each_acknowledgement_once(database_url: str, tmp_path: Path) -> None:
    async with running_core(database_url, tmp_path) as one, running_core(database_url, tmp_path) as other:
        wang, others, room_id, said = await asked(one)
        acks = [acknowledge(person, room_id, said) for person in others for _ in range(6)]
        asking = [(one, other)[number % 2].pool.submit(ack) for number, ack in enumerate(acks)]
        reminding = [core.pool.submit(remind(wang, room_id, said)) for core in (one, other)]
        answers, _ = await asyncio.gather(asyncio.gather(*asking), asyncio.gather(*reminding, return_exceptions=True))
        assert len(set(answers)) == len(others)
        assert await count(one, ACK) == len(others)
        assert await count(one, REMINDER) <= 1


async def test_a_batch_sees_its_own_reminder(database_url: str, tmp_path: Path) -> None:
    async with running_core(database_url, tmp_path) as core:
        wang, _, room_id, said = await asked(core)
        reminders = [core.pool.submit(remind(wang, room_id, said)) for _ in range(5)]
        answers = await asyncio.gather(*reminders, return_exceptions=True)
        assert sum(isinstance(answer, LimitExceeded) for answer in answers) == 4
        assert await count(core, REMINDER) == 1
