"""Whatever happens, and whenever each device looks: it misses nothing, hears nothing twice, and is never told a lie.

Random histories of three people in two rooms (messages, threads, mentions, state, redactions, comings and goings,
receipts, account data) while four devices sync now and then, with short timelines, lost answers and returns to an
older backup, while the server forgets what it had in memory, people are answered by another process, and processes
are started anew. In the end each device has filled its gaps and knows exactly what a new device would be told, and
what the log says.
"""

from __future__ import annotations

import asyncio
import copy
import itertools
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from myelin.entries.facts import EventAppended
from tests.property.log_oracle import unread, visible_events
from tests.property.sync_client import Client, Event, Segment
from tests.property.ward import DEVICES, PEOPLE, ROOMS, Device, Site, Ward, in_process, opened, sync

pytestmark = [pytest.mark.database, pytest.mark.slow, pytest.mark.timeout(300)]

Act = Callable[[Ward], Awaitable[object]]

# --- what may happen ---


def says(person: int, room: int, kind: str) -> Act:
    async def act(ward: Ward) -> None:
        said = ward.said[ward.rooms[room]]
        content: Event = {"msgtype": "m.notice" if kind == "notice" else "m.text", "body": f"{next(ward.transactions)}"}
        if kind == "mention":
            content["m.mentions"] = {"user_ids": [each.user_id for each in ward.people]}
        if kind in ("thread", "edit") and said:
            rel_type, target = ("m.thread", said[0]) if kind == "thread" else ("m.reference", said[-1])
            content["m.relates_to"] = {"rel_type": rel_type, "event_id": target}
        path = f"{ward.place(room)}/send/m.room.message/t{next(ward.transactions)}"
        answer = await ward.act(person, "PUT", path, content)
        if answer is not None:
            said.append(answer["event_id"])

    return act


def names(room: int) -> Act:
    return lambda ward: ward.act(
        0, "PUT", f"{ward.place(room)}/state/m.room.name", {"name": f"{next(ward.transactions)}"}
    )


def hides_history(room: int, visibility: str) -> Act:
    path = "state/m.room.history_visibility"
    return lambda ward: ward.act(0, "PUT", f"{ward.place(room)}/{path}", {"history_visibility": visibility})


def moves(person: int, room: int, movement: str) -> Act:
    async def act(ward: Ward) -> None:
        if movement in ("invite", "kick", "ban", "unban"):
            await ward.act(0, "POST", f"{ward.place(room)}/{movement}", {"user_id": ward.people[person].user_id})
        else:
            await ward.act(person, "POST", f"{ward.place(room)}/{movement}")

    return act


def redacts(room: int, index: int) -> Act:
    async def act(ward: Ward) -> None:
        said = ward.said[ward.rooms[room]]
        if said:
            await ward.act(0, "PUT", f"{ward.place(room)}/redact/{said[index % len(said)]}/t{next(ward.transactions)}")

    return act


def reads(person: int, room: int, index: int, kind: str, thread: str | None) -> Act:
    async def act(ward: Ward) -> None:
        said = ward.said[ward.rooms[room]]
        if said:
            body = {"thread_id": said[0] if thread == "root" else thread} if thread is not None else {}
            for event_id in said[index % len(said) :][:2]:
                await ward.act(person, "POST", f"{ward.place(room)}/receipt/{kind}/{event_id}", body)

    return act


def remembers(person: int, room: int | None) -> Act:
    async def act(ward: Ward) -> None:
        place = f"/user/{ward.people[person].user_id}"
        in_room = f"/rooms/{quote(ward.rooms[room])}" if room is not None else ""
        path = f"{place}{in_room}/account_data/org.example.{next(ward.transactions) % 2}"
        await ward.act(person, "PUT", path, {"number": next(ward.transactions)})

    return act


def syncs(device: int, limit: int, is_lost: bool) -> Act:
    async def act(ward: Ward) -> None:
        await sync(ward, ward.devices[device], limit, is_lost)

    return act


def returns_to_backup(device: int, index: int) -> Act:
    async def act(ward: Ward) -> None:
        backups = ward.devices[device].backups
        if backups:
            ward.devices[device].client = copy.deepcopy(backups[index % len(backups)])

    return act


def evicts(room: int) -> Act:
    """The server has no memory left for the latest events of a room."""

    async def act(ward: Ward) -> None:
        tails = ward.core.built.tails
        tail = tails.room(ward.rooms[room])
        if tail is not None:
            tails._size_bytes -= tail.empty()

    return act


def forgets() -> Act:
    """The server has no memory left for rooms and people."""

    async def act(ward: Ward) -> None:
        ward.core.built.memory.forget()

    return act


def changes_process() -> Act:
    """From now on everybody is answered by the other process."""

    async def act(ward: Ward) -> None:
        ward.process = 1 - ward.process

    return act


def restarts() -> Act:
    """The process that answers nobody at the moment is started anew."""
    return lambda ward: ward.site.restart(1 - ward.process)


