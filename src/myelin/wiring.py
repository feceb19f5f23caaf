"""The composition root's second half: what stands at the edges of the API, built from what `main` has built."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence

import asyncpg
import msgspec

from myelin.actions.account_data import AccountDataChanges
from myelin.actions.profile_spread import ProfileSpread
from myelin.admin.health import Figures, Health
from myelin.admin.metrics import Metrics, Reading
from myelin.api.discovery.front_page import FrontPage
from myelin.api.discovery.server_keys import ServerKeys
from myelin.api.discovery.versions import versions_routes
from myelin.api.discovery.well_known import WellKnown
from myelin.api.encryption.backup_keys import BackupKeys
from myelin.api.encryption.backup_versions import BackupVersions
from myelin.api.encryption.cross_signing import CrossSigning
from myelin.api.encryption.find_keys import FindKeys
from myelin.api.encryption.send_to_device import SendToDevice
from myelin.api.encryption.upload_keys import UploadKeys
from myelin.api.media.download import Download
from myelin.api.media.upload import Upload
from myelin.api.receipts.receipts import Receipts as PostReceipts
from myelin.api.receipts.typing import SetTyping
from myelin.api.rooms.create_room import CreateRoom
from myelin.api.rooms.directory import Directory
from myelin.api.rooms.history import RoomHistory
from myelin.api.rooms.members import Members
from myelin.api.rooms.membership import Membership
from myelin.api.rooms.relations import RelatingEvents
from myelin.api.rooms.send import Send
from myelin.api.rooms.state import State
from myelin.api.syncing.filters import Filters
from myelin.api.user_data.account_data import AccountData
from myelin.api.user_data.presence import Presence
from myelin.api.user_data.profile import Profile
from myelin.api.user_data.push_rules import PushRulesApi
from myelin.api.user_data.tags import Tags
from myelin.api.user_data.third_party import third_party_routes
from myelin.api.voip.turn_server import Relay, TurnServer
from myelin.append.collector import Collector
from myelin.append.loading import Loading
from myelin.append.measured import MeasuredWriter
from myelin.append.memory import Memory
from myelin.append.pool import Pool
from myelin.entries.entry import Entry
from myelin.entries.items import Receipt
from myelin.ephemera.signals import Signals
from myelin.ephemera.typing import Typing
from myelin.http.application import Edge
from myelin.http.interactive_authentication import InteractiveAuthentication
from myelin.http.routes import Route
from myelin.log.log import Log
from myelin.log.tail import Tail
from myelin.matrix.signing import SigningKey
from myelin.media.catalogue import Catalogue
from myelin.media.files import Files
from myelin.projections.account_data import AccountDataReader
from myelin.projections.profiles import ProfileReader
from myelin.projections.published_keys import PublishedKeys
from myelin.schema.queries import Queries, load_queries
from myelin.settings import Settings
from myelin.stores.filters import StoredFilters
from myelin.stores.key_backup import KeyBackups
from myelin.stores.one_time_keys import OneTimeKeys
from myelin.stores.to_device import ToDeviceMessages
from myelin.sync.account_data import RoomAccountData
from myelin.sync.device_changes import DeviceChanges
from myelin.sync.device_lists import DeviceLists
from myelin.sync.ephemeral import Ephemeral
from myelin.sync.history import History
from myelin.sync.history_facts import HistoryFacts
from myelin.sync.joined_rooms import JoinedRooms
from myelin.sync.lazy_members import LazyMembers
from myelin.sync.left_rooms import LeftRooms
from myelin.sync.past_state import PastState
from myelin.sync.quick_rooms import QuickRooms
from myelin.sync.read_events import ReadEvents
from myelin.sync.receipts import Receipts
from myelin.sync.relations import Relations
from myelin.sync.rendering import Renderer
from myelin.sync.room_directory import RoomDirectory
from myelin.sync.room_view import RoomViews
from myelin.sync.rooms import Rooms
from myelin.sync.sharing import SharingWaker
from myelin.sync.state import States
from myelin.sync.stripped_rooms import StrippedRooms
from myelin.sync.summaries import Summaries
from myelin.sync.tails import Tails
from myelin.sync.timeline import Timelines
from myelin.sync.to_device import ToDevice
from myelin.sync.unloaded_rooms import UnloadedRooms
from myelin.sync.unread import Unread
from myelin.sync.waiters import Waiters


class Watched(msgspec.Struct, frozen=True, kw_only=True):
    """What health and metrics look at."""

    log: Log
    memory: Memory
    pool: Pool
    writer: MeasuredWriter
    tail: Tail
    tails: Tails
    waiters: Waiters


def discovery_routes(settings: Settings, key: SigningKey, clock_ms: Callable[[], int]) -> Iterator[Route]:
    """Yield what is asked before anybody signs in, and where calls find their relay."""
    yield from FrontPage().routes()
    yield from versions_routes()
    yield from WellKnown(settings.public_url).routes()
    yield from ServerKeys(settings.server_name, key, clock_ms).routes()
    yield from TurnServer(relay_of(settings), clock_ms).routes()


def relay_of(settings: Settings) -> Relay | None:
    """Return the relay for calls, None where the site has none."""
    if not settings.turn_uris or settings.turn_secret is None:
        return None
    return Relay(settings.turn_uris, settings.turn_secret, settings.turn_ttl_seconds)


def media_routes(
    settings: Settings, pool: Pool, reads: asyncpg.Pool, random: Callable[[int], bytes]
) -> Iterator[Route]:
    """Yield files, uploaded and downloaded."""
    files = Files(settings.data_dir / "media", random)
    files.prepare()
    yield from Upload(pool, files, settings.server_name, settings.upload_limit_bytes, random).routes()
    yield from Download(Catalogue(reads), files, settings.server_name).routes()


def rooms_section(
    reads: asyncpg.Pool,
    queries: Queries,
    memory: Memory,
    loading: Loading,
    tails: Tails,
    timelines: Timelines,
    renderer: Renderer,
    history: HistoryFacts,
    typing: Typing,
    clock_ms: Callable[[], int],
) -> Rooms:
    """Build the section `rooms` of `/sync`."""
    lazy, unread = LazyMembers(), Unread(reads)
    states = States(reads, queries, renderer, history, lazy)
    account_data = RoomAccountData(reads)
    joined = JoinedRooms(
        reads,
        queries,
        memory,
        loading,
        tails,
        history,
        timelines,
        states,
        Ephemeral(tails, Receipts(reads, queries), typing),
        account_data,
        Summaries(reads),
        unread,
        QuickRooms(memory, tails, typing, lazy, unread, clock_ms),
        clock_ms,
    )
    return Rooms(joined, StrippedRooms(reads), LeftRooms(timelines, states, history, account_data))


class RoomReaders(msgspec.Struct, frozen=True):
    """What reads rooms for those who may look."""

    views: RoomViews
    state: PastState
    history: History
    relations: Relations
    directory: RoomDirectory


def room_readers(
    reads: asyncpg.Pool,
    sync_queries: Queries,
    memory: Memory,
    loading: Loading,
    renderer: Renderer,
    facts: HistoryFacts,
) -> RoomReaders:
    """Build what reads rooms."""
    queries = load_queries("myelin.sync", "history.sql")
    state = PastState(reads, queries, sync_queries, renderer)
    history = History(reads, queries, renderer, state)
    return RoomReaders(
        views=RoomViews(memory, loading, facts),
        state=state,
        history=history,
        relations=Relations(reads, queries, history),
        directory=RoomDirectory(reads, queries, loading),
    )


def room_routes(settings: Settings, pool: Pool, loading: Loading, readers: RoomReaders) -> Iterator[Route]:
    """Yield rooms: made, joined, left, written to, read and found."""
    views, server_name = readers.views, settings.server_name
    yield from CreateRoom(pool, server_name, settings.room_version).routes()
    yield from Membership(pool, loading, readers.directory).routes()
    yield from Send(pool, readers.relations).routes()
    yield from State(pool, views, readers.state).routes()
    yield from Members(views, readers.state).routes()
    yield from RoomHistory(views, readers.history).routes()
    yield from RelatingEvents(views, readers.relations).routes()
    yield from Directory(pool, loading, views, readers.directory, server_name).routes()


def all_of(listeners: Sequence[Callable[[Sequence[Entry]], None]]) -> Callable[[Sequence[Entry]], None]:
    """Return one listener that tells all of these, in their order."""

    def published(entries: Sequence[Entry]) -> None:
        for listener in listeners:
            listener(entries)

    return published


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


def person_routes(pool: Pool, loading: Loading, reads: asyncpg.Pool, spread: ProfileSpread) -> Iterator[Route]:
    """Yield what belongs to a person: profile, account data, tags, push rules, filters, presence."""
    reader = AccountDataReader(reads)
    changes = AccountDataChanges(pool, reader.read)
    yield from Profile(pool, ProfileReader(reads), spread.changed).routes()
    yield from AccountData(pool, reader).routes()
    yield from Tags(changes, reader).routes()
    yield from PushRulesApi(changes, reader).routes()
    yield from Filters(StoredFilters(reads)).routes()
    yield from Presence(loading).routes()
    yield from third_party_routes()


def reading_routes(
    pool: Pool,
    loading: Loading,
    receipts: Collector[Receipt],
    read_events: ReadEvents,
    typing: Typing,
    clock_ms: Callable[[], int],
) -> Iterator[Route]:
    """Yield receipts, read markers and typing."""
    yield from PostReceipts(pool, loading, receipts, read_events, clock_ms).routes()
    yield from SetTyping(loading, typing).routes()


class Encryption(msgspec.Struct, frozen=True, kw_only=True):
    """What end-to-end encryption is served from."""

    published: PublishedKeys
    keys: OneTimeKeys
    backups: KeyBackups
    changes: DeviceChanges
    sharing: SharingWaker
    device_lists: DeviceLists
    to_device: ToDevice


def encryption_of(reads: asyncpg.Pool, memory: Memory, loading: Loading, waiters: Waiters) -> Encryption:
    """Build the readers and queues of encryption; `changes` must hear of every entry from here on."""
    changes = DeviceChanges(memory)
    return Encryption(
        published=PublishedKeys(reads),
        keys=OneTimeKeys(reads),
        backups=KeyBackups(reads),
        changes=changes,
        sharing=SharingWaker(reads, memory, waiters),
        device_lists=DeviceLists(reads, loading, changes),
        to_device=ToDevice(ToDeviceMessages(reads)),
    )


def encryption_routes(
    pool: Pool, memory: Memory, loading: Loading, parts: Encryption, interactive: InteractiveAuthentication
) -> Iterator[Route]:
    """Yield keys, signatures, messages to devices, key backups."""
    yield from UploadKeys(pool, loading, parts.published, parts.keys).routes()
    yield from FindKeys(pool, memory, loading, parts.published, parts.keys, parts.device_lists).routes()
    yield from CrossSigning(pool, loading, parts.published, interactive).routes()
    yield from SendToDevice(pool).routes()
    yield from BackupVersions(pool, parts.backups).routes()
    yield from BackupKeys(parts.backups).routes()


def health_of(watched: Watched, edge: Edge, clock_ms: Callable[[], int], clock_s: Callable[[], float]) -> Health:
    """Build the check of health."""
    figures = Figures(lambda: watched.memory.head, lambda: watched.tail.process_count)
    return Health(watched.log, figures, edge.proxies, clock_ms, clock_s)


def metrics_of(watched: Watched, edge: Edge, health: Health) -> Metrics:
    """Build the metrics."""
    return Metrics(edge.traffic, readings(watched, health), edge.proxies)


def readings(watched: Watched, health: Health) -> Iterator[Reading]:
    """Yield what is counted where, under its name."""
    writer, pool, memory, waiters = watched.writer, watched.pool, watched.memory, watched.waiters
    yield Reading("myelin_head", "The last position of the log seen here.", lambda: memory.head)
    yield Reading("myelin_appended_batches", "Batches appended.", lambda: writer.batches, True)
    yield Reading("myelin_appended_entries", "Entries appended.", lambda: writer.entries, True)
    yield Reading("myelin_append_seconds", "Time spent appending.", lambda: writer.seconds, True)
    yield Reading("myelin_append_failures", "Appends that failed.", lambda: writer.failures, True)
    yield Reading("myelin_pool_waiting", "Proposals that wait for a batch.", lambda: pool.waiting)
    yield Reading("myelin_waiters", "Requests that wait for news.", lambda: len(waiters))
    yield Reading("myelin_tails_bytes", "Memory of the latest entries of rooms.", lambda: watched.tails.size_bytes)
    yield Reading("myelin_processes", "Server processes on this log.", lambda: watched.tail.process_count)
    yield Reading("myelin_healthy", "1 where health finds nothing wrong.", lambda: not health.latest.problems)
    yield Reading("myelin_clock_difference_ms", "How far the database's clock is ahead.", lambda: difference_ms(health))


def difference_ms(health: Health) -> int:
    return health.latest.clock_difference_ms or 0
