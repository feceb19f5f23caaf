"""Clients who wait in `/sync` in rooms where nothing happens: their memory, and what they cost a message elsewhere."""

from __future__ import annotations

import asyncio
import resource
from typing import TYPE_CHECKING
from urllib.parse import quote

from bench.assignment import Figure
from bench.load import loops
from bench.load.answers import SYNC
from bench.load.http import Channel
from bench.load.matrix import each, succeeded
from bench.rows.shapes import ROOMS_OF_10

if TYPE_CHECKING:
    from bench.load.matrix import User
    from bench.load.site import Site

ROOM_SIZE = 50
WAIT_MS = 600_000
"""Longer than a window, so that coming back is not counted as the cost of waiting."""
OTHER_DESCRIPTORS = 800
CLIENTS_PER_SOURCE = 4_000


class Crowd:
    """Waiting clients, one or more for each user, from as many of loopback's addresses as they need."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._waiting: list[asyncio.Task[None]] = []
        self._channels: list[Channel] = []
        self.answered = 0

    async def gather(self, user_count: int, client_count: int) -> None:
        users = await self._site.homeserver.register_many(user_count)
        groups = [users[start : start + ROOM_SIZE] for start in range(0, len(users), ROOM_SIZE)]
        await each(groups, share_a_room)
        tokens = await each(users, position)
        for client in range(client_count):
            user, since = users[client % user_count], tokens[client % user_count]
            self._waiting.append(asyncio.create_task(self._wait(user, since, client)))
            if client % 100 == 99:
                await asyncio.sleep(0.02)
        await asyncio.sleep(3)

    async def _wait(self, user: User, since: str, client: int) -> None:
        address = self._site.homeserver.address
        channel = Channel(address._replace(source=f"127.0.0.{2 + client // CLIENTS_PER_SOURCE}"))
        self._channels.append(channel)
        path = f"/sync?timeout={WAIT_MS}&since="
        while True:
            answer = await channel.request(user.request("GET", path + quote(since, safe="._~-")))
            since = SYNC.decode(succeeded(answer).body).next_batch
            self.answered += 1

    def missing(self) -> int:
        """Clients who could not wait."""
        return sum(task.done() for task in self._waiting)

    async def leave(self) -> None:
        for task in self._waiting:
            task.cancel()
        await asyncio.gather(*self._waiting, return_exceptions=True)
        for channel in self._channels:
            channel.close()


async def share_a_room(users: list[User]) -> None:
    owner, *others = users
    room_id = await owner.create_room([user.user_id for user in others])
    for user in others:
        await user.join(room_id)


async def position(user: User) -> str:
    """Where an initial sync ends; the channel that set the user up is no longer needed."""
    since = SYNC.decode((await user.get("/sync?timeout=0")).body).next_batch
    user.channel.close()
    return since


async def memory(site: Site) -> list[Figure]:
    """Resident memory that a waiting client adds, his user, device and room membership among it."""
    client_count = site.durations.idle_users
    before_bytes, crowd = site.meter.resident_bytes(), Crowd(site)
    await crowd.gather(client_count, client_count)
    added_bytes = site.meter.resident_bytes() - before_bytes
    missing = crowd.missing()
    await crowd.leave()
    return [
        Figure("memory", "kib_per_idle_client", added_bytes / 1024 / client_count),
        Figure("memory", "clients", client_count - missing),
    ]


async def cost(site: Site) -> list[Figure]:
    """What a message costs with and without the crowd; on a machine with few open files the crowd is smaller."""
    _, most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
    client_count = min(site.durations.idle_clients, most_files - OTHER_DESCRIPTORS)
    crowd = Crowd(site)
    alone = await message_costs(site)
    await crowd.gather(min(site.durations.idle_users, client_count), client_count)
    crowded = await message_costs(site)
    figures = [
        Figure("idle", "clients", client_count - crowd.missing()),
        Figure("idle", "answered_meanwhile", crowd.answered),
        *(Figure("idle", f"{name}_alone", value) for name, value in alone.items()),
        *(Figure("idle", f"{name}_crowded", value) for name, value in crowded.items()),
        *(Figure("idle", f"{name}_added_percent", (crowded[name] / alone[name] - 1) * 100) for name in alone),
    ]
    await crowd.leave()
    return figures


async def message_costs(site: Site) -> dict[str, float]:
    """CPU seconds of 1,000 messages at 200/s and in a closed loop."""
    ward = await site.ward(ROOMS_OF_10)
    steady = await site.window(ward, lambda: loops.opened(ward, 200, site.durations.idle_s))
    quick = await site.window(ward, lambda: loops.closed(ward, site.durations.idle_s / 2))
    return {
        "open200_cpu_s_per_1000": steady.usage.total_s * 1000 / max(1, steady.accepted),
        "closed_cpu_s_per_1000": quick.usage.total_s * 1000 / max(1, quick.accepted),
    }
