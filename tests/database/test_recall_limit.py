"""Who may take back what they said, and until when: told through the action, with a clock that the test moves."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from myelin.actions.members import join_room
from myelin.actions.redact import redact
from myelin.actions.send_event import send_event
from myelin.actions.sender import Sender
from myelin.actions.services import add_service
from myelin.matrix.errors import Forbidden
from myelin.matrix.json import JsonObject
from tests.cores import Core, running_core

pytestmark = [pytest.mark.database, pytest.mark.anyio]

DAY_MS = 24 * 60 * 60 * 1000
LABORATORY = Sender("@_laboratory:hospital.test", "SERVICE")


class Ward:
    """A room of Wang, who made it, and Li and the laboratory, who have no power in it."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.passed_ms = 0
        self.numbers = itertools.count()

    async def open(self) -> None:
        clock_ms = self.core.built.pool._clock_ms
        self.core.built.pool._clock_ms = lambda: clock_ms() + self.passed_ms
        self.wang, self.li = await self.core.person("wang"), await self.core.person("li")
        await self.core.pool.submit(add_service(LABORATORY.user_id, "检验科", "a hash"))
        # Before version 12, whose creators are above every power level.
        self.room = await self.core.room(self.wang, self.li, version="11", preset="public_chat")
        await self.core.pool.submit(join_room(LABORATORY, self.room))

    async def say(self, sender: Sender) -> str:
        return await self.core.say(sender, self.room, str(next(self.numbers)))

    async def react(self, sender: Sender, event_id: str) -> str:
        content: JsonObject = {"m.relates_to": {"rel_type": "m.annotation", "event_id": event_id, "key": "👍"}}
        number = str(next(self.numbers))
        return await self.core.pool.submit(send_event(sender, self.room, "m.reaction", content, number))

    async def recall(self, sender: Sender, event_id: str) -> None:
        await self.core.pool.submit(redact(sender, self.room, event_id, {}, str(next(self.numbers))))


@pytest.fixture
async def ward(database_url: str, tmp_path: Path) -> AsyncIterator[Ward]:
    async with running_core(database_url, tmp_path) as core:
        ward = Ward(core)
        await ward.open()
        yield ward


async def test_ones_own_words_are_taken_back_within_a_day(ward: Ward) -> None:
    early, late = await ward.say(ward.li), await ward.say(ward.li)
    ward.passed_ms = DAY_MS - 60_000
    await ward.recall(ward.li, early)
    ward.passed_ms = DAY_MS + 60_000
    with pytest.raises(Forbidden, match="ask a moderator"):
        await ward.recall(ward.li, late)
    await ward.recall(ward.wang, late)


async def test_moderators_and_services_have_no_limit_of_their_own(ward: Ward) -> None:
    of_wang, of_laboratory = await ward.say(ward.wang), await ward.say(LABORATORY)
    ward.passed_ms = 30 * DAY_MS
    await ward.recall(ward.wang, of_wang)
    await ward.recall(LABORATORY, of_laboratory)


async def test_a_reaction_is_taken_back_whenever(ward: Ward) -> None:
    said = await ward.say(ward.wang)
    reaction = await ward.react(ward.li, said)
    ward.passed_ms = 30 * DAY_MS
    await ward.recall(ward.li, reaction)
