"""CPU of room creation and of a join."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.assignment import Figure

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

    from bench.load.matrix import User
    from bench.load.site import Site

ROOMS = 10


async def measure(site: Site) -> list[Figure]:
    owner, *others = await site.homeserver.register_many(1 + site.durations.creations // ROOMS)
    created_ms = await cpu_ms(site, [owner.create_room() for _ in range(site.durations.creations)])
    rooms = [await owner.create_room(preset="public_chat") for _ in range(ROOMS)]
    joined_ms = await cpu_ms(site, joins(others, rooms))
    for user in (owner, *others):
        user.channel.close()
    return [Figure("create", "create_room_cpu_ms", created_ms), Figure("create", "join_cpu_ms", joined_ms)]


def joins(users: list[User], rooms: list[str]) -> list[Awaitable[None]]:
    return [user.join(room_id) for user in users for room_id in rooms]


async def cpu_ms(site: Site, calls: Sequence[Awaitable[object]]) -> float:
    """CPU of each call, server and database together, one call after another."""
    before = site.meter.usage()
    for call in calls:
        await call
    return site.meter.usage().since(before).total_s * 1000 / len(calls)