people, others, rooms = st.sampled_from(PEOPLE), st.sampled_from(PEOPLE[1:]), st.sampled_from((0, 0, 0, 1))
devices, indices = st.sampled_from(range(len(DEVICES))), st.integers(0, 9)
kinds, threads = (
    st.sampled_from(("m.read", "m.read", "m.read.private")),
    st.sampled_from((None, "main", "main", "root")),
)
speech = st.builds(says, people, rooms, st.sampled_from(("plain", "mention", "thread", "thread", "edit", "notice")))
changes = st.one_of(
    st.builds(redacts, rooms, indices),
    st.builds(redacts, rooms, indices),
    st.builds(names, rooms),
    st.builds(hides_history, rooms, st.sampled_from(("shared", "invited", "joined", "world_readable"))),
    st.builds(moves, others, rooms, st.sampled_from(("invite", "join", "join", "leave", "kick", "ban", "unban"))),
    st.builds(moves, others, rooms, st.just("join")),
    st.builds(remembers, people, st.sampled_from((None, *ROOMS))),
)
reading = st.builds(reads, people, rooms, indices, kinds, threads)
faults = st.one_of(
    st.builds(evicts, rooms),
    st.builds(forgets),
    st.builds(returns_to_backup, devices, indices),
    st.builds(changes_process),
    st.builds(changes_process),
    st.builds(restarts),
)
looking = st.builds(syncs, devices, st.integers(1, 4), st.sampled_from((False, False, False, True)))
acts = st.lists(
    st.one_of(speech, speech, speech, speech, reading, reading, changes, changes, looking, looking, faults),
    min_size=50,
    max_size=100,
)

# --- what must be so ---


async def check(ward: Ward) -> None:
    """Let every device look once more, and compare what it knows with a new device and with the log."""
    log = await ward.core.log()
    for device in ward.devices:
        await sync(ward, device, limit=3)
        await sync(ward, device, limit=3)
    told = []
    # Asked of a process that has counted nothing yet: once with the latest events in memory, once without.
    async with in_process(ward.core) as ward.http:
        told.append([await new_client(ward, device) for device in ward.devices])
    for room in ROOMS:
        await evicts(room)(ward)
    async with in_process(ward.core) as ward.http:
        told.append([await new_client(ward, device) for device in ward.devices])
    ward.http = None
    for device, *new in zip(ward.devices, *told, strict=True):
        for client in new:
            compare(device.client, client)
        for room_id, room in device.client.rooms.items():
            of_room = [entry for entry in log if entry.room_id == room_id and isinstance(entry.facts, EventAppended)]
            user_id = ward.people[device.person].user_id
            assert await filled(ward, device, room_id, room.segments) == list(visible_events(of_room, user_id))
            assert room.counts == unread(log, of_room, user_id), (room_id, user_id)


async def new_client(ward: Ward, device: Device) -> Client:
    """Return what a device is told that knows nothing."""
    new = Device(device.person, device.token, Client("state_after"))
    await sync(ward, new, limit=1)
    return new.client


def compare(known: Client, told: Client) -> None:
    """Whoever followed all along knows what a new device is told."""
    assert set(known.rooms) == set(told.rooms)
    assert known.invited == told.invited
    assert known.account_data == told.account_data
    for room_id, room in known.rooms.items():
        new = told.rooms[room_id]
        if known.is_lazy:
            assert room.state.items() <= new.state.items()
            assert without_members(room.state) == without_members(new.state)
        else:
            assert room.state == new.state
        assert room.receipts == new.receipts
        assert room.account_data == new.account_data
        assert room.counts == new.counts
        assert {**room.summary, **new.summary} == room.summary


def without_members(state: dict[tuple[str, str], str]) -> dict[tuple[str, str], str]:
    return {key: event_id for key, event_id in state.items() if key[0] != "m.room.member"}


async def filled(ward: Ward, device: Device, room_id: str, segments: Sequence[Segment]) -> list[str]:
    """Return a client's timeline with every gap filled as the specification says: from `prev_batch` to `since`."""
    events: list[str] = []
    for segment in segments:
        gap: list[str] = []
        token = segment.prev_batch
        while token is not None:
            span: dict[str, Any] = {"from": token, "to": segment.since} if segment.since else {"from": token}
            path = f"/rooms/{quote(room_id)}/messages"
            page = await ward.call(device.token, "GET", path, dir="b", limit=3, **span)
            gap += [event["event_id"] for event in page["chunk"]]
            token = page.get("end")
        events += [*reversed(gap), *segment.events]
    return events


# --- the stage ---


async def play(site: Site, numbers: Iterator[int], chosen: Sequence[Act]) -> None:
    ward = await opened(site, numbers)
    for act in chosen:
        await act(ward)
    await check(ward)


def test_nobody_misses_anything_hears_it_twice_or_is_told_a_lie(database_url: str, tmp_path: Path) -> None:
    numbers = itertools.count()
    with asyncio.Runner() as runner:
        site = Site(database_url, tmp_path)
        runner.run(site.open())
        try:

            @given(acts)
            # Not shrunk: a history takes half a second, and the blob that is printed can be shrunk at leisure.
            @settings(
                max_examples=60,
                phases=(Phase.explicit, Phase.reuse, Phase.generate),
                print_blob=True,
                suppress_health_check=[HealthCheck.too_slow],
            )
            def holds(chosen: list[Act]) -> None:
                runner.run(play(site, numbers, chosen))

            holds()
        finally:
            runner.run(site.close())
