"""A room of many threads, a message with very many reactions: what lists, pages, syncs and one more of them cost."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import msgspec

from bench.daily import Row
from bench.daily.site import percentile, site
from bench.load.http import Address, head
from bench.load.matrix import CLIENT, Homeserver, succeeded
from bench.meter import allocated_bytes, postgresql_directories

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bench.load.matrix import User

MEMBERS = 16
THREADS = 10_000
MESSAGES = 100_000
REACTIONS = 100_000
# One person may react to one message only so often.
REACTORS = 1_000
ASKED = 20
V1 = "/_matrix/client/v1"
BODY = "x" * 400


class Sent(msgspec.Struct, frozen=True):
    """The answer to a message."""

    event_id: str


class Place:
    """One room and those in it."""

    def __init__(self, room: str, people: Sequence[User]) -> None:
        self.path = f"{CLIENT}/rooms/{quote(room)}"
        self.list_path = f"{V1}/rooms/{quote(room)}"
        self.people = people

    async def send(self, number: int, kind: str, content: dict[str, object]) -> str:
        """What one of them says, by turns; the number names it."""
        return await self.send_as(self.people[number % len(self.people)], str(number), kind, content)

    async def send_as(self, user: User, name: str, kind: str, content: dict[str, object]) -> str:
        body = msgspec.json.encode(content)
        request = head("PUT", f"{self.path}/send/{kind}/{name}", user.token, len(body), user.address.host)
        answer = succeeded(await user.channel.request(request + body))
        return msgspec.json.decode(answer.body, type=Sent).event_id

    async def shares(self, numbers: range, kind: str, contents: Sequence[dict[str, object]]) -> list[str]:
        """Send each of these, everybody their share one after another; their ids in order."""
        sent = [""] * len(numbers)

        async def share(first: int) -> None:
            for index in range(first, len(numbers), len(self.people)):
                sent[index] = await self.send(numbers[index], kind, contents[index % len(contents)])

        await asyncio.gather(*(share(first) for first in range(len(self.people))))
        return sent

    async def took_ms(self, path: str) -> list[float]:
        """How long the last of them waits for each of some answers."""
        user, times = self.people[-1], list[float]()
        request = head("GET", path, user.token, 0, user.address.host)
        for _ in range(ASKED):
            began = time.perf_counter()
            succeeded(await user.channel.request(request))
            times.append((time.perf_counter() - began) * 1000)
        return times


async def rows(place: Path) -> list[Row]:
    """Return what reading costs in a room of threads, and around a message with very many reactions."""
    with site(place) as at:
        address = urlsplit(at.url)
        server = Homeserver(Address(address.hostname or "", address.port or 0))
        people = await server.register_many(MEMBERS)
        return [*await of_threads(await opened(people), place), *await of_reactions(server, await opened(people))]


async def opened(people: Sequence[User]) -> Place:
    """A room in which everybody is."""
    room = await people[0].create_room(preset="public_chat")
    for user in people[1:]:
        await user.join(room)
    return Place(room, people)


async def of_threads(room: Place, place: Path) -> list[Row]:
    plain: dict[str, object] = {"msgtype": "m.text", "body": BODY}
    before_bytes = table_bytes(place)
    roots = await room.shares(range(THREADS), "m.room.message", [plain])
    replies = [plain | {"m.relates_to": {"rel_type": "m.thread", "event_id": root}} for root in roots]
    await room.shares(range(THREADS, MESSAGES), "m.room.message", replies)
    added_bytes = table_bytes(place) - before_bytes
    how = f"{THREADS:,} threads in {MESSAGES:,} messages, {MEMBERS} members; {ASKED} requests"
    asked = {
        "20 threads": f"{room.list_path}/threads?limit=20",
        "20 threads that one takes part in": f"{room.list_path}/threads?limit=20&include=participated",
        "100 messages, each with its thread": f"{room.path}/messages?dir=f&limit=100",
        "100 messages in threads": f"{room.path}/messages?dir=b&limit=100",
        "initial sync of that room": f"{CLIENT}/sync?timeout=0",
    }
    timed = [row(what, await room.took_ms(path), how) for what, path in asked.items()]
    each_bytes = f"{added_bytes / MESSAGES:,.0f} bytes"
    return [*timed, Row("bytes on disk per message in a thread", each_bytes, "stated", f"400 bytes of text; {how}")]


async def of_reactions(server: Homeserver, room: Place) -> list[Row]:
    said = await room.send(0, "m.room.message", {"msgtype": "m.text", "body": BODY})
    crowd = Place("", await server.register_many(REACTORS))
    crowd.path, crowd.list_path = room.path, room.list_path
    room_id = room.path.rpartition("/")[2]
    for user in crowd.people:
        body = b"{}"
        path = f"{CLIENT}/join/{room_id}"
        succeeded(await user.channel.request(head("POST", path, user.token, len(body), user.address.host) + body))

    def reaction(number: int) -> dict[str, object]:
        return {"m.relates_to": {"rel_type": "m.annotation", "event_id": said, "key": f"k{number // REACTORS}"}}

    await crowd.shares(range(REACTIONS), "m.reaction", [reaction(number) for number in range(REACTIONS)])
    one_more: list[float] = []
    for number in range(ASKED):
        began = time.perf_counter()
        await room.send(REACTIONS + number, "m.reaction", reaction(REACTORS * (number + 1000)))
        one_more.append((time.perf_counter() - began) * 1000)
    how = f"{REACTIONS:,} reactions of {REACTORS:,} people to one message; {ASKED} requests"
    name = quote(said, safe="")
    asked = {
        "a message with that many reactions": f"{room.path}/event/{name}",
        "a page of 50 of them": f"{room.list_path}/relations/{name}?limit=50",
        "the same with recurse": f"{room.list_path}/relations/{name}?limit=50&recurse=true",
    }
    timed = [row(what, await room.took_ms(path), how) for what, path in asked.items()]
    return [row("one more reaction", one_more, how), *timed]


def table_bytes(place: Path) -> int:
    return sum(allocated_bytes(path / "base") for path in postgresql_directories((place,)))


def row(what: str, times_ms: list[float], how: str) -> Row:
    figure = f"{percentile(times_ms, 0.5):.1f} ms; p95 {percentile(times_ms, 0.95):.1f} ms"
    return Row(what, figure, "stated", how)
