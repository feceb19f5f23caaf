"""Whoever writes is answered before anybody's waiting request goes on, their own included.

js-sdk gives up on a message in a new thread whose echo comes down `/sync` before the answer to its request.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.cores import running_core

pytestmark = pytest.mark.database


def test_the_writer_is_answered_before_the_waiting_are_woken(database_url: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with running_core(database_url, tmp_path) as core:
            doctor = await core.person("li")
            room_id = await core.room(doctor)
            order: list[str] = []

            async def sync() -> None:
                await core.built.waiters.register(doctor.user_id)
                order.append("woken")

            async def say(text: str) -> None:
                await core.say(doctor, room_id, text)
                order.append("answered")

            for number in range(3):
                waiting = asyncio.create_task(sync())
                await asyncio.gather(say(f"text {number}"), waiting)
            assert order == ["answered", "woken"] * 3

    asyncio.run(story())
