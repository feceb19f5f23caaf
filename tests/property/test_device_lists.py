"""Device lists equal their definition, over random joins, leaves, uploads, removals, and tokens old and new.

The model below is the definition (docs/decisions and the specification's "Extensions to /sync"), said as sets.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from myelin.actions.create_room import InitialState, NewRoom, create_room
from myelin.actions.members import join_room, leave
from myelin.actions.sender import Sender
from myelin.append.proposal import Proposal
from myelin.append.room_events import NewEvent
from myelin.append.turn import Turn
from myelin.entries.entry import Draft
from myelin.entries.facts import AnyFacts, CrossSigningSet, DeviceAdded, DeviceKeysSet, DeviceRemoved, SignaturesAdded
from myelin.matrix.room_versions import room_version
from myelin.sync.device_changes import DeviceChanges
from myelin.sync.device_lists import DeviceLists
from tests.cores import Core, running_core

pytestmark = [pytest.mark.database, pytest.mark.slow]

PEOPLE = range(4)
ROOMS = range(3)
BROADCAST = 2


@dataclass
class Ward:
    """A few people and rooms, and the model of what was done in them."""

    core: Core
    people: list[Sender]
    rooms: list[str] = field(default_factory=list)
    joined: set[tuple[str, str]] = field(default_factory=set)
    unshared: set[str] = field(default_factory=set)
    changes: list[tuple[int, str, str | None]] = field(default_factory=list)
    heads: list[int] = field(default_factory=list)
    sharing: dict[int, set[tuple[str, str]]] = field(default_factory=dict)

    def note(self) -> None:
        """Remember who shares a room with whom, as of the head."""
        head = self.core.built.memory.head
        counted = [(user_id, room) for user_id, room in self.joined if room not in self.unshared]
        pairs = {(one, other) for one, room in counted for other, same in counted if room == same}
        self.heads.append(head)
        self.sharing[head] = pairs | {(person.user_id, person.user_id) for person in self.people}

    def expected(self, me: str, since: int, upto: int) -> tuple[list[str], list[str]]:
        """Return `changed` and `left` by their definition."""
        before = {other for one, other in self.sharing[since] if one == me}
        after = {other for one, other in self.sharing[upto] if one == me}
        news = {
            owner for position, owner, seen_by in self.changes if since < position <= upto and seen_by in (None, me)
        }
        return sorted(after & (news | (after - before))), sorted(before - after)


Act = Callable[[Ward], Proposal[object]]


def joining(person: int, room: int) -> Act:
    def act(ward: Ward) -> Proposal[object]:
        ward.joined.add((ward.people[person].user_id, ward.rooms[room]))
        return join_room(ward.people[person], ward.rooms[room])  # type: ignore[return-value]

    return act


def leaving(person: int, room: int) -> Act:
    def act(ward: Ward) -> Proposal[object]:
        there = (ward.people[person].user_id, ward.rooms[room])
        if there not in ward.joined or person == 0:
            return Proposal(lambda turn: None)
        ward.joined.remove(there)
        return leave(ward.people[person], ward.rooms[room])  # type: ignore[return-value]

    return act


def renamed(person: int, room: int) -> Act:
    """A new display name in one room is no change of who is there."""

    def act(ward: Ward) -> Proposal[object]:
        sender = ward.people[person]
        if (sender.user_id, ward.rooms[room]) not in ward.joined:
            return Proposal(lambda turn: None)
        content = {"membership": "join", "displayname": f"name at {len(ward.heads)}"}
        return sent(ward.rooms[room], sender, "m.room.member", sender.user_id, content)

    return act


def publishing(person: int) -> Act:
    return recorded(person, DeviceKeysSet(), seen_by_all=True)


def identified(person: int) -> Act:
    return recorded(person, CrossSigningSet(("master",)), seen_by_all=True)


def removing(person: int) -> Act:
    return recorded(person, DeviceRemoved("logout"), DeviceAdded("m.login.password"), seen_by_all=True)


def verifying(person: int, other: int) -> Act:
    """Whom a person has verified is seen by that person alone."""

    def act(ward: Ward) -> Proposal[object]:
        sender, target = ward.people[person], ward.people[other].user_id
        seen_by = None if target == sender.user_id else sender.user_id
        ward.changes.append((ward.core.built.memory.head + 1, target, seen_by))
        return emitted(sender, SignaturesAdded((target,)))

    return act


def encrypting() -> Act:
    """A broadcast that becomes encrypted counts as shared from then on."""

    def act(ward: Ward) -> Proposal[object]:
        room_id = ward.rooms[BROADCAST]
        ward.unshared.discard(room_id)
        return sent(room_id, ward.people[0], "m.room.encryption", "", {"algorithm": "m.megolm.v1.aes-sha2"})

    return act


def recorded(person: int, *facts: AnyFacts, seen_by_all: bool) -> Act:
    def act(ward: Ward) -> Proposal[object]:
        sender = ward.people[person]
        ward.changes.append((ward.core.built.memory.head + 1, sender.user_id, None))
        return emitted(sender, *facts)

    return act


def emitted(sender: Sender, *facts: AnyFacts) -> Proposal[object]:
    def propose(turn: Turn) -> None:
        for fact in facts:
            turn.emit(Draft(facts=fact, sender=sender.user_id, device_id=sender.device_id, body=b"{}"))

    return Proposal(propose)


def sent(room_id: str, sender: Sender, event_type: str, state_key: str, content: dict[str, str]) -> Proposal[object]:
    new = NewEvent(type=event_type, sender=sender.user_id, content=dict(content), state_key=state_key)
    return Proposal(lambda turn: turn.send(room_id, new))


people, rooms = st.sampled_from(PEOPLE), st.sampled_from(ROOMS)
acts = st.lists(
    st.one_of(
        st.builds(joining, people, rooms),
        st.builds(joining, people, rooms),
        st.builds(leaving, people, rooms),
        st.builds(renamed, people, rooms),
        st.builds(publishing, people),
        st.builds(identified, people),
        st.builds(removing, people),
        st.builds(verifying, people, people),
        st.builds(encrypting),
    ),
    min_size=10,
    max_size=25,
)


async def opened(core: Core, names: Iterator[str]) -> Ward:
    """Return new people and rooms; the first person is in every room, one of which is an open broadcast."""
    ward = Ward(core, [await core.person(next(names)) for _ in PEOPLE])
    for room in ROOMS:
        kind = [InitialState("org.myelin.room", {"kind": "broadcast"})] if room == BROADCAST else []
        new = NewRoom(version=room_version("12"), preset="public_chat", initial_state=kind)
        ward.rooms.append(await core.pool.submit(create_room(ward.people[0], new)))
        ward.joined.add((ward.people[0].user_id, ward.rooms[room]))
    ward.unshared.add(ward.rooms[BROADCAST])
    ward.note()
    return ward


def spans(heads: list[int]) -> Iterator[tuple[int, int]]:
    for index, since in enumerate(heads):
        yield from ((since, upto) for upto in {*heads[index + 1 : index + 2], *heads[index + 4 : index + 5], heads[-1]})


async def check(ward: Ward, forget: bool) -> None:
    """Compare readings from every moment, short and long, with the definition; from memory and from the database."""
    built = ward.core.built
    begun_late = DeviceLists(built.reads, built.loading, DeviceChanges(built.memory))
    returned = DeviceChanges(built.memory)
    await returned.reach_back(built.reads)
    ways = [built.encryption.device_lists, begun_late, DeviceLists(built.reads, built.loading, returned)]
    if forget:
        built.memory.forget()
    for since, upto in spans(sorted(set(ward.heads))):
        for person in ward.people:
            user = await built.loading.user(person.user_id)
            assert user is not None
            for way in ways:
                found = await way.between(user, since, upto)
                expected = ward.expected(person.user_id, since, upto)
                assert (list(found.changed), list(found.left)) == expected, (person.user_id, since, upto)


def test_device_lists_equal_their_definition(database_url: str, tmp_path: Path) -> None:
    names = (f"person{number}" for number in itertools.count())

    async def play(core: Core, chosen: list[Act], together: int, forget: bool) -> None:
        ward = await opened(core, names)
        for first in range(0, len(chosen), together):
            proposals = [act(ward) for act in chosen[first : first + together]]
            await asyncio.gather(*map(core.pool.submit, proposals))
            ward.note()
        await check(ward, forget)

    with asyncio.Runner() as runner:
        running = running_core(database_url, tmp_path)
        core = runner.run(running.__aenter__())
        try:
            # A new name and the leave in one batch.
            @example([joining(1, 0), publishing(0), publishing(0), renamed(1, 0), leaving(1, 0)], 3, False)
            @given(acts, st.sampled_from([1, 1, 3]), st.booleans())
            @settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
            def holds(chosen: list[Act], together: int, forget: bool) -> None:
                runner.run(play(core, chosen, together, forget))

            holds()
        finally:
            runner.run(running.__aexit__(None, None, None))
