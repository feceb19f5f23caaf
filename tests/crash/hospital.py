"""Fifty people who write and read in several rooms at once, through two servers on one database.

What they were promised is kept here (`accepted`), to be held against what everybody was shown.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.crash.devices import Device, Reader
from tests.crash.servers import until

PEOPLE = 50
ROOMS = 8
LONG_POLL_MS = 10_000
# Between two messages of one person: fifty people send about sixty messages a second.
THINK_S = 1.6
SIGN_INS_AT_ONCE = 8


@dataclass
class Person:
    """Somebody with a device that sends and another connection of it that reads."""

    device: Device
    reader: Reader
    rooms: list[str] = field(default_factory=list)


@dataclass
class Hospital:
    """The people and their rooms; `accepted` holds room, event id and text of every message that got an answer."""

    people: list[Person]
    rooms: list[str]
    chance: random.Random
    accepted: list[tuple[str, str, str]] = field(default_factory=list)
    accepted_by: Counter[int] = field(default_factory=Counter)
    _closing: asyncio.Event = field(default_factory=asyncio.Event)

    async def work(self) -> None:
        """Everybody writes and reads until `close`; then they finish their sentences and read to the end."""
        async with asyncio.TaskGroup() as reading:
            readers = [reading.create_task(person.reader.follow(LONG_POLL_MS)) for person in self.people]
            async with asyncio.TaskGroup() as writing:
                for person in self.people:
                    writing.create_task(self._write(person))
            try:
                await until(self.everybody_has_everything, "everybody was shown every message")
            finally:
                for reader in readers:
                    reader.cancel()

    def close(self) -> None:
        self._closing.set()

    async def more_accepted(self, count: int, ports: Sequence[int]) -> None:
        """Waits until so many more messages were accepted by each of these servers."""
        goals = {port: self.accepted_by[port] + count for port in ports}
        await until(lambda: all(self.accepted_by[port] >= goal for port, goal in goals.items()), "sends are accepted")

    def everybody_has_everything(self) -> bool:
        promised = Counter(room_id for room_id, _, _ in self.accepted)
        return all(
            len(person.reader.texts(room_id)) >= promised[room_id] for person in self.people for room_id in person.rooms
        )

    async def _write(self, person: Person) -> None:
        device = person.device
        while not self._closing.is_set():
            room_id = self.chance.choice(person.rooms)
            txn_id = device.new_transaction()
            text = f"{device.user_id} {txn_id}"
            event_id = await device.say(room_id, text, txn_id)
            self.accepted.append((room_id, event_id, text))
            self.accepted_by[device.port] += 1
            # People think between two messages: this sets the load, and nothing waits for it.
            await asyncio.sleep(self.chance.uniform(0, THINK_S))


async def opened(ports: Sequence[int], seed: int) -> Hospital:
    """A hospital whose people are signed in, are in two rooms each and have read all there is so far."""
    chance = random.Random(seed)
    people = [new_person(ports, chance) for _ in range(PEOPLE)]
    turns = asyncio.Semaphore(SIGN_INS_AT_ONCE)

    async def sign_in(number: int, person: Person) -> None:
        async with turns:
            await person.device.register(f"person-{number}")
            person.reader.device.take_session_of(person.device)

    await asyncio.gather(*(sign_in(number, person) for number, person in enumerate(people)))
    rooms = [await new_room(people, number) for number in range(ROOMS)]
    await asyncio.gather(*(person.reader.read() for person in people))
    return Hospital(people, rooms, chance)


def new_person(ports: Sequence[int], chance: random.Random) -> Person:
    return Person(Device(ports, chance), Reader(Device(ports, chance)))


async def new_room(people: Sequence[Person], number: int) -> str:
    """A room of the people whose two numbers it has."""
    members = [person for place, person in enumerate(people) if number in (place % ROOMS, (place // ROOMS) % ROOMS)]
    room_id = await members[0].device.create_room(*(person.device for person in members[1:]))
    for person in members:
        person.rooms.append(room_id)
    return room_id
