"""Initial sync of a user who is in 200 rooms of 50 messages each, with timelines of 10 and of 50."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec

from bench.assignment import Figure
from bench.load.answers import SYNC
from bench.load.matrix import each

if TYPE_CHECKING:
    from bench.load.matrix import User
    from bench.load.site import Site

MESSAGES_PER_ROOM = 50
REPETITIONS = 10
AUTHORS = 8


async def measure(site: Site) -> list[Figure]:
    reader, *authors = await site.homeserver.register_many(1 + AUTHORS)
    await each(list(range(site.durations.rooms)), lambda number: fill_room(reader, authors[number % AUTHORS]))
    return [figure for limit in (10, 50) for figure in await syncs(site, reader, limit)]


async def fill_room(reader: User, author: User) -> None:
    room_id = await author.create_room([reader.user_id])
    await reader.join(room_id)
    pen = author.pen(room_id)
    for number in range(1, 1 + MESSAGES_PER_ROOM):
        await pen.write(number)


async def syncs(site: Site, reader: User, limit: int) -> list[Figure]:
    """The first is counted apart: it also fills the server's caches."""
    start = site.meter.usage()
    event_count = await initial_sync(reader, limit, 0)
    first = site.meter.usage()
    for repetition in range(1, 1 + REPETITIONS):
        await initial_sync(reader, limit, repetition)
    return [
        Figure("initial", f"limit_{limit}_first_cpu_s", first.since(start).total_s),
        Figure("initial", f"limit_{limit}_cpu_s", site.meter.usage().since(first).total_s / REPETITIONS),
        Figure("initial", f"limit_{limit}_timeline_events", event_count),
    ]


async def initial_sync(reader: User, limit: int, repetition: int) -> int:
    """How many timeline events came; each repetition asks differently, so that no stored answer is given twice."""
    wanted = {"room": {"timeline": {"limit": limit}}, "presence": {"not_senders": [f"@nobody-{repetition}:bench"]}}
    answer = await reader.get(f"/sync?timeout=0&filter={quote(msgspec.json.encode(wanted).decode())}")
    return sum(len(room.timeline.events) for room in SYNC.decode(answer.body).rooms.join.values())
