"""A room of many threads, a message with very many reactions: what lists, pages, syncs and one more of them cost."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

import msgspec

from bench.daily import Row
from bench.daily.site import percentile, site
from bench.load.http import Address, head
from bench.load.matrix import CLIENT, Homeserver, each, succeeded
from bench.meter import allocated_bytes, postgresql_directories

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bench.load.matrix import User

MEMBERS = 16
THREADS = 5_000
MESSAGES = 50_000
REACTIONS = 100_000
# One person may react to one message only so often.
REACTORS = 2_000
ASKED = 20
V1 = "/_matrix/client/v1"
TAKING = "include=participated"
PLAIN: dict[str, object] = {"msgtype": "m.text", "body": "x" * 400}


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
    """Return what reading costs in a room of threads beside a plain one, and around a message with many reactions."""
    with site(place) as at:
        address = urlsplit(at.url)
        server = Homeserver(Address(address.hostname or "", address.port or 0))
        people = await server.register_many(MEMBERS)
        threaded = await of_threads(await opened(people), place)
        return [*threaded, *await of_reactions(server, await opened(await server.register_many(MEMBERS)))]


async def opened(people: Sequence[User]) -> Place:
    """A room in which everybody is."""
    room = await people[0].create_room(preset="public_chat")
    for user in people[1:]:
        await user.join(room)
    return Place(room, people)


async def of_threads(room: Place, place: Path) -> list[Row]:
    """The same messages in two rooms with the same people: plain in one, in threads in the other."""
    plain_room = await opened(room.people)
    await plain_room.shares(range(MESSAGES), "m.room.message", [PLAIN])
    before_bytes = table_bytes(place)
    roots = await room.shares(range(THREADS), "m.room.message", [PLAIN])
    replies = [PLAIN | {"m.relates_to": {"rel_type": "m.thread", "event_id": root}} for root in roots]
    await room.shares(range(THREADS, MESSAGES), "m.room.message", replies)
    each_bytes = f"{(table_bytes(place) - before_bytes) / MESSAGES:,.0f} bytes"
    how = f"{THREADS:,} threads in {MESSAGES:,} messages, {MEMBERS} members; {ASKED} requests"
    return [
        row("20 threads", await room.took_ms(f"{room.list_path}/threads?limit=20"), how),
        row(
            "20 threads that one takes part in", await room.took_ms(f"{room.list_path}/threads?limit=20&{TAKING}"), how
        ),
        *await beside("100 messages, each with its thread", "/messages?dir=f&limit=100", room, plain_room, how),
        *await beside("100 messages in threads", "/messages?dir=b&limit=100", room, plain_room, how),
        row("initial sync of both rooms", await room.took_ms(f"{CLIENT}/sync?timeout=0"), how),
        row("one more message in a thread", await one_more(room, MESSAGES, "m.room.message", replies[-ASKED:]), how),
        row("the same in a plain room", await one_more(plain_room, MESSAGES, "m.room.message", [PLAIN]), how),
        Row("bytes on disk per message in a thread", each_bytes, "stated", f"400 bytes of text; {how}"),
    ]


async def beside(what: str, path: str, room: Place, plain_room: Place, how: str) -> list[Row]:
    """One page of a room of threads, and of a plain room with the same people."""
    return [
        row(what, await room.took_ms(room.path + path), how),
        row("the same page of a plain room", await plain_room.took_ms(plain_room.path + path), how),
    ]


async def of_reactions(server: Homeserver, room: Place) -> list[Row]:
    said = await room.send(0, "m.room.message", PLAIN)
    crowd = Place("", await server.register_many(REACTORS))
    crowd.path, crowd.list_path = room.path, room.list_path
    room_id = unquote(room.path.rpartition("/")[2])
    await each(crowd.people, lambda user: user.join(room_id))

    def reaction(number: int) -> dict[str, object]:
        return {"m.relates_to": {"rel_type": "m.annotation", "event_id": said, "key": f"k{number // REACTORS}"}}

    await crowd.shares(range(REACTIONS), "m.reaction", [reaction(number) for number in range(REACTIONS)])
    how = f"{REACTIONS:,} reactions of {REACTORS:,} people to one message; {ASKED} requests"
    name = quote(said, safe="")
    more = [
        await one_more(room, REACTIONS, "m.reaction", [reaction(REACTORS * (1000 + each)) for each in range(ASKED)]),
        await one_more(room, REACTIONS + ASKED, "m.room.message", [PLAIN]),
    ]
    asked = {
        "a message with that many reactions": f"{room.path}/event/{name}",
        "a page of 100 that begins with it": f"{room.path}/messages?dir=f&limit=100",
        "a page of 50 of the reactions": f"{room.list_path}/relations/{name}?limit=50",
        "the same with recurse": f"{room.list_path}/relations/{name}?limit=50&recurse=true",
        "sync of that room": f"{CLIENT}/sync?timeout=0",
    }
    timed = [row(what, await room.took_ms(path), how) for what, path in asked.items()]
    return [row("one more reaction", more[0], how), row("a message in that room", more[1], how), *timed]


async def one_more(room: Place, first: int, kind: str, contents: Sequence[dict[str, object]]) -> list[float]:
    """How long each of some more sends takes, by everybody in turn; they are numbered from `first`."""
    times = list[float]()
    for number in range(first, first + ASKED):
        began = time.perf_counter()
        await room.send(number, kind, contents[number % len(contents)])
        times.append((time.perf_counter() - began) * 1000)
    return times


def table_bytes(place: Path) -> int:
    return sum(allocated_bytes(path / "base") for path in postgresql_directories((place,)))


def row(what: str, times_ms: list[float], how: str) -> Row:
    figure = f"{percentile(times_ms, 0.5):.1f} ms; p95 {percentile(times_ms, 0.95):.1f} ms"
    return Row(what, figure, "stated", how)
