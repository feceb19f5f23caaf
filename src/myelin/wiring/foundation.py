"""What everything stands on: the state, the pool and the readers of one open database."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable

import asyncpg
import msgspec

from myelin.actions.departures import Departures
from myelin.actions.directory_rooms import DirectoryRooms
from myelin.actions.profile_spread import ProfileSpread
from myelin.append.collector import Collector, deliveries_collector, receipts_collector
from myelin.append.followers import Followers
from myelin.append.loading import Loading
from myelin.append.measured import MeasuredWriter
from myelin.append.memory import Memory
from myelin.append.origin import Origin
from myelin.append.pool import Pool
from myelin.entries.items import Delivery, Receipt
from myelin.ephemera.signals import Signals
from myelin.ephemera.typing import Typing
from myelin.http.limits import NoLimits, RateLimits
from myelin.log.log import Log
from myelin.log.tail import Freshness, Tail
from myelin.log.writer import Writer
from myelin.matrix.signing import SigningKey
from myelin.projections.accounts import Accounts
from myelin.projections.directory import DirectoryReader
from myelin.projections.loader import ProjectionLoader
from myelin.projections.profiles import ProfileReader
from myelin.projections.push_rules import push_rules
from myelin.schema.queries import Queries, load_queries
from myelin.settings import Settings
from myelin.staff.on_duty import Duty
from myelin.stores.server_secrets import secret, signing_key
from myelin.stores.tokens import AccessTokens
from myelin.sync.feed import Feed
from myelin.sync.history_facts import HistoryFacts
from myelin.sync.rendering import Renderer
from myelin.sync.tails import Tails
from myelin.sync.timeline import Timelines
from myelin.sync.token import TokenSeal
from myelin.sync.unloaded_rooms import UnloadedRooms
from myelin.sync.waiters import Waiters
from myelin.wiring.clock import clock_ms
from myelin.wiring.delayed_events import Delayed, delayed_of
from myelin.wiring.directory import DirectoryParts, directory_parts
from myelin.wiring.directory_rooms import directory_rooms, policy_of
from myelin.wiring.encryption import Encryption, encryption_of
from myelin.wiring.push import Push, push_of
from myelin.wiring.room_readers import RoomReaders, room_readers
from myelin.wiring.sign_ins import SignIns, sign_ins
from myelin.wiring.staff import duty_of


class Foundation(msgspec.Struct, frozen=True, kw_only=True):
    """What endpoints and sections are built from. It never leaves the wiring: each gets only what it uses."""

    settings: Settings
    reads: asyncpg.Pool
    queries: Queries
    log: Log
    memory: Memory
    loading: Loading
    pool: Pool
    writer: MeasuredWriter
    tail: Tail
    freshness: Freshness
    followers: Followers
    unloaded_rooms: UnloadedRooms
    receipts: Collector[Receipt]
    deliveries: Collector[Delivery]
    tokens: AccessTokens
    limits: RateLimits | NoLimits
    sign_ins: SignIns
    departures: Departures
    directory_rooms: DirectoryRooms
    tails: Tails
    waiters: Waiters
    renderer: Renderer
    history: HistoryFacts
    readers: RoomReaders
    timelines: Timelines
    encryption: Encryption
    typing: Typing
    signals: Signals
    profile_spread: ProfileSpread
    directory: DirectoryParts
    duty: Duty
    delayed: Delayed
    push: Push
    seal: TokenSeal
    key: SigningKey
    random: Callable[[int], bytes] = os.urandom


async def build(settings: Settings, url: str, reads: asyncpg.Pool) -> Foundation:
    """Build the state, the pool and the readers on an open database."""
    log, tails, waiters = Log(reads), Tails(), Waiters()
    memory = await memory_at_head(log, tails, reads)
    loading = Loading(ProjectionLoader(reads), memory)
    tokens, unloaded_rooms = AccessTokens(reads, clock_ms), UnloadedRooms(loading, waiters)
    encryption = encryption_of(reads, memory, loading, waiters)
    await encryption.changes.reach_back(reads)
    feed = Feed(memory, tails, waiters, encryption.sharing.wake, unloaded_rooms.wake_later)
    key = await signing_key(reads, os.urandom, clock_ms())
    departures, rooms = Departures(Accounts(reads).memberships_of_closed), directory_rooms(settings, reads)
    queries, followers = load_queries("myelin.sync"), Followers()
    followers.add(tokens.published, encryption.changes.published, feed.published, departures.published)
    limits = RateLimits(time.monotonic) if settings.rate_limits else NoLimits()
    tail = Tail(url)
    signals, writer = Signals(tail.signal), MeasuredWriter(Writer(url, tail.claim), time.perf_counter)
    pool = pool_of(settings, key, writer, memory, loading, tail, followers)
    await tail.open()
    await pool.catch_up()
    profile_spread = ProfileSpread(pool.submit, ProfileReader(reads).rooms_behind)
    directory = directory_parts(DirectoryReader(reads), pool.submit, loading, profile_spread, departures)
    renderer, history = Renderer(reads, queries, clock_ms), HistoryFacts(reads, queries)
    followers.add(directory.carrying.published, rooms.published)
    return Foundation(
        settings=settings,
        reads=reads,
        queries=queries,
        log=log,
        memory=memory,
        loading=loading,
        pool=pool,
        writer=writer,
        tail=tail,
        freshness=Freshness(reads, tail, lambda: memory.head, pool.catch_up),
        followers=followers,
        unloaded_rooms=unloaded_rooms,
        receipts=receipts_collector(pool.submit),
        deliveries=deliveries_collector(pool.submit),
        tokens=tokens,
        limits=limits,
        sign_ins=await sign_ins(settings, reads, limits),
        departures=departures,
        directory_rooms=rooms,
        tails=tails,
        waiters=waiters,
        renderer=renderer,
        history=history,
        readers=room_readers(reads, queries, memory, loading, renderer, history),
        timelines=Timelines(reads, queries, renderer, history),
        encryption=encryption,
        typing=typing_of(os.urandom(4).hex(), memory, waiters, unloaded_rooms, tail, signals),
        signals=signals,
        delayed=delayed_of(reads, pool),
        push=await push_of(settings, url, reads, memory, loading, pool, tails, renderer, followers),
        profile_spread=profile_spread,
        directory=directory,
        duty=duty_of(reads, followers, settings),
        seal=TokenSeal(await secret(reads, "sync_token", os.urandom)),
        key=key,
    )


async def memory_at_head(log: Log, tails: Tails, reads: asyncpg.Pool) -> Memory:
    """Return the memory of a process that begins where the log ends, and have its tails begin there too."""
    memory = Memory()
    memory.start_at((await log.read(await log.head() - 1, 1))[0])
    tails.started_at = memory.head
    # What changes after the head is folded on top, when the log is caught up with.
    async for user_id, content in push_rules(reads):
        memory.people.set_rules(user_id, content)
    return memory


def pool_of(
    settings: Settings,
    key: SigningKey,
    writer: MeasuredWriter,
    memory: Memory,
    loading: Loading,
    tail: Tail,
    followers: Followers,
) -> Pool:
    """Build the pool that every change goes through."""
    origin, policy = Origin(settings.server_name, key, os.urandom), policy_of(settings)
    return Pool(writer, memory, loading, origin, policy, clock_ms, lambda: tail.alone, followers.published)


def typing_of(
    process_id: str, memory: Memory, waiters: Waiters, unloaded: UnloadedRooms, tail: Tail, signals: Signals
) -> Typing:
    """Build who is typing: whoever is in the room wakes up, and the other processes hear of it."""

    def changed(room_id: str) -> None:
        room = memory.loaded_room(room_id)
        if room is None:
            unloaded.wake_later(room_id)
        else:
            waiters.wake(room.joined())

    typing = Typing(process_id, later, changed, signals.put)
    tail.on_signal(typing.received)
    return typing


def later(delay_s: float, call: Callable[[], None]) -> asyncio.TimerHandle:
    """Have something called after some seconds."""
    return asyncio.get_running_loop().call_later(delay_s, call)
