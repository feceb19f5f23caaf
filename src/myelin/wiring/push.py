"""Push: where people are rung, and what rings them."""

from __future__ import annotations

import asyncio
import os
import random
import socket
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import asyncpg
import msgspec

from myelin.actions.pushers import remove_pusher
from myelin.append.followers import Followers
from myelin.append.loading import Loading
from myelin.append.memory import Memory
from myelin.append.pool import Pool
from myelin.entries.entry import Entry
from myelin.log.log import Log
from myelin.projections.loader import ProjectionLoader
from myelin.projections.notifications import Notifications
from myelin.push.addresses import Addresses
from myelin.push.backoff import Backoff
from myelin.push.badges import Badges
from myelin.push.delivery import Delivery, Missed
from myelin.push.destinations import Destinations
from myelin.push.leadership import Leadership
from myelin.push.notes import Names, Note
from myelin.push.outbox import NOTES_LIMIT, Bell, Outbox, Ring
from myelin.push.posting import Posting
from myelin.push.ringing import NamesOf, Remove, Ringing, Voice
from myelin.push.switchboard import Switchboard
from myelin.push.web_push import Vapid
from myelin.settings import Settings
from myelin.stores.pushers import Pusher, Pushers
from myelin.stores.server_secrets import secret
from myelin.sync.notifications import NotificationPages
from myelin.sync.rendering import Renderer
from myelin.sync.tails import Tails
from myelin.sync.unread import AudibleCounts, Unread
from myelin.wiring.clock import clock_ms


class Push(msgspec.Struct, frozen=True):
    """What rings, what it needs to know, and what lists what rang."""

    pushers: Pushers
    destinations: Destinations
    vapid: Vapid
    delivery: Delivery
    pages: NotificationPages


async def push_of(
    settings: Settings,
    url: str,
    reads: asyncpg.Pool,
    memory: Memory,
    loading: Loading,
    pool: Pool,
    tails: Tails,
    renderer: Renderer,
    followers: Followers,
) -> Push:
    """Build what rings people's devices, and have it follow the log."""
    pushers, notifications = Pushers(reads), Notifications(reads)
    destinations = Destinations(settings.public_url, settings.push_gateways, settings.web_push_hosts)
    vapid = Vapid(await secret(reads, "vapid", os.urandom), contact_of(settings))
    badges = Badges(AudibleCounts(Unread(reads), memory, loading, tails).of)
    names = names_of(settings, loading, ProjectionLoader(reads))

    @asynccontextmanager
    async def opened() -> AsyncIterator[Callable[[asyncio.TaskGroup], Switchboard]]:
        async with posting() as posts:
            voice = Voice(posts, vapid, clock_ms, os.urandom)
            ringing = Ringing(loading, badges, names, remover(pool), voice, settings.push_patience_hours)
            yield lambda tasks: Switchboard(destinations, random.random, ringing.ring, outboxes(tasks))

    delivery = Delivery(
        memory,
        loading,
        Log(reads),
        pushers,
        badges,
        missed_of(loading, notifications),
        Leadership(url),
        opened,
    )
    followers.add(delivery.published)
    pages = NotificationPages(
        reads, memory, loading, notifications, renderer, await secret(reads, "notifications", os.urandom)
    )
    return Push(pushers, destinations, vapid, delivery, pages)


def outboxes(tasks: asyncio.TaskGroup) -> Callable[[Ring], Outbox]:
    return lambda ring: Outbox(ring, tasks.create_task, asyncio.sleep, Backoff(random.random))


@asynccontextmanager
async def posting() -> AsyncIterator[Posting]:
    """Yield what posts to the world outside: it follows no redirects and heeds no proxy of the environment."""
    # Only where somebody is rung: the client and the certificates of the world take memory.
    import httpx

    limits = httpx.Limits(max_connections=200, max_keepalive_connections=50, keepalive_expiry=60)
    async with httpx.AsyncClient(follow_redirects=False, trust_env=False, limits=limits, timeout=10) as client:
        yield Posting(client, Addresses(resolved, time.monotonic))


async def resolved(host: str) -> Sequence[str]:
    """Return the addresses of a host."""
    found = await asyncio.get_running_loop().getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def remover(pool: Pool) -> Remove:
    async def remove(bell: Bell, reason: str) -> None:
        await pool.submit(remove_pusher(*bell.pusher.key, reason))
        bell.is_removed = True

    return remove


def missed_of(loading: Loading, notifications: Notifications) -> Missed:
    async def missed(pusher: Pusher, after: int, upto: int) -> Sequence[Entry]:
        user = await loading.user(pusher.user_id)
        if user is None:
            return ()
        found = await notifications.latest(user, after, upto, NOTES_LIMIT)
        entries = await notifications.entries([each for each in found if not each.is_left_out])
        return [entries[position] for position in sorted(entries)]

    return missed


def names_of(settings: Settings, loading: Loading, loader: ProjectionLoader) -> NamesOf:
    async def none(_note: Note) -> Names | None:
        return None

    async def names(note: Note) -> Names | None:
        sender, room = await loading.user(note.sender), await loading.room(note.room_id)
        ref = room.state.get(("m.room.name", "")) if room is not None else None
        entry = (await loader.events([ref.event_id])).get(ref.event_id) if ref is not None else None
        name = entry.event.content.get("name") if entry is not None and entry.event is not None else None
        return Names(sender.displayname if sender is not None else None, name if isinstance(name, str) else None)

    return names if settings.push_content == "names" else none


def contact_of(settings: Settings) -> str:
    """Return whom a push service may write to: an https address, or that of the server's postmaster."""
    if settings.public_url.startswith("https:"):
        return settings.public_url
    return f"mailto:postmaster@{settings.server_name.partition(':')[0]}"
