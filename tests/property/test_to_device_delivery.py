"""Messages to a device arrive once each and in order, however many replies are lost; keys before what they open."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from myelin.actions.create_room import NewRoom, create_room
from myelin.actions.members import invite
from myelin.actions.send_to_device import send_to_device
from myelin.actions.sender import Sender
from myelin.matrix.room_versions import room_version
from myelin.sync.reading import SyncRequest
from myelin.sync.rendering import Viewer
from myelin.sync.sync import Sync
from myelin.sync.to_device import MESSAGES_LIMIT
from myelin.wiring.sync import sync_of
from tests.cores import Core, running_core

pytestmark = [pytest.mark.database, pytest.mark.slow]


@dataclass
class Phone:
    """A client that keeps a token only when its reply arrived."""

    core: Core
    sync: Sync
    owner: Sender
    token: str | None = None
    received: list[int] = field(default_factory=list)

    @property
    def viewer(self) -> Viewer:
        return Viewer(self.owner.user_id, self.owner.device_id)

    async def ask(self) -> dict[str, Any]:
        """Return an answer, as the endpoint gives it: what the token acknowledges is forgotten first."""
        verified = await self.sync.acknowledged(self.viewer, self.token) if self.token is not None else None
        assert (verified is None) == (self.token is None)
        user = await self.core.built.loading.user(self.owner.user_id)
        if verified is not None and user is not None:
            await self.core.built.encryption.to_device.acknowledged(user, self.viewer, verified)
        answer: dict[str, Any] = orjson.loads(await self.sync.answer(self.viewer, SyncRequest(since=verified)))
        return answer

    def take(self, answer: dict[str, Any]) -> list[int]:
        """Keep an answer that arrived; return which messages it brought."""
        self.token = answer["next_batch"]
        numbers = numbers_of(answer)
        self.received += numbers
        return numbers


def numbers_of(answer: dict[str, Any]) -> list[int]:
    return [event["content"]["n"] for event in answer.get("to_device", {}).get("events", [])]


@dataclass
class Story:
    """What was sent so far, and before which message each invitation came."""

    core: Core
    sender: Sender
    phone: Phone
    sent: int = 0
    invited: dict[str, int] = field(default_factory=dict)

    async def send(self, count: int) -> None:
        numbers, self.sent = range(self.sent, self.sent + count), self.sent + count
        await asyncio.gather(*(self.core.pool.submit(self.message(number)) for number in numbers))

    def message(self, number: int) -> Any:
        content = {self.phone.owner.user_id: {"*": f'{{"n":{number}}}'}}
        return send_to_device(self.sender, "m.room.encrypted", content, f"t{number}")

    async def invite(self) -> None:
        new = NewRoom(version=room_version("12"), preset="private_chat")
        room_id = await self.core.pool.submit(create_room(self.sender, new))
        await self.core.pool.submit(invite(self.sender, room_id, self.phone.owner.user_id))
        self.invited[room_id] = self.sent

    async def turn(self, arrives: bool) -> None:
        """Let the client ask once; the reply arrives or is lost."""
        answer = await self.phone.ask()
        if not arrives:
            return
        brought = self.phone.take(answer)
        assert self.phone.token is None or len(brought) <= MESSAGES_LIMIT or len(self.phone.received) == len(brought)
        for room_id in answer.get("rooms", {}).get("invite", {}):
            assert len(self.phone.received) >= self.invited[room_id], "an invitation came before its keys"

    async def forget(self) -> None:
        self.core.built.memory.forget()

    async def drain(self) -> None:
        for _ in range(self.sent // MESSAGES_LIMIT + 2):
            await self.turn(arrives=True)


acts = st.lists(
    st.one_of(
        st.tuples(st.just("send"), st.sampled_from([1, 2, 99, 100, 101, 230])),
        st.tuples(st.just("invite"), st.none()),
        st.tuples(st.just("turn"), st.booleans()),
        st.tuples(st.just("turn"), st.just(True)),
        st.tuples(st.just("forget"), st.none()),
    ),
    min_size=3,
    max_size=12,
)


async def play(core: Core, name: str, chosen: list[tuple[str, Any]]) -> None:
    sender, owner = await core.person(f"{name}-sender"), await core.person(f"{name}-owner")
    story = Story(core, sender, Phone(core, sync_of(core.built), owner))
    for act, argument in chosen:
        await getattr(story, act)(*(() if argument is None else (argument,)))
    await story.drain()
    assert story.phone.received == list(range(story.sent))
    await story.turn(arrives=True)
    user = await core.built.loading.user(owner.user_id)
    assert user is not None
    number = user.devices[owner.device_id].number
    assert await core.built.reads.fetch("SELECT FROM to_device_messages WHERE device_number = $1", number) == []


def test_messages_arrive_once_and_in_order_over_lost_replies(database_url: str, tmp_path: Path) -> None:
    names = (f"person{number}" for number in itertools.count())
    with asyncio.Runner() as runner:
        running = running_core(database_url, tmp_path)
        core = runner.run(running.__aenter__())
        try:

            @given(acts)
            @settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
            def holds(chosen: list[tuple[str, Any]]) -> None:
                runner.run(play(core, next(names), chosen))

            holds()
        finally:
            runner.run(running.__aexit__(None, None, None))
