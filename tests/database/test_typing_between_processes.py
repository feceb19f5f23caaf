"""Typing crosses from one process on a log to another, and wakes who waits there."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from myelin.actions.sender import Sender
from tests.cores import Core, running_core

pytestmark = pytest.mark.database

LIMIT_S = 20


async def told(core: Core, reader: Sender, room_id: str, expected: list[str]) -> None:
    """Return when this process knows exactly these to be typing; each change wakes who reads there."""
    async with asyncio.timeout(LIMIT_S):
        while True:
            waiter = core.built.waiters.register(reader.user_id)
            if core.built.typing.users(room_id) == expected:
                return
            await waiter


def test_typing_crosses_to_the_other_process(database_url: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with running_core(database_url, tmp_path) as here, running_core(database_url, tmp_path) as there:
            wang, li = await here.person("wang"), await here.person("li")
            room = await here.room(wang, li)
            here.built.typing.set(room, wang.user_id, 30_000)
            await told(there, li, room, [wang.user_id])
            here.built.typing.set(room, wang.user_id, 0)
            await told(there, li, room, [])

    asyncio.run(story())
